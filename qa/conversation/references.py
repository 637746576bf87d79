"""Pronouns, possessives and demonstratives: "Where did they go?", "Who is his spokesman?", "Who attended that meeting?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.conversation import words
from qa.conversation.memory import Remembered, gender_of, remembered
from qa.conversation.mentions import Mention, is_plural, kind_of_noun, mentions_in
from qa.conversation.readings import Edit, Standalone, edited
from qa.conversation.shape import Shape, shape_of, statement, with_noun
from qa.conversation.turns import Turn
from qa.conversation.words import Token, plain, tokens

Family = Literal["he", "she", "they", "it"]

_SAYING = frozenset(
    "say says said claim claims claimed announce announced report reports reported deny denies denied confirm confirms "
    "confirmed think thinks thought believe believes believed know knows knew do does did done mean".split()
)
_CLAUSE_STARTS = frozenset("that when after before if because while until since to and but as than whether ,".split())
_WEATHER = frozenset("raining snowing true possible necessary clear likely important take takes".split())
_PLAIN_NOUNS = {
    "person": "person man woman guy official".split(),
    "place": "place country city town area village location".split(),
    "time": "year time day month week date century period moment".split(),
    "group": "group organisation organization company party".split(),
}
READINGS = 3
"""How many readings of a question are given at the most."""


@dataclass(frozen=True, slots=True)
class _Pronoun:
    at: int
    family: Family
    possessive: bool
    subject: bool


def read_references(asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings of a question that refers to something earlier, the most likely first; none if it refers to nothing."""
    toks = tokens(asked)
    memory = remembered(turns)
    fixed = [*_demonstratives(asked, toks, memory, turns), *_there(toks, memory)]
    taken = {edit.start for edit in fixed}
    own = mentions_in(asked)
    shape = shape_of(asked)
    pronouns = [one for one in _pronouns(toks) if toks[one.at].start not in taken]
    free = [one for one in pronouns if not _bound(one, toks, own, shape)]
    options: list[list[Edit]] = [[]]
    for pronoun in free:
        found = [item for item, _ in _ranked(pronoun, memory, turns, own)][:READINGS]
        options = [
            [*before, _edit(toks, pronoun, item)]
            for before in options
            for item in found or [None]
            if item is None or _compatible(pronoun, item, before, free, toks)
        ] or options
    readings = []
    for edits in options[:READINGS]:
        every = [edit for edit in edits if edit is not None] + fixed
        if every:
            readings.append(edited(asked, "reference", every))
    return readings


def _pronouns(toks: Sequence[Token]) -> list[_Pronoun]:
    found: list[_Pronoun] = []
    for at, token in enumerate(toks):
        lower = token.lower
        # "US" and "IT" are names.
        if lower not in words.PRONOUNS or (token.text.isupper() and len(token.text) > 1):
            continue
        family: Family = (
            "he" if lower in words.HE else "she" if lower in words.SHE else "they" if lower in words.THEY else "it"
        )
        after = toks[at + 1].lower if at + 1 < len(toks) and toks[at + 1].is_word else ""
        possessive = lower in ("its", "their") or (
            lower in ("his", "her") and bool(after) and after not in words.FUNCTION
        )
        before = toks[at - 1].lower if at else ""
        subject = not possessive and (before in words.AUXILIARIES or after in words.AUXILIARIES or words.is_past(after))
        if lower == "it" and (_WEATHER & {token.lower for token in toks[at + 1 :]}):
            continue
        found.append(_Pronoun(at, family, possessive, subject and lower not in ("him", "them")))
    return found


def _bound(pronoun: _Pronoun, toks: Sequence[Token], own: Sequence[Mention], shape: Shape) -> bool:
    """Whether the pronoun means something that the question itself names before it."""
    token = toks[pronoun.at]
    if token.lower.endswith(("self", "selves")):
        return True
    before = [mention for mention in own if mention.end <= token.start and _fits(pronoun.family, mention, strict=False)]
    before = [one for one in before if plain(one.text).split(" ")[0] not in words.POSSESSIVES]
    if pronoun.possessive and shape.form == "subject" and not shape.auxiliary and not before:
        return shape.word == "who" and pronoun.family != "it"
    if not before:
        return False
    since = {one.lower for one in toks if before[-1].end <= one.start < token.start}
    return pronoun.possessive or pronoun.subject or bool(since & _CLAUSE_STARTS)


