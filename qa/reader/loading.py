"""Finding and checking a reader: the one that ships with Footnote, or any extractive-QA checkpoint.

A bundle is a folder with ``reader.json`` (the fields of :class:`Bundle`), ``tokenizer.json`` and the network:
``model.onnx``, or ``first.onnx`` and ``rest.onnx`` when it is in two stages. The hashes in ``reader.json`` are checked before
any file is used.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import ModelError
from qa.reader.adapting import adapted
from qa.reader.backends import Backend, Batch, Logits, StagedBackend, TorchBackend
from qa.reader.calibration import UNCALIBRATED, Calibration
from qa.reader.comparing import Comparer, Comparison, Head
from qa.reader.early import EarlyExit
from qa.reader.onnx import OnnxBackend, StagedOnnxBackend
from qa.reader.reader import Reader, ReaderSettings
from qa.reader.windows import Windower

BUNDLED = Path(__file__).parent.parent / "weights" / "reader"
"""The bundle that ships with Footnote."""

_FORMAT = 1
_MODEL = "model.onnx"
_STAGES = ("first.onnx", "rest.onnx")
_TOKENIZER = "tokenizer.json"
PAIRS = "pairs.safetensors"
"""What a bundle of two stages compares places with (:mod:`qa.reader.adapting`)."""
_SHORTEST = 32
# Kinds of networks whose first positions stand for padding, as RoBERTa's do.
_AFTER_PADDING = {
    "camembert", "data2vec-text", "ibert", "lilt", "longformer", "luke", "markuplm", "mpnet", "roberta",
    "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod",
}  # fmt: skip
_NEEDED = "It should hold config.json, model.safetensors and tokenizer.json of a question-answering model."


class Bundle(BaseModel):
    """The content of a bundle's ``reader.json``.

    ``files`` maps file names to SHA-256; ``outputs`` names the model's outputs; ``threshold`` is a confidence in 0..1;
    ``early_exit`` says which passages are not read to the end, ``comparison`` what the changes of ``pairs.safetensors`` count
    when places are compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    name: str
    version: str
    max_length: int = Field(ge=32)
    stride: int = Field(ge=0)
    max_answer_tokens: int = Field(ge=1)
    files: dict[str, str]
    outputs: list[str]
    calibration: Calibration | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    early_exit: EarlyExit | None = None
    comparison: Comparison | None = None

    @property
    def networks(self) -> tuple[str, ...]:
        """The files of the network, in the order in which they are run."""
        return _STAGES if _STAGES[0] in self.files else (_MODEL,)

    @property
    def fingerprint(self) -> str:
        """What identifies the weights: the SHA-256 of the network's file or, where it has two, that of both hashes, in
        hexadecimal, one after the other."""
        digests = [self.files.get(name, "") for name in self.networks]
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def load_reader(which: str | None = None) -> Reader:
    """Load a reader.

    Args:
        which: a bundle's folder, a Hugging Face checkpoint's folder or its name on the hub (fetched by the Hugging Face
            libraries, if they may); the bundled reader when ``None``.

    Raises:
        ModelError: it cannot be found, its files are damaged, or it was not trained to answer questions.
    """
    if which is None:
        return load_bundle(BUNDLED)
    folder = Path(which)
    if (folder / "reader.json").is_file():
        return load_bundle(folder)
    if not folder.exists() and _looks_like_a_path(which):
        raise ModelError(
            f"There is no folder {which}. --reader takes the folder of a reader, or a checkpoint's name such as owner/name."
        )
    return _load_checkpoint(which)


def _looks_like_a_path(which: str) -> bool:
    # Names of checkpoints are NAME or OWNER/NAME.
    return which.startswith((".", "~", "/", "\\")) or which.count("/") > 1 or "\\" in which


def read_bundle(folder: Path) -> Bundle:
    """The ``reader.json`` of a bundle. Raises ``ModelError`` when there is none or it is not valid."""
    try:
        bundle = Bundle.model_validate_json((folder / "reader.json").read_bytes())
    except OSError as error:
        raise ModelError(
            f"There is no reader in {folder}. Reinstall Footnote, or name another with --reader."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"{folder}/reader.json is not valid: {first['loc']}: {first['msg']}.") from error
    if bundle.format != _FORMAT:
        raise ModelError(f"{folder} has format {bundle.format}, but this version of Footnote reads format {_FORMAT}.")
    return bundle


def load_bundle(folder: Path) -> Reader:
    """Load a bundle after checking its hashes. Raises ``ModelError`` as :func:`load_reader`."""
    from tokenizers import Tokenizer

    bundle = read_bundle(folder)
    for name in (*bundle.networks, _TOKENIZER):
        _check(folder / name, bundle.files.get(name))
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    pad = tokenizer.token_to_id("[PAD]")
    backend = onnx_backend(folder, bundle)
    comparison = bundle.comparison
    load_comparer = None
    if comparison is not None and isinstance(backend, StagedBackend):
        _check(folder / PAIRS, bundle.files.get(PAIRS))
        load_comparer = partial(_load_comparer, folder, backend, tokenizer, comparison)
    settings = ReaderSettings(
        name=bundle.name,
        version=bundle.version,
        fingerprint=bundle.fingerprint,
        max_answer_tokens=bundle.max_answer_tokens,
        calibration=UNCALIBRATED if bundle.calibration is None else bundle.calibration,
        threshold=0.5 if bundle.threshold is None else bundle.threshold,
        early_exit=bundle.early_exit,
        comparing="" if load_comparer is None else f"{bundle.files[PAIRS]} {comparison}",
    )
    windower = Windower(tokenizer, bundle.max_length, bundle.stride)
    return Reader(backend, windower, settings, 0 if pad is None else pad, load_comparer)


