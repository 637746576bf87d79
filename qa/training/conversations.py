"""Follow-ups as the reader is shown them: in full, and with something of the turn before in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.conversation.ways import last_answer, spoken_of

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """One question of a conversation.

    Attributes:
        asked: as it was typed.
        full: the same, standing alone.
        answer: where its answer stands in the text, as characters ``[start, end)``; ``None`` if the text has none.
    """

    asked: str
    full: str
    answer: Span | None


def put(conversation: Sequence[Said], text: str) -> Iterator[tuple[str, Span | None]]:
    """Every question of ``conversation`` about ``text`` in each of the forms that it can be put in, with its answer.

    The forms are those of :func:`qa.conversation.ways.ways`, with the right reading of a follow-up in place of the likely
    ones, and the whole turn before in front of what was asked.
    """
    before: Said | None = None
    for said in conversation:
        forms = [said.full]
        # A question about something else comes after an answer too, and has to be answered as if it did not.
        if before is not None:
            answer = None if before.answer is None else last_answer(text[slice(*before.answer)])
            if answer is not None:
                forms += [f"{answer}. {said.asked}", f"{answer}. {said.full}", f"{before.full} {answer}. {said.asked}"]
            else:
                spoken = spoken_of(before.full)
                forms += [f"{spoken}. {said.asked}"] if spoken else []
                forms += [f"{before.full} {said.asked}"]
        for form in dict.fromkeys(forms):
            yield form, said.answer
        before = said