def _fits(family: Family, mention: Mention, *, strict: bool = True) -> bool:
    """Whether ``mention`` may be meant by a pronoun; with ``strict`` also by the gender that is known of it."""
    if family in ("he", "she"):
        if mention.kind not in ("person", "name") or mention.plural:
            return False
        return not strict or mention.gender in ("", family)
    if family == "they":
        return mention.kind not in ("time", "number", "place") or mention.plural
    return mention.kind not in ("person", "time", "number") and not mention.plural


def _ranked(
    pronoun: _Pronoun, memory: Sequence[Remembered], turns: Sequence[Turn], own: Sequence[Mention]
) -> list[tuple[Remembered, float]]:
    """What the pronoun may mean, the likeliest first."""
    present = {plain(mention.text) for mention in own}
    scored: dict[str, tuple[Remembered, float]] = {}
    for item in memory:
        mention = item.mention
        name = plain(mention.text)
        if not _fits(pronoun.family, mention) or name in present or len(mention.text.split()) > 10:
            continue
        score = 2.5 * (item.turn - len(turns)) + _kind_score(pronoun.family, mention)
        score += {"answer": 1.0, "subject": 1.2 if pronoun.subject else 0.6, "other": 0.0}[item.role]
        if pronoun.family in ("he", "she"):
            gender = gender_of(item, turns)
            if gender and gender != pronoun.family:
                continue
            score += 1.5 if gender else 0.0
        if name not in scored or scored[name][1] < score:
            scored[name] = (item, score)
    return sorted(scored.values(), key=lambda pair: -pair[1])


def _kind_score(family: Family, mention: Mention) -> float:
    if family in ("he", "she"):
        return 2.0 if mention.kind == "person" else 0.0
    if family == "they":
        return 2.0 if mention.plural else 1.0 if mention.kind == "group" else 0.0 if mention.kind != "thing" else -1.5
    return {"thing": 1.0, "group": 1.0, "name": 1.0, "place": 0.5}.get(mention.kind, 0.0)


def _compatible(
    pronoun: _Pronoun, item: Remembered, before: Sequence[Edit | None], free: Sequence[_Pronoun], toks: Sequence[Token]
) -> bool:
    """Whether two pronouns of a question may mean the same: "he" and "his" do, "he" and "him" do not."""
    for other in free:
        edit = next((one for one in before if one is not None and one.start == toks[other.at].start), None)
        if edit is None or other.at == pronoun.at:
            continue
        same = plain(edit.text.removesuffix("'s").removesuffix("'")) == plain(item.mention.text)
        if other.family == pronoun.family:
            differ = not pronoun.possessive and not other.possessive and pronoun.subject != other.subject
            if same == differ:
                return False
        elif same:
            return False
    return True


def _edit(toks: Sequence[Token], pronoun: _Pronoun, item: Remembered | None) -> Edit | None:
    if item is None:
        return None
    token, text = toks[pronoun.at], _bare(item.mention.text)
    if pronoun.possessive:
        text += "'" if text.endswith("s") and item.mention.plural else "'s"
    return Edit(token.start, token.end, text, item.turn)


def _bare(text: str) -> str:
    """``text`` without a preposition before it: "in Baku" to "Baku"."""
    first, _, rest = text.partition(" ")
    return rest if rest and first.lower() in words.PREPOSITIONS else text


def _there(toks: Sequence[Token], memory: Sequence[Remembered]) -> list[Edit]:
    for at, token in enumerate(toks):
        if token.lower != "there":
            continue
        near = {one.lower for one in toks[max(0, at - 1) : at + 2]}
        if near & (words.BE | {"be", "been"}) and not (at + 2 >= len(toks) and not near & {"is", "are", "was", "were"}):
            continue
        before = toks[at - 1].lower if at else ""
        for wanted in ("place", "group", "name"):
            found = next((one for one in memory if one.mention.kind == wanted and one.mention.named), None)
            found = found or next((one for one in memory if one.mention.kind == wanted == "place"), None)
            if found is None or plain(found.mention.text) in plain(" ".join(one.text for one in toks)):
                continue
            text = found.mention.text
            if before in words.PREPOSITIONS:
                text = _bare(text)
            elif text.split(" ")[0].lower() not in words.PREPOSITIONS:
                text = f"in {text}"
            return [Edit(token.start, token.end, text, found.turn)]
    return []


