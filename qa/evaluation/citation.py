"""How well the cited span of an answer fits the source and the gold spans.

Spans are offsets in characters of one document's canonical text.
"""

from collections.abc import Sequence

from index.documents import Span


def is_verbatim(answer: str, text: str, span: Span) -> bool:
    """Whether ``answer`` is exactly the characters ``span`` of the document with ``text``."""
    # The range is checked because Python would count negative offsets from the end and forgive those beyond it.
    return 0 <= span.start < span.end <= len(text) and text[span.start : span.end] == answer


def iou(span: Span, golds: Sequence[Span]) -> float:
    """Characters shared by ``span`` and a gold span over those in either, for the gold span nearest to it; in 0..1.

    Intersection over union (Jaccard 1901) of the two sets of offsets; 0.0 without gold spans.
    """
    return max((_overlap(span, gold) / _union(span, gold) for gold in golds), default=0.0)


def sentence_recall(span: Span, golds: Sequence[Span], sentences: Sequence[Span]) -> float:
    """Share of the sentences that a gold span stands in which ``span`` stands in too, for the best gold span; in 0..1.

    Args:
        span: what was cited.
        golds: the accepted spans of the same document.
        sentences: all sentences of that document. A gold span that touches none of them counts for nothing.
    """
    cited = _touched(span, sentences)
    recalls = (len(cited & wanted) / len(wanted) for gold in golds if (wanted := _touched(gold, sentences)))
    return max(recalls, default=0.0)


def _touched(span: Span, sentences: Sequence[Span]) -> set[int]:
    return {number for number, sentence in enumerate(sentences) if _overlap(span, sentence) > 0}


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _union(one: Span, other: Span) -> int:
    return one.end - one.start + other.end - other.start - _overlap(one, other)
