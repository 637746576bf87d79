"""The settings of a run, and keeping them with it.

A run that is gone on with keeps what it began with; only what is named again changes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from qa.training.records import DataError, replace_text

SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class LoopSettings:
    """Rates are AdamW learning rates. ``cooldown_steps`` is 0 in the stable phase. ``layer_decay`` multiplies the rate of
    each encoder layer below the last. ``misled`` is the probability of changing a question so that its passage does not
    answer it, ``crop`` that of cutting a text to some sentences around the answer, ``rivals`` that of showing other
    passages with the one that answers (see ``Mixture``), whose common loss counts ``together_share``, ``besides`` that of
    masking the answer, to ask for another (see ``Mixture``); ``dropout`` a probability, see ``encode``. ``chunk`` examples
    are tokenized and sorted by length together. ``teaching`` is the share of the span's loss that comes from ``teachers``,
    folders of weights, where there are any. ``weights`` says of single sources how often their questions are drawn in an
    epoch, in place of what ``sampling`` says. Of the encoder's layers the first ``frozen_layers``, and the embeddings with
    them, stay as they are. ``budget`` is in tokens with padding, ``save_every`` and ``evaluate_every`` in seconds,
    ``log_every`` in steps."""

    rate: float = 6e-5
    head_rate: float = 3e-4
    layer_decay: float = 0.95
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    warmup_steps: int = 100
    cooldown_steps: int = 0
    clip: float = 1.0
    relevance_share: float = 0.3
    early_share: float = 0.15
    together_share: float = 0.5
    freeze_words: bool = True
    frozen_layers: int = 0
    budget: int = 3072
    chunk: int = 2048
    save_every: float = 300.0
    evaluate_every: float = 1500.0
    keep: int = 3
    log_every: int = 10
    max_steps: int | None = None
    misled: float = 0.12
    crop: float = 0.3
    rivals: float = 0.0
    besides: float = 0.0
    dropout: float = 0.0
    teaching: float = 0.5
    teachers: tuple[str, ...] = ()
    seed: int = 17
    weights: dict[str, float] = field(default_factory=dict)


def source_weights(given: Iterable[str] | None) -> dict[str, float] | None:
    """The ``weights`` of :class:`LoopSettings` from ``SOURCE=NUMBER``; ``None`` when nothing is asked for.

    Raises DataError when one has another form, or a number below 0.
    """
    if not given:
        return None
    weights: dict[str, float] = {}
    for text in given:
        source, _, number = text.partition("=")
        try:
            weights[source] = float(number)
        except ValueError as error:
            raise DataError(f"{text!r} should be SOURCE=NUMBER, as in squad1_sample=0.5") from error
        if not 0 <= weights[source] < math.inf:
            raise DataError(f"{text!r}: a source is drawn 0 times or more often")
    return weights


def write_settings(run: Path, settings: LoopSettings) -> None:
    """Keep ``settings`` in the folder of a run."""
    replace_text(run / SETTINGS_FILE, json.dumps(asdict(settings), indent=2) + "\n")


def settings_of(run: Path, given: Mapping[str, Any], begun_from: Path | None = None) -> LoopSettings:
    """What a run goes by.

    Args:
        run: its folder. What it kept counts, where it has begun already.
        given: fields of :class:`LoopSettings` that were asked for now; ``None`` for one that was not.
        begun_from: folder of the run that a new one branches from, whose settings it takes over.

    Raises:
        DataError: what was kept cannot be read.
    """
    kept = _read(run)
    if kept is None and begun_from is not None:
        kept = _read(begun_from)
    known = {known_field.name for known_field in fields(LoopSettings)}
    found = {name: value for name, value in (kept or {}).items() if name in known}
    asked = {name: value for name, value in given.items() if value is not None}
    # Only the sources that are named again change.
    if "weights" in asked and "weights" in found:
        asked["weights"] = {**found["weights"], **asked["weights"]}
    found.update(asked)
    # JSON has lists only.
    fitting: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
    }
    return LoopSettings(**fitting)


def _read(run: Path) -> dict[str, Any] | None:
    path = run / SETTINGS_FILE
    if not path.is_file():
        return None
    try:
        kept: dict[str, Any] = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}). Remove it and name the settings of the run again.") from error
    return kept
