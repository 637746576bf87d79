"""Pronouns and possessives, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.conversation import lexicon
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
_IMPERSONAL = lexicon.word_set("raining snowing true possible necessary clear likely important")


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
        if (
            lower == "it"
            and after in ("called", "known", "that")
            and {one.lower for one in toks[at:]} & {"when", "that"}
        ):
            continue  # "What is it called when ...", "When was it that ..."
        if lower == "it" and after in ("take", "takes", "took") and "to" in {one.lower for one in toks[at:]}:
            continue  # "How long did it take to ..."
        if lower == "it" and _IMPERSONAL & {token.lower for token in toks[at + 1 :]}:
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
    before = [mention for mention in own if mention.end <= token.start and fits(pronoun.family, mention, strict=False)]
    before = [one for one in before if plain(one.text).split(" ")[0] not in lexicon.POSSESSIVES]
    if pronoun.possessive and shape.form == "subject" and not shape.auxiliary and not before:
        return shape.word == "who" and pronoun.family != "it"
    if not before:
        return False
    since = {one.lower for one in toks if before[-1].end <= one.start < token.start}
    return pronoun.possessive or pronoun.subject or bool(since & _CLAUSE_STARTS)


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
        if not fits(pronoun.family, mention) or name in present or len(mention.text.split()) > LONGEST:
            continue
        if item.describes and pronoun.family != "it":
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
    return [item for _, item in sorted(scored.values(), key=lambda pair: -pair[0])]


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
    """``text`` without a preposition before it: "in Baku" to "Baku"."""
    first, _, rest = text.partition(" ")
    # "Per", "As" and their like are first names too.
    return rest if rest and first.lower() in lexicon.PREPOSITIONS and first not in ("Per", "As", "Like") else text


def has_pronoun(text: str) -> bool:
    """Whether there is a pronoun in ``text`` at all."""
    return bool(_pronouns(tokens(text)))
