"""What a question was read as, and what was filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["complete", "question_word", "reference", "substitution", "ellipsis"]
"""How a question leans on the turns before it.

``complete``: not at all. ``question_word``: "When?". ``reference``: a pronoun or "that meeting". ``substitution``: "What
about Armenia?". ``ellipsis``: "And how many were wounded?".
"""


@dataclass(frozen=True, slots=True)
class Filling:
    """One part that came from an earlier turn.

    Attributes:
        replaced: the words of the question that it stands in for; empty if it was put in between.
        text: what was filled in.
        turn: position of the turn that it came from, from 0.
    """

    replaced: str
    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood without the turns before it.

    Attributes:
        asked: the question as it was asked, with its white space tidied.
        question: what it was read as; equal to ``asked`` if nothing was filled in.
        kind: how it leaned on the turns before it.
        filled: what came from which turn, in the order of the rewritten question.
    """

    asked: str
    question: str
    kind: Kind = "complete"
    filled: tuple[Filling, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it was read as something else than was asked, so that the user should see it."""
        return self.question != self.asked


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters ``[start, end)`` of a question that ``text`` from turn ``turn`` takes the place of."""

    start: int
    end: int
    text: str
    turn: int


def edited(asked: str, kind: Kind, edits: Sequence[Edit]) -> Standalone:
    """``asked`` with ``edits`` made, which must not overlap."""
    parts: list[str] = []
    filled: list[Filling] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [asked[done : edit.start], edit.text]
        filled.append(Filling(asked[edit.start : edit.end].strip(), edit.text.strip(), edit.turn))
        done = edit.end
    question = " ".join("".join([*parts, asked[done:]]).split())
    return Standalone(asked, question[:1].upper() + question[1:], kind, tuple(filled))
