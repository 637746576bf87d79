"""What the reader gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Characters ``[start, end)`` of ``texts[passage]``.

    ``score`` is the calibrated logit that spans of one question are ranked by; ``confidence`` the probability in 0..1 that
    the span is right, which what the best texts say together is part of.
    """

    passage: int
    start: int
    end: int
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found.

    Attributes:
        spans: candidates, best first; empty only when the texts hold nothing that could be read.
        confidence: that of the best candidate, 0 when there is none.
        abstained: whether that is below the reader's threshold, so that the texts are taken not to hold an answer.
    """

    spans: tuple[ReadSpan, ...]
    confidence: float
    abstained: bool