def _demonstratives(
    asked: str, toks: Sequence[Token], memory: Sequence[Remembered], turns: Sequence[Turn]
) -> list[Edit]:
    """Edits for "that meeting", "these talks" and for the "that" of "Who said that?"."""
    edits: list[Edit] = []
    for at, token in enumerate(toks):
        if token.lower not in words.DEMONSTRATIVES | {"so"} or at == 0:
            continue
        rest = [one for one in toks[at + 1 :] if one.is_word]
        before = toks[at - 1].lower
        if not rest:
            said = _said(turns[-1]) if before in _SAYING and token.lower in ("that", "this", "so") else ""
            if said and token.lower != "so" or said and before in ("say", "said", "says", "think", "thinks"):
                edits.append(Edit(token.start, token.end, said, len(turns) - 1))
            continue
        noun = rest[0]
        if (
            token.lower == "so"
            or noun.lower in words.FUNCTION
            or noun.is_name
            or before in _SAYING | words.CONJUNCTIONS
        ):
            continue
        if token.lower == "that" and before not in words.AUXILIARIES | words.PREPOSITIONS and not _ends_phrase(rest):
            continue
        found = _by_noun(noun.lower, memory)
        if found is not None:
            edits.append(Edit(token.start, noun.end, found.mention.text, found.turn))
            continue
        names = [
            one.mention.text
            for one in memory
            if one.turn == len(turns) - 1 and one.mention.named and one.role != "number"
        ]
        if names and kind_of_noun(noun.lower) == "thing":
            of = " and ".join(names[:2]) if " and " not in names[0] else names[0]
            edits.append(Edit(token.start, noun.end, f"the {noun.text} of {of}", len(turns) - 1))
    return edits


def _ends_phrase(rest: Sequence[Token]) -> bool:
    """Whether a noun phrase of one word ends here: what follows is no noun."""
    return len(rest) == 1 or rest[1].lower in words.FUNCTION or words.is_past(rest[1].text)


def _by_noun(noun: str, memory: Sequence[Remembered]) -> Remembered | None:
    """What "that ``noun``" means: something called so, else the last answer or mention of the kind that the noun names."""
    stem = noun.removesuffix("s")
    for item in memory:
        if item.mention.head.removesuffix("s") == stem:
            return item
    for kind, nouns in _PLAIN_NOUNS.items():
        if stem in nouns or noun in nouns:
            kinds = {kind, "name"} if kind in ("person", "place", "group") else {kind}
            return next((one for one in memory if one.mention.kind in kinds and one.mention.named), None)
    kind = kind_of_noun(noun)
    if kind in ("person", "group", "place"):
        plural = is_plural(noun)
        return next((one for one in memory if one.mention.kind == kind and one.mention.plural == plural), None)
    return None


def _said(turn: Turn) -> str:
    """What "that" means in "Who said that?": the turn's question and answer as a statement, else the answer alone."""
    if turn.answer.answer is None:
        return ""
    shape = shape_of(turn.standalone)
    text = turn.answer.answer.strip(" .")
    return statement(shape, text) or with_noun(text, shape.noun)


def read_echo(asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings of a question without names in which "the meeting" is one that was spoken of more fully before."""
    own = mentions_in(asked)
    if any(mention.named for mention in own):
        return []
    memory = [item for item in remembered(turns) if item.turn >= len(turns) - 2]
    for mention in own:
        first = mention.text.split(" ")[0].lower()
        if first not in ("the", "both") or " of " in mention.text:
            continue
        fuller = (one for one in memory if one.mention.head == mention.head and one.mention.named and mention.head)
        found = next((one for one in fuller if len(one.mention.text) > len(mention.text)), None)
        if found is not None:
            return [edited(asked, "reference", [Edit(mention.start, mention.end, found.mention.text, found.turn)])]
    return []
