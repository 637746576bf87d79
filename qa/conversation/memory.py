"""What the turns so far spoke of, ready to be referred to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.conversation import lexicon
from qa.conversation.mentions import Mention, mentions_in, whole
from qa.conversation.nouns import Gender, is_plural, kind_of_noun
from qa.conversation.shape import shape_of
from qa.conversation.turns import Turn
from qa.conversation.words import tokens

Role = Literal["answer", "subject", "other", "part"]
"""Whether something was the answer of a turn, the first thing its question spoke of, another one, or only part of one, as
"Armenia" is of "the president of Armenia"."""

DEPTH = 6
"""How many turns back a reference may reach."""

LONGEST = 14
"""Words of what a pronoun may mean."""
_REACH = 160
_NAME_LAST = re.compile(r"(?:[A-Z][\w'’-]+ ?)+$")


@dataclass(frozen=True, slots=True)
class Remembered:
    """Something that a turn spoke of.

    Attributes:
        mention: what it is; its ``text`` is as it is to be filled in.
        turn: position of the turn, from 0.
        role: its part in the turn.
        asked_for: of an answer the noun that was asked for: "company" in "Which company ...?"; else empty.
        describes: whether it is a name that only describes what comes after it, as in "the Vesk landslide".
    """

    mention: Mention
    turn: int
    role: Role
    asked_for: str = ""
    describes: bool = False


def remembered(turns: Sequence[Turn]) -> list[Remembered]:
    """What the last turns spoke of, the newest turn first; within a turn the answer, then the question from its beginning."""
    found: list[Remembered] = []
    for number in range(len(turns) - 1, max(-1, len(turns) - 1 - DEPTH), -1):
        turn = turns[number]
        # "The till is empty" is nothing that is spoken of again. ("May" is a month.)
        if turn.answer.answer is not None and not any(
            token.text in lexicon.AUXILIARIES for token in tokens(turn.answer.answer)
        ):
            shape = shape_of(turn.standalone)
            answer = whole(turn.answer.answer, turn.standalone if shape.form == "other" else shape.asks)
            if answer is not None:
                noun = shape.noun.rsplit(" ", 1)[-1].lower()
                found.append(Remembered(_tidy(answer), number, "answer", noun))
        subject = True
        reached = 0
        own = mentions_in(turn.standalone)
        if (counted := _counted(turn, own)) is not None:
            found.append(Remembered(counted, number, "subject"))
        noun = shape_of(turn.standalone).noun
        for mention in own:
            if counted is not None and f" {mention.text} " in f" {noun} ":
                continue
            first, _, rest = mention.text.partition(" ")
            if first.lower() in lexicon.POSSESSIVES and rest and (owner := _owner(turn)):
                mention = replace(mention, text=f"{owner}'s {rest}")
            elif first.lower() in lexicon.QUESTION_WORDS | lexicon.PRONOUNS | lexicon.POSSESSIVES:
                continue
            role: Role = "subject" if subject and mention.kind not in ("time", "number") else "other"
            # Of what tells of those who were counted, "the clash" that they were killed in is what is spoken of next.
            within = counted is not None and f" {mention.text} " in f" {counted.text} "
            role = "part" if mention.end <= reached or (within and (role == "other" or mention.plural)) else role
            describes = mention.end < reached and turn.standalone[mention.end : mention.end + 2].strip().islower()
            reached = max(reached, mention.end)
            subject = subject and role != "subject"
            found.append(Remembered(_tidy(mention), number, role, describes=describes))
    return found


def _counted(turn: Turn, own: Sequence[Mention]) -> Mention | None:
    """What "how many" or "how much" asks for: "the people who died of cholera"; if a mention of the question says it already,
    and nothing more is told of it, ``None``."""
    shape = shape_of(turn.standalone)
    if shape.word not in ("how many", "how much") or not shape.noun:
        return None
    head = shape.noun.rsplit(" ", 1)[-1].lower()
    if shape.form == "subject" and is_plural(head):
        who = "who" if kind_of_noun(head) in ("person", "group") else "that"
        text = " ".join(part for part in ("the", shape.noun, who, shape.auxiliary, shape.clause) if part)
        if len(text.split()) <= LONGEST:
            return Mention(text, 0, 0, kind_of_noun(head), True, "", False, head)
    if any(shape.noun in one.text for one in own):
        return None
    return Mention(f"the {shape.noun}", 0, 0, kind_of_noun(head), is_plural(head), "", False, head)


def _owner(turn: Turn) -> str:
    """The person that the last question was for, so that "her bakery" is that of the answer; empty if it was for none."""
    answer = turn.answer.answer
    if answer is None or shape_of(turn.standalone).word != "who":
        return ""
    person = whole(answer, "Who")
    return person.text if person is not None and person.kind == "person" and not person.plural else ""


def gender_of(item: Remembered, turns: Sequence[Turn]) -> Gender:
    """Gender of a person: by title or first name, else by the pronouns that follow the name where the turn was read."""
    if item.mention.gender:
        return item.mention.gender
    answer = turns[item.turn].answer
    name = re.escape(item.mention.text.split()[-1])
    he = she = 0
    for text in dict.fromkeys([*turns[item.turn].sentences, *(passage.text for passage in answer.passages)]):
        for match in re.finditer(rf"\b{name}\b", text):
            after = re.findall(r"\w+", text[match.end() : match.end() + _REACH].lower())
            he += sum(word in lexicon.HE for word in after)
            she += sum(word in lexicon.SHE for word in after)
    return "he" if he > 2 * she else "she" if she > 2 * he else ""


def _tidy(mention: Mention) -> Mention:
    """``mention`` with words that fit when it is spoken of again: "a ceasefire" is "the ceasefire" then."""
    text = mention.text.strip(' .,;:?!"“”')
    first, _, rest = text.partition(" ")
    if mention.kind == "person" and first.lower() in lexicon.POSSESSIVES and (name := _NAME_LAST.search(rest)):
        # Whose brother "her brother Enzo" is, only the article tells.
        return replace(mention, text=name.group())
    if rest and first.lower() in ("a", "an", "some", "any"):
        text = f"the {rest}"
    elif rest and first in ("The", "His", "Her", "Their", "Its"):
        text = f"{first.lower()} {rest}"
    elif not rest and mention.plural and not mention.named:
        text = f"the {text}"
    return replace(mention, text=text)
