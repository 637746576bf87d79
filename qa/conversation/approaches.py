"""Ways to read a follow-up, which were compared.

- ``as_asked``: as it is, as if there had been no turn before it.
- ``previous_question``: with the question before it put in front.
- ``rules``: as the rules of :mod:`qa.conversation.standalone` read it.
- ``chosen``: where the rules see more than one reading, that whose answer the reader is surest of.
"""

from collections.abc import Sequence
from typing import Literal

from qa.conversation.readings import Standalone
from qa.conversation.standalone import readings
from qa.conversation.turns import Turn

Approach = Literal["as_asked", "previous_question", "rules", "chosen"]

DEFAULT: Approach = "chosen"
"""The approach that was best on questions made from development files."""


def readings_by(approach: Approach, question: str, turns: Sequence[Turn]) -> tuple[Standalone, ...]:
    """The readings that ``approach`` takes into account, at least one, the likeliest first."""
    asked = " ".join(question.split())
    if approach == "as_asked" or not turns:
        return (Standalone(asked, asked),)
    if approach == "previous_question":
        return (Standalone(asked, f"{turns[-1].standalone} {asked}", "reference"),)
    found = readings(asked, turns)
    return found if approach == "chosen" else found[:1]
