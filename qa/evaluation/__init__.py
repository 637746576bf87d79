"""Offline evaluation: data sets, scores, and the runs behind ``qa eval``."""
