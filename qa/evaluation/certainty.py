"""What a report says beside its scores: how certain they are, and under what circumstances they came about."""

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import numpy as np

from qa.evaluation.columns import columns_of
from qa.evaluation.estimates import Estimator, estimators
from qa.evaluation.report import Bootstrap, Report, RiskCoverageScores
from qa.evaluation.resampling import LEVEL, RESAMPLES, SEED, Clusters, clusters_of, percentile_interval, resamples

PACKAGES = ("footnote-qa", "numpy", "onnxruntime", "tokenizers", "faiss-cpu", "ir-measures")
"""Packages whose version may change a score."""


def complete(report: Report) -> Report:
    """The report with the area under the risk-coverage curve, intervals, seed, peak memory and versions.

    Args:
        report: of a run in this process, with the results of its questions.
    """
    if report.diagnostics is not None:
        report = report.model_copy(update={"risk_coverage": RiskCoverageScores(aurc=report.diagnostics.aurc)})
    clusters = clusters_of(columns_of(report.results)["context"])
    bootstrap = Bootstrap(unit=clusters.unit, units=clusters.count, resamples=RESAMPLES, level=LEVEL)
    return report.model_copy(
        update={
            "intervals": intervals(report, clusters),
            "bootstrap": bootstrap,
            "seed": SEED,
            "peak_memory_mb": peak_memory_mb(),
            "versions": versions(),
        }
    )


def intervals(report: Report, clusters: Clusters) -> dict[str, tuple[float, float]]:
    """The 95 % interval of every score of the report that has one, by its name in the JSON, with dots."""
    present = dict(numbers(report.model_dump(by_alias=True, exclude_none=True, mode="json")))
    chosen = {name: score for name, score in estimators(report.results, report.mode).items() if name in present}
    found = {name: percentile_interval(samples) for name, samples in sample(chosen, clusters).items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def sample(scores: dict[str, Estimator], clusters: Clusters) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Every score on every resample, in arrays of shape (resamples,), float64, NaN where it is not defined."""
    samples: dict[str, list[np.ndarray[Any, np.dtype[np.float64]]]] = {name: [] for name in scores}
    for weights in resamples(clusters):
        for name, score in scores.items():
            samples[name].append(score(weights))
    return {name: np.concatenate(parts) for name, parts in samples.items()}


def numbers(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of a JSON object and of the objects in it, by their names with dots; lists are left out."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield prefix + name, value


def peak_memory_mb() -> float | None:
    """Most memory that this process has held so far, in MB (10**6 bytes), models included; ``None`` on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts kibibytes, macOS bytes (getrusage(2) of each).
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that may change a score."""
    found = {"python": python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            # Whoever runs from a plain checkout has no installed footnote-qa; what is not there cannot be named.
            continue
    return found
