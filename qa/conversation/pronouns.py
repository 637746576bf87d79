"""Pronouns and possessives, and what they mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.conversation import lexicon
from qa.conversation.impersonal import asks_who_did_it, is_impersonal
from qa.conversation.memory import LONGEST, Remembered, gender_of
from qa.conversation.mentions import Mention, mentions_in
from qa.conversation.readings import Edit
from qa.conversation.shape import Shape, shape_of
from qa.conversation.turns import Turn
from qa.conversation.words import Token, base_form, is_past, plain, tokens

Family = Literal["he", "she", "they", "it"]

READINGS = 3
"""How many readings of a question are given at the most."""

_CLAUSE_STARTS = lexicon.word_set(
    "that when after before if because while until since to and but as than whether who which whose ,"
)
_ANY = lexicon.word_set("every each any no")
_SUCCEEDS = lexicon.word_set("replace succeed follow become take lead rule govern reign")
_SEVERAL = re.compile(
    r"(?:(?:because|out|instead|ahead|in front|outside|inside) of|(?:due|thanks|according|next|close|owing) to)\s+(?=\S)",
    re.IGNORECASE,
)
"""Prepositions of several words."""


@dataclass(frozen=True, slots=True)
class _Pronoun:
    at: int
    family: Family
    possessive: bool
    subject: bool


def pronoun_edits(
    asked: str, toks: Sequence[Token], memory: Sequence[Remembered], turns: Sequence[Turn], *, taken: set[int]
) -> list[list[Edit]]:
    """Ways to fill in the pronouns of a question that mean something outside of it, the likeliest first.

    Args:
        asked: the question.
        toks: its tokens.
        memory: what the turns spoke of.
        turns: the turns.
        taken: offsets of words that are no longer to be looked at.
    """
    own = mentions_in(asked)
    shape = shape_of(asked)
    pronouns = [one for one in _pronouns(toks) if toks[one.at].start not in taken]
    free = [one for one in pronouns if not _bound(one, toks, own, shape)]
    options: list[dict[int, Remembered]] = [{}]
    for number, pronoun in enumerate(free):
        likely = _ranked(pronoun, toks, memory, turns, own)[:READINGS]
        longer = [
            {**chosen, number: item}
            for chosen in options
            for item in likely
            if all(_agree(pronoun, item, free[other], before) for other, before in chosen.items())
        ]
        options = longer or options
    return [
        [_edit(toks, free[number], item) for number, item in chosen.items()] for chosen in options[:READINGS] if chosen
    ]


def _pronouns(toks: Sequence[Token]) -> list[_Pronoun]:
    found: list[_Pronoun] = []
    for at, token in enumerate(toks):
        lower = token.lower
        # "US" and "IT" are names.
        if lower not in lexicon.PRONOUNS or (token.text.isupper() and len(token.text) > 1):
            continue
        family: Family = (
            "he"
            if lower in lexicon.HE
            else "she"
            if lower in lexicon.SHE
            else "they"
            if lower in lexicon.THEY
            else "it"
        )
        after = toks[at + 1].lower.lstrip("'’") if at + 1 < len(toks) and toks[at + 1].text not in "?.!,;" else ""
        possessive = lower in ("its", "their") or (
            lower in ("his", "her") and bool(after) and after not in lexicon.FUNCTION
        )
        before = toks[at - 1].lower if at else ""
        subject = not possessive and (before in lexicon.AUXILIARIES or after in lexicon.AUXILIARIES or is_past(after))
        if lower == "it" and after == "s":
            continue  # "it's" is "it is" or a slip for "its"
        if lower == "it" and (is_impersonal(toks, at) or asks_who_did_it(toks)):
            continue
        found.append(_Pronoun(at, family, possessive, subject and lower not in ("him", "them")))
    return found


def _bound(pronoun: _Pronoun, toks: Sequence[Token], own: Sequence[Mention], shape: Shape) -> bool:
    """Whether the pronoun means something that the question itself names before it."""
    token = toks[pronoun.at]
    if token.lower.endswith(("self", "selves")):
        return True
    if pronoun.subject and pronoun.at and toks[pronoun.at - 1].lower in lexicon.AUXILIARIES:
        return False
    if pronoun.family != "it" and pronoun.subject and _is_asked_for(pronoun, toks, shape):
        return True
    before = [mention for mention in own if mention.end <= token.start and fits(pronoun.family, mention, strict=False)]
    before = [one for one in before if plain(one.text).split(" ")[0] not in lexicon.POSSESSIVES]
    if pronoun.possessive and shape.form == "subject" and not shape.auxiliary and not before:
        return shape.word == "who" and pronoun.family != "it"
    if not before:
        return False
    since = {one.lower for one in toks if before[-1].end <= one.start < token.start}
    return pronoun.possessive or pronoun.subject or bool(since & _CLAUSE_STARTS)


def _is_asked_for(pronoun: _Pronoun, toks: Sequence[Token], shape: Shape) -> bool:
    """Whether the pronoun means who is asked for: "Who resigned after he lost?", but not "Who took over after he resigned?"."""
    if shape.form != "subject" or shape.auxiliary or shape.word not in ("who", "which"):
        return False
    verb, _, rest = shape.clause.partition(" ")
    begins = tokens(rest)[:1]
    if base_form(verb) in _SUCCEEDS or not begins or begins[0].lower not in _CLAUSE_STARTS:
        return False
    # The clause is the one that the pronoun begins.
    return toks[pronoun.at - 1].lower == begins[0].lower


def fits(family: Family, mention: Mention, *, strict: bool = True) -> bool:
    """Whether ``mention`` may be meant by a pronoun of ``family``; with ``strict`` also by what is known of its gender."""
    if family in ("he", "she"):
        if mention.kind not in ("person", "name") or mention.plural:
            return False
        return not strict or mention.gender in ("", family)
    if family == "they":
        return mention.kind not in ("time", "number") and (mention.plural or mention.kind not in ("thing", "place"))
    return mention.kind not in ("person", "time", "number") and not mention.plural


def _ranked(
    pronoun: _Pronoun,
    toks: Sequence[Token],
    memory: Sequence[Remembered],
    turns: Sequence[Turn],
    own: Sequence[Mention],
) -> list[Remembered]:
    """What the pronoun may mean, the likeliest first."""
    present = {plain(mention.text) for mention in own}
    scored: dict[str, tuple[float, Remembered]] = {}
    for item in [*memory, *(_pair(memory) if pronoun.family == "they" else [])]:
        mention = item.mention
        name = plain(mention.text)
        if pronoun.family == "it" and item.role == "answer" and mention.kind == "place" and not mention.named:
            continue  # "in front of the parliament" says where, and is nothing itself
        # Whom an answer gave is no thing a turn later either, though only a name then.
        if (
            not fits(pronoun.family, replace(mention, kind=item.kind))
            or name in present
            or len(mention.text.split()) > LONGEST
        ):
            continue
        if item.describes and pronoun.family != "it":
            continue
        if pronoun.family == "they" and not mention.plural and _of_several(item, memory):
            continue
        if pronoun.family != "they" and mention.text.split()[0].lower() in _ANY:
            continue
        score = 2.5 * (item.turn - len(turns)) + _kind_score(pronoun.family, mention) + 0.5 * mention.named
        score += 2.0 if item.role != "answer" and _same_place(pronoun, toks, item, turns) else 0.0
        score += _role_score(pronoun, item)
        if pronoun.family != "they" and mention.kind in ("person", "name"):
            gender = gender_of(item, turns)
            if gender and gender != pronoun.family:
                # A company may have persons spoken of beside it.
                if pronoun.family != "it" or mention.gender or mention.kind == "person":
                    continue
                score -= 1.5
            else:
                score += 1.5 if gender else 0.0
        if name not in scored or scored[name][0] < score:
            scored[name] = (score, item)
    ranked = [item for _, item in sorted(scored.values(), key=lambda pair: -pair[0])]
    if pronoun.family not in ("he", "she"):
        return ranked
    # Whose something is may be a company as well as a person, and is meant where there is nobody else.
    return [item for item in ranked if not _only_owns(item, turns)] or ranked


def _only_owns(item: Remembered, turns: Sequence[Turn]) -> bool:
    """Whether ``item`` is a mere name that only owns what is spoken of, as "Norvik" in "Norvik's revenue"."""
    owns = re.search(rf"{re.escape(item.mention.text)}['’]", turns[item.turn].standalone)
    return item.role == "part" and item.kind == "name" and owns is not None


def _of_several(item: Remembered, memory: Sequence[Remembered]) -> bool:
    """Whether ``item`` only tells which several are meant, as "Lowen" does in "the people who live in Lowen"."""
    return any(
        one.turn == item.turn and one.mention.plural and f" {item.mention.text} " in f" {one.mention.text} "
        for one in memory
    )


def _role_score(pronoun: _Pronoun, item: Remembered) -> float:
    """Subjects like to mean subjects, and objects what was no subject."""
    if item.role in ("answer", "part"):
        return 1.0 if item.role == "answer" else -0.4
    if pronoun.subject or pronoun.possessive:
        return (1.2 if pronoun.subject else 0.6) if item.role == "subject" else 0.0
    return 0.9 if item.role == "other" else 0.0


def _same_place(pronoun: _Pronoun, toks: Sequence[Token], item: Remembered, turns: Sequence[Turn]) -> bool:
    """Whether the verb beside the pronoun is also the one before the mention: "replaced him", "replaced the governor"."""
    # In "Where were they held?" the verb that "held talks" has before comes after.
    near = list(toks[max(0, pronoun.at - 1) : pronoun.at])
    if near and near[0].lower in lexicon.BE and pronoun.at + 1 < len(toks) and is_past(toks[pronoun.at + 1].text):
        near = [toks[pronoun.at + 1]]
    verbs = {base_form(one.text) for one in near if one.is_word and one.lower not in lexicon.FUNCTION}
    before = tokens(turns[item.turn].standalone[: item.mention.start])
    return bool(before) and base_form(before[-1].text) in verbs


def _pair(memory: Sequence[Remembered]) -> list[Remembered]:
    """The first two names of the last question together, which "they" may mean: "Putin and Sarkisian"."""
    last = [item for item in memory if item.turn == memory[0].turn and item.role != "answer"]
    names = [item for item in last if item.mention.kind in ("person", "name", "group") and item.mention.named]
    if len(names) < 2 or any(item.mention.plural for item in last) or names[0].mention.start >= names[1].mention.start:
        return []
    if names[1].mention.start < names[0].mention.end:
        return []
    first, second = names[0], names[1]
    both = replace(first.mention, text=f"{first.mention.text} and {second.mention.text}", plural=True)
    return [replace(first, mention=both)]


def _kind_score(family: Family, mention: Mention) -> float:
    if family in ("he", "she"):
        return 2.0 if mention.kind == "person" else 0.0
    if family == "they":
        return 2.0 if mention.plural else 1.0 if mention.kind == "group" else 0.0
    return {"thing": 1.0, "group": 1.0, "name": 0.8, "place": 0.5}.get(mention.kind, 0.0)


def _agree(pronoun: _Pronoun, item: Remembered, other: _Pronoun, before: Remembered) -> bool:
    """Whether two pronouns of a question may mean these: "he" and "his" mean the same, "he" and "him" do not."""
    same = plain(item.mention.text) == plain(before.mention.text)
    if other.family != pronoun.family:
        return not same
    differ = not pronoun.possessive and not other.possessive and pronoun.subject != other.subject
    return same != differ


def _edit(toks: Sequence[Token], pronoun: _Pronoun, item: Remembered) -> Edit:
    token, text = toks[pronoun.at], without_preposition(item.mention.text)
    if pronoun.possessive:
        text += "'" if text.endswith("s") and item.mention.plural else "'s"
    return Edit(token.start, token.end, text, item.turn)


def without_preposition(text: str) -> str:
    """``text`` without a preposition before it: "in Baku" to "Baku", "because of the rain" to "the rain"."""
    if (several := _SEVERAL.match(text)) is not None:
        return text[several.end() :]
    first, _, rest = text.partition(" ")
    # "Per", "As" and their like are first names too.
    return rest if rest and first.lower() in lexicon.PREPOSITIONS and first not in ("Per", "As", "Like") else text


def has_pronoun(text: str) -> bool:
    """Whether there is a pronoun in ``text`` at all."""
    return bool(_pronouns(tokens(text)))
