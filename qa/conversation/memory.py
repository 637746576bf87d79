"""What the turns so far spoke of, ready to be referred to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.conversation import lexicon
from qa.conversation.happenings import is_clause, is_deed
from qa.conversation.mentions import Mention, mentions_in, whole
from qa.conversation.nouns import Gender, Kind, is_plural, kind_of_noun
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
_KNOWN_FOR = 4 * DEPTH
"""For how many turns it is remembered that a name was a person's."""
_OBJECT = 5
"""Words of what a verb is done to that are taken as they are; of more only the first noun phrase is."""
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
        known_as: of a mere name in a question what it was as the answer of an earlier turn: who was a person stays one;
            ``None`` if it was none.
    """

    mention: Mention
    turn: int
    role: Role
    asked_for: str = ""
    describes: bool = False
    known_as: Kind | None = None

    @property
    def kind(self) -> Kind:
        """What it is, by what an earlier answer told of it or else by its own words."""
        return self.mention.kind if self.known_as is None else self.known_as


def remembered(turns: Sequence[Turn]) -> list[Remembered]:
    """What the last turns spoke of, the newest turn first; within a turn the answer, then the question from its beginning."""
    found: list[Remembered] = []
    known = _answered_with(turns)
    for number in range(len(turns) - 1, max(-1, len(turns) - 1 - DEPTH), -1):
        turn = turns[number]
        found += _answered(turn, number)
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
            # Whose expedition it was may be spoken of, "Tarnow's" only looks like it.
            after = turn.standalone[mention.end : mention.end + 2]
            describes = mention.end < reached and after[:1] not in "'’" and after.strip().islower()
            reached = max(reached, mention.end)
            subject = subject and role != "subject"
            was = _known_as(mention, known, number)
            if was is not None and was.gender:
                mention = replace(mention, gender=was.gender)
            known_as = None if was is None else was.kind
            found.append(Remembered(_tidy(mention), number, role, describes=describes, known_as=known_as))
    return found


def _answered(turn: Turn, number: int) -> list[Remembered]:
    """What the answer of ``turn`` names: at the most one thing."""
    text = turn.answer.answer
    # "The till is empty" is nothing that is spoken of again. ("May" is a month.)
    if text is None or any(token.text in lexicon.AUXILIARIES for token in tokens(text)):
        return []
    clause = is_clause(text)
    if clause or is_deed(text):
        # "rejected the bill" is no thing either, but the bill is.
        first = next((one for one in mentions_in(text) if one.kind not in ("time", "number")), None)
        if first is None:
            return []
        rest = whole(text[first.start :]) if not clause and len(text[first.start :].split()) <= _OBJECT else None
        return [Remembered(_tidy(first if rest is None else rest), number, "part")]
    shape = shape_of(turn.standalone)
    answer = whole(text, turn.standalone if shape.form == "other" else shape.asks)
    noun = shape.noun.rsplit(" ", 1)[-1].lower()
    return [] if answer is None else [Remembered(_tidy(answer), number, "answer", noun)]


def _answered_with(turns: Sequence[Turn]) -> list[tuple[int, Mention]]:
    """The persons and places with names that were answers of the last turns, and of which turn, the newest first."""
    found: list[tuple[int, Mention]] = []
    for number in range(len(turns) - 1, max(-1, len(turns) - 1 - _KNOWN_FOR), -1):
        answer = turns[number].answer.answer
        one = None if answer is None else whole(answer, shape_of(turns[number].standalone).asks)
        if one is not None and one.named and one.kind in ("person", "place") and not one.plural:
            found.append((number, one))
    return found


def _known_as(mention: Mention, known: Sequence[tuple[int, Mention]], turn: int) -> Mention | None:
    """The answer of a turn before ``turn`` that ``mention``, a mere name, was, or the end of; ``None`` if there is none."""
    if mention.kind != "name":
        return None
    words = f" {mention.text.lower()}"
    return next((one for number, one in known if number < turn and f" {one.text.lower()}".endswith(words)), None)


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
    speakers = [speaker.text for claim in answer.claims for speaker in claim.speakers if speaker is not None]
    texts = [*turns[item.turn].sentences, *(passage.text for passage in answer.passages)]
    if len(item.mention.text.split()) == 1:
        # "Jansen" has a first name or a title where his full name stands.
        found = {before.lower() for text in [*speakers, *texts] for before in re.findall(rf"\b(\w+)\.? {name}\b", text)}
        male, female = found & lexicon.HIS_BEFORE_NAMES, found & lexicon.HERS_BEFORE_NAMES
        if bool(male) != bool(female):
            return "he" if male else "she"
    he = she = 0
    for text in dict.fromkeys(texts):
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