def _load_comparer(folder: Path, backend: StagedBackend, tokenizer: Any, comparison: Comparison) -> Comparer:
    """What compares places, of a bundle of two stages."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(folder / PAIRS)
        head = Head.of(arrays)
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelError(f"{folder / PAIRS} is damaged ({error}). Reinstall Footnote.") from error
    return Comparer(backend, adapted(folder / _STAGES[1], arrays), head, tokenizer, comparison)


def onnx_backend(folder: Path, bundle: Bundle, threads: int | None = None) -> Backend:
    """What runs the network of a bundle.

    Args:
        folder: of the bundle.
        bundle: its ``reader.json``.
        threads: how many to use; one for each processor this process may use when ``None``.

    Raises:
        ModelError: a file is no such network.
    """
    files = [folder / name for name in bundle.networks]
    if len(files) == 1:
        return OnnxBackend(files[0], threads)
    return StagedOnnxBackend(files[0], files[1], threads)


def _check(path: Path, expected: str | None) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} is missing. Reinstall Footnote, or name another reader with --reader.") from error
    if digest != expected:
        raise ModelError(f"{path} is damaged: its SHA-256 is not the one in reader.json. Reinstall Footnote.")


def _load_checkpoint(which: str) -> Reader:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # Each failed attempt to reach the hub would be told in several lines.
    getLogger("huggingface_hub").setLevel(ERROR)
    try:
        tokenizer = AutoTokenizer.from_pretrained(which)
        # Of a checkpoint without model.safetensors pytorch_model.bin is read, a pickle of which only tensors are let in.
        # Sizes that do not fit are told of below.
        model, loaded = AutoModelForQuestionAnswering.from_pretrained(
            which, dtype="float32", weights_only=True, ignore_mismatched_sizes=True, output_loading_info=True
        )
    except (OSError, ValueError) as error:
        if Path(which).is_dir():
            needed = _NEEDED
        else:
            needed = (
                "There is no such folder, and none of that name was found on the hub, if that could be reached at all."
            )
        raise ModelError(f"No extractive-QA checkpoint can be loaded from {which}. {needed}") from error
    # The errors of safetensors, of pickles and of tokenizers have no common base but Exception, and each means the same here.
    except Exception as error:
        raise ModelError(
            f"No extractive-QA checkpoint can be loaded from {which} ({type(error).__name__}). {_NEEDED} Download it again "
            "if one of them is cut short, or is no more than a pointer of Git LFS."
        ) from error
    _check_weights(which, loaded)
    if not tokenizer.is_fast:
        raise ModelError(f"{which} has no fast tokenizer, which is needed for character offsets.")
    if tokenizer.padding_side != "right":
        raise ModelError(f"{which} pads on the left, which the decoding does not expect.")
    limit = min(384, int(tokenizer.model_max_length), positions(model.config))
    if limit < _SHORTEST:
        raise ModelError(
            f"{which} reads {limit} tokens at once; at least {_SHORTEST} are needed. Name a checkpoint that reads more."
        )
    settings = ReaderSettings(
        name=which,
        version="",
        fingerprint=_weights_digest(Path(which)),
        max_answer_tokens=30,
        calibration=UNCALIBRATED,
        threshold=0.5,
    )
    pad = 0 if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    backend = _FewSegments(model) if model.config.to_dict().get("type_vocab_size") == 1 else TorchBackend(model)
    return Reader(backend, Windower(tokenizer.backend_tokenizer, limit, limit // 3), settings, pad)


class _FewSegments(TorchBackend):
    """A network that tells no segments apart, whatever its tokenizer says."""

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`Backend.run`."""
        return super().run([replace(batch, token_type_ids=np.zeros_like(batch.token_type_ids)) for batch in batches])


def positions(config: Any) -> int:
    """How many tokens a network reads at once.

    Args:
        config: of a checkpoint, as transformers gives it.

    Returns:
        A large number where its positions are not counted.
    """
    counted = getattr(config, "max_position_embeddings", None)
    if not isinstance(counted, int) or counted < 1:
        return sys.maxsize
    # These number positions from the one after that of the padding.
    return counted - (config.pad_token_id + 1 if config.model_type in _AFTER_PADDING else 0)


def _check_weights(which: str, loaded: Mapping[str, Iterable[Any]]) -> None:
    """Raise ``ModelError`` unless all of a checkpoint's weights were there; those that were not are random numbers.

    Args:
        which: the checkpoint.
        loaded: what transformers tells of loading it.
    """
    wrong = sorted(name for name, *_ in loaded["mismatched_keys"])
    if wrong:
        raise ModelError(
            f"The weights of {which} do not fit its config.json: {wrong[0]} is of another size. Download both files again."
        )
    # What is pooled is not used for answers, and older checkpoints may lack it.
    missing = sorted(name for name in loaded["missing_keys"] if ".pooler." not in name)
    if missing:
        raise ModelError(
            f"{which} has no weights for {missing[0]} ({len(missing)} missing in all), so it cannot find answers. "
            "Name a checkpoint that was trained to answer questions."
        )


def _weights_digest(folder: Path) -> str:
    """SHA-256 of a checkpoint's weights on disk; empty for one that was found by name."""
    digest = hashlib.sha256()
    files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest() if files else ""
