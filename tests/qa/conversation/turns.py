"""Turns for tests, as an assistant would make them."""

from qa.conversation import Turn
from qa.models import Answer, Citation, PassageHit, Sentence, Timings


def turn(question: str, answer: str | None = None, text: str | None = None, *, standalone: str | None = None) -> Turn:
    """A turn whose answer stands in ``text``, by default a text of nothing else; refused when there is no answer."""
    citations = []
    whole = answer if text is None else text
    if answer is not None and whole is not None:
        start = whole.index(answer)
        citations.append(
            Citation(
                document_id="d",
                title="",
                source="d.txt",
                sha256="0" * 64,
                page=None,
                start=start,
                end=start + len(answer),
                text=answer,
                sentence=Sentence(start=0, end=len(whole), text=whole),
                score=1.0,
            )
        )
    passages = [] if whole is None else [PassageHit(document_id="d", start=0, end=len(whole), score=1.0, text=whole)]
    return Turn(
        Answer(
            question=question,
            standalone_question=question if standalone is None else standalone,
            answer=answer,
            confidence=0.9 if answer is not None else 0.1,
            abstained=answer is None,
            reason=None if answer is not None else "Nothing answers this.",
            citations=citations,
            alternatives=[],
            passages=passages,
            timings_ms=Timings(retrieve=0, read=0, total=0),
        )
    )
