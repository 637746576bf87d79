"""Extractive reading: windows, decoding, calibration, and the networks behind them."""

from qa.reader.loading import load_bundle, load_reader
from qa.reader.reader import Reader
from qa.reader.reading import Reading, ReadSpan

__all__ = ["ReadSpan", "Reader", "Reading", "load_bundle", "load_reader"]
