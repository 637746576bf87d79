"""From trained weights to the folder the product loads: ``first.onnx`` and ``rest.onnx`` (``model.onnx`` for weights without an
early look), ``tokenizer.json``, ``reader.json``.

``reader.json`` names every file with its SHA-256, so a damaged or swapped file is noticed before it answers anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.reader.comparing import Comparison
from qa.reader.loading import PAIRS
from qa.training.graph import build_graph, build_stages
from qa.training.nodes import GraphOptions
from qa.training.weights import WeightsError, is_mpnet, read_weights

FORMAT = 1
MODEL_FILE = "model.onnx"
STAGE_FILES = ("first.onnx", "rest.onnx")
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "reader.json"


@dataclass(frozen=True)
class BundleSettings:
    """What the manifest says of the reader: lengths in tokens, ``version`` as printed to users."""

    version: str
    name: str = "footnote-reader"
    max_length: int = 384
    stride: int = 128
    max_answer_tokens: int = 30


def plain_tokenizer(source: Path) -> str:
    """The JSON of a tokenizer with truncation and padding switched off: windowing is the reader's own business."""
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    loaded["truncation"] = None
    loaded["padding"] = None
    return json.dumps(loaded, ensure_ascii=False)


def export_bundle(
    weights_folder: Path,
    tokenizer_json: Path,
    out: Path,
    settings: BundleSettings,
    options: GraphOptions | None = None,
) -> dict[str, Any]:
    """Write the files of a reader into ``out`` and return the manifest.

    The manifest is written last, so a half-written folder never looks complete. Raises WeightsError when
    ``weights_folder`` holds no reader and OSError when ``out`` cannot be written.
    """
    if is_mpnet(weights_folder):
        raise WeightsError(f"{weights_folder} holds a teacher, which is too large to ship; export what it has taught")
    weights = read_weights(weights_folder)
    how = weights.arrays, weights.heads, weights.epsilon, options if options else GraphOptions()
    staged = "early.weight" in weights.arrays
    models = dict(zip(STAGE_FILES, build_stages(*how), strict=True)) if staged else {MODEL_FILE: build_graph(*how)}
    out.mkdir(parents=True, exist_ok=True)
    contents = {name: model.SerializeToString(deterministic=True) for name, model in models.items()}
    contents[TOKENIZER_FILE] = plain_tokenizer(tokenizer_json).encode("utf-8")
    for name, data in contents.items():
        (out / name).write_bytes(data)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "name": settings.name,
        "version": settings.version,
        "max_length": settings.max_length,
        "stride": settings.stride,
        "max_answer_tokens": settings.max_answer_tokens,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
        "outputs": [output.name for output in list(models.values())[-1].graph.output],
        "early_exit": None,
        "calibration": None,
        "threshold": None,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (out / MANIFEST_FILE).write_text(text, encoding="utf-8")
    return manifest


def put_comparison(folder: Path, arrays: Mapping[str, NDArray[np.float16]], comparison: Comparison) -> None:
    """Give a bundle what places are compared with; that of before is replaced.

    Args:
        folder: of the bundle.
        arrays: the changes and the head, see :mod:`qa.reader.adapting`.
        comparison: what their logits count.

    Raises:
        OSError: ``folder`` holds no bundle, or cannot be written.
    """
    from safetensors.numpy import save

    manifest: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    data = save(dict(arrays))
    (folder / PAIRS).write_bytes(data)
    manifest["files"][PAIRS] = hashlib.sha256(data).hexdigest()
    manifest["comparison"] = comparison.model_dump()
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
