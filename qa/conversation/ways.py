"""Ways to put a follow-up to the reader, and which of their answers to take.

Rules that fill in what a follow-up leaves unsaid fill in the wrong thing now and then ("the people" for those who died of
cholera), and the network that reads was never shown a conversation. But it does understand what is simply put in front:
"47. How many of them were small children?". So a follow-up is read in several ways, each of which fails on other questions,
and the answer that most of them find is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.alike import same_answer
from qa.conversation.readings import Standalone
from qa.conversation.shape import shape_of
from qa.conversation.turns import Turn
from qa.models import Answer

READINGS = 2
"""How many readings of the rules are put to the reader."""
LONGEST = 200
"""Characters of an answer that are put in front of a question."""
SURE = 0.5
"""How sure two answers to a question put in two ways are, if they agree, that it need not be put in others: so it was for a
third of the development follow-ups, whose F1 changed by 0.3 points at most."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to put a question.

    Attributes:
        question: what it is taken to mean, standing alone.
        text: what is searched for and read.
    """

    question: str
    text: str


def ways(asked: str, readings: Sequence[Standalone], last: Turn) -> list[Way]:
    """The ways to put ``asked``, each once: its readings by themselves, and these and what was asked with the last answer in
    front; what was asked with the last question's words in front where there is no answer. The first two are as unlike as can
    be.

    Args:
        asked: the question as it was asked.
        readings: of it, at least one, the likeliest first.
        last: the turn before it.
    """
    taken = [reading.question for reading in readings[:READINGS]]
    alone = [Way(question, question) for question in taken]
    answer = last_answer(last.answer.answer)
    if answer is None:
        spoken = spoken_of(last.standalone)
        found = [Way(taken[0], f"{spoken}. {asked}")] if spoken else []
    else:
        found = [Way(taken[0], f"{answer}. {asked}"), *(Way(question, f"{answer}. {question}") for question in taken)]
    distinct: dict[str, Way] = {}
    for way in (alone[0], *found[:1], *alone[1:], *found[1:]):
        distinct.setdefault(way.text, way)
    return list(distinct.values())


def last_answer(words: str | None) -> str | None:
    """What is put in front of an answer of ``words``, ``None`` if there was none; ``None`` if nothing is, as it is too long."""
    answer = " ".join((words or "").split()).strip(" .")
    return answer if answer and len(answer) <= LONGEST else None


def spoken_of(question: str) -> str:
    """The words of a question that say what it is about, which one that was refused says too; empty if it has none."""
    shape = shape_of(question)
    return f"{shape.noun} {shape.clause}".strip()


def settled(answers: Sequence[Answer]) -> bool:
    """Whether ``answers``, to the first ways to put a question, are two that are about the same and both likely right."""
    if len(answers) != 2 or min(one.confidence for one in answers) < SURE:
        return False
    first, second = answers
    return same_answer(_guess(first), _guess(second))


def voted(answers: Sequence[Answer]) -> Answer:
    """The surest of the answers that are about the same as each other, of those that are together the surest.

    Args:
        answers: to the same question put in several ways, at least one, those to likelier readings first. One that was
            refused counts with its best guess.

    Returns:
        What it was read as is the likeliest reading that this was found by, not that by which it was surest.
    """
    groups: list[list[Answer]] = []
    for answer in sorted(answers, key=lambda one: -one.confidence):
        for group in groups:
            if same_answer(_guess(group[0]), _guess(answer)):
                group.append(answer)
                break
        else:
            groups.append([answer])
    best = max(groups, key=lambda group: sum(one.confidence for one in group))
    # Equal ones are all in the group.
    likeliest = next(answer for answer in answers if answer in best)
    return best[0].model_copy(update={"standalone_question": likeliest.standalone_question})


def _guess(answer: Answer) -> str:
    """The answer, or the best guess where it was refused; empty if there is none."""
    if answer.answer is not None:
        return answer.answer
    return answer.alternatives[0].answer if answer.alternatives else ""
