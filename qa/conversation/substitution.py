"""A new part in the place of the alike part of the last question: "What about Armenia?", "And Putin?", "And in 2015?"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.conversation import lexicon
from qa.conversation.mentions import Mention, mentions_in, whole
from qa.conversation.nouns import is_plural, kind_of_noun
from qa.conversation.owners import of_the_same
from qa.conversation.phrases import ADJECTIVE_ENDS, is_adjective
from qa.conversation.readings import Filling, Standalone
from qa.conversation.shape import Shape, agreeing, shape_of
from qa.conversation.turns import Turn
from qa.conversation.words import base_form, is_past, plain, tokens

_LEAD = re.compile(
    r"^(?:(?:and|but|so|ok|okay|well|or|also|then)[,\s]+)*(?P<about>(?:what|how)\s+about\s+|what\s+of\s+)?(?:(?:and|also)\s+)?",
    re.IGNORECASE,
)
_THOSE_OF = re.compile(r"^(?:those|that|the ones?) (?:of|from|in) (?=\S)", re.IGNORECASE)
_MAX_WORDS = 8
_PLAIN_TIMES = lexicon.word_set("yesterday today tomorrow last next this")
_BARE_TIMES = lexicon.word_set("now then before later earlier afterwards today yesterday tomorrow")
_COUNTED_FROM = lexicon.word_set("ago later earlier before after")
_ACTORS = frozenset({"person", "group", "name"})
_ACTING = 2.5
_POSSESSED = re.compile(r"['’]s? ")
_COUNTING = "first|second|third|fourth|fifth|sixth|last|next|previous"
_THE_NEXT = re.compile(rf"the (?P<which>{_COUNTING})(?: one)?$", re.IGNORECASE)
_NUMBERED = re.compile(rf"(?:\b(?:the|his|her|its|their)|['’]s?) (?P<which>{_COUNTING})(?= \w)", re.IGNORECASE)
_BARE_TIME = re.compile(
    r"\b(?:(?:last|this|next) (?:year|month|week|season|spring|summer|autumn|winter|decade)|today|yesterday|tomorrow|now)\b",
    re.IGNORECASE,
)
_PREPOSITION_LAST = re.compile(r"\b(?:in|on|at|during|since|by)\s+$", re.IGNORECASE)


def new_part(asked: str) -> str | None:
    """The part that a question like "And Armenia?" brings; ``None`` if it is another kind of question."""
    text = asked.strip().rstrip("?.! …").strip()
    lead = _LEAD.match(text)
    if lead is None or not lead.group().strip():
        return None
    part = _THOSE_OF.sub("", text[lead.end() :].strip())
    toks = [token for token in tokens(part) if token.is_word]
    if not toks or len(toks) > _MAX_WORDS:
        return None
    lowers = {token.lower for token in toks if token.text != "May"}
    if lowers & (lexicon.AUXILIARIES | lexicon.QUESTION_WORDS):
        return None
    phrase = toks[0].lower in lexicon.DETERMINERS and not any(is_past(token.text) for token in toks)
    if lead.group("about") is None and len(toks) > 5 and not phrase:
        return None
    return part


def read_substitution(part: str, asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings of the last question with ``part`` in the place of what is most alike.

    Args:
        part: of :func:`new_part`, with its pronouns filled in.
        asked: the whole question as it was asked.
        turns: the turns so far, at least one.
    """
    last = len(turns) - 1
    base = turns[last].standalone
    first, _, rest = part.partition(" ")
    preposition = first if rest and first.lower() in lexicon.PREPOSITIONS else ""
    new = whole(rest if preposition else part)
    if new is None:
        return []
    number, old_number = _THE_NEXT.match(rest if preposition else part), _NUMBERED.search(base)
    if number is not None and old_number is not None:
        begin, end = old_number.span("which")
        question = f"{base[:begin]}{number.group('which').lower()}{base[end:]}"
        return [Standalone(asked, question, "substitution", (Filling(base[begin:end], part, last),))]
    when = not preposition and _tells_when(part, new)
    if when:
        new = replace(new, kind="time")
    if is_past(part) and " " not in part:
        return _other_verb(part, asked, base, last)
    speaks = not preposition and _speaks(new, turns[last])
    if not preposition and not speaks and (of_same := of_the_same(part, base)) is not None:
        return [Standalone(asked, of_same, "substitution", (Filling("", base, last),))]
    if when and (earlier := _BARE_TIME.search(base)) is not None:
        question = f"{base[: earlier.start()]}{part}{base[earlier.end() :]}"
        return [Standalone(asked, question, "substitution", (Filling(earlier.group(), part, last),))]
    readings = _as_nationality(new, asked, turns) if not preposition else []
    for old in _alike(new, preposition, base):
        if plain(old.text) == plain(new.text):
            continue
        start, text = old.start, _with_its_of(new, old)
        if preposition:
            before = re.search(r"\b(\w+)\s+$", base[:start])
            if before is not None and before.group(1).lower() in lexicon.PREPOSITIONS:
                start, text = before.start(1), f"{preposition} {text}"
            elif old.kind != "time":
                continue
        elif when:
            # "on Monday" gives way as a whole to "yesterday".
            start -= len(base[:start]) - len(_PREPOSITION_LAST.sub("", base[:start]))
        if text.endswith(("'s", "’s")) and base[old.end :].startswith(("'s", "’s")):
            text = text[:-2]
        question = base[:start] + _with_determiner(text, old, base) + base[old.end :]
        question = question[:1].upper() + question[1:]
        readings.append(Standalone(asked, question, "substitution", (Filling(old.text, part, last),)))
    if speaks:
        said = Standalone(
            asked, f"{base.rstrip('?. ')} according to {new.text}?", "substitution", (Filling("", base, last),)
        )
        # "Armenia" may be what is asked about or who speaks, "the insurer" and "Anna Stone" speak.
        readings.insert(len(readings) if new.kind in ("name", "place") else 0, said)
    if not readings:
        readings.append(_added(part, preposition, new, asked, base, last))
    return readings


def _tells_when(part: str, new: Mention) -> bool:
    """Whether ``part`` is a time that needs no preposition: "today", "last year", "two years ago", "then"."""
    words = part.lower().split()
    if len(words) == 1 and words[0] in _BARE_TIMES:
        return True
    if len(words) > 1 and words[-1] in _COUNTED_FROM:
        return kind_of_noun(words[-2]) == "time"
    return new.kind == "time" and words[0] in _PLAIN_TIMES


def _speaks(new: Mention, turn: Turn) -> bool:
    """Whether ``new`` is among those whose claims the last answer gave."""
    words = re.compile(rf"\b{re.escape(new.head)}\b(?!['’]s)", re.IGNORECASE)
    speakers = [speaker.text for claim in turn.answer.claims for speaker in claim.speakers if speaker is not None]
    return bool(new.head) and any(words.search(speaker) for speaker in speakers)


def _as_nationality(new: Mention, asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """The last question with another nationality: "Armenian soldiers" for "Armenia" in the place of "Azerbaijani soldiers"."""
    last = len(turns) - 1
    base = turns[last].standalone
    if not new.named or new.kind not in ("name", "place", "group") or not new.text[:1].isupper():
        return []
    toks = tokens(base)
    for at, token in enumerate(toks):
        if at and is_adjective(toks, at, at + 1) and _of_people(toks[at + 1].lower):
            adjective = _adjective_of(new.text, turns[last])
            noun = base[token.end : toks[at + 1].end]
            filled = f"{adjective}{noun}" if adjective else f"{noun.strip()} of {new.text}"
            question = base[: token.start] + filled + base[toks[at + 1].end :]
            return [Standalone(asked, question, "substitution", (Filling(token.text, adjective or new.text, last),))]
    return []


def _other_verb(part: str, asked: str, base: str, last: int) -> list[Standalone]:
    """The last question with another verb: "How many were killed?" and "And wounded?"."""
    shape = shape_of(base)
    verb = next((token for token in tokens(shape.clause) if is_past(token.text) and not token.is_name), None)
    if verb is None:
        return []
    auxiliary = shape.auxiliary or ("were" if shape.form == "subject" else "")
    clause = f"{shape.clause[: verb.start]}{part.lower()}{shape.clause[verb.end :]}"
    question = Shape(shape.form, shape.asks, auxiliary, clause).asked_by(shape.asks)
    return [Standalone(asked, question, "substitution", (Filling(verb.text, part, last),))]


def _of_people(noun: str) -> bool:
    """Whether a noun goes with a nationality: soldiers, a president, a government."""
    return kind_of_noun(noun) in ("person", "group") or is_plural(noun)


def _adjective_of(name: str, turn: Turn) -> str:
    """The adjective of a country: the word of the passages read that begins and ends so, else by the usual ending."""
    stem = re.escape(name[: max(4, len(name) - 2)])
    for text in (*turn.sentences, *(passage.text for passage in turn.answer.passages)):
        for match in re.finditer(rf"\b{stem}\w*\b(?=\s+[a-z])", text):
            if match.group() != name and match.group().lower().endswith(ADJECTIVE_ENDS):
                return match.group()
    return f"{name}n" if name.endswith("a") and " " not in name else ""


def _alike(new: Mention, preposition: str, base: str) -> list[Mention]:
    """The parts of ``base`` that may give way to ``new``, the most alike first."""
    scored: list[tuple[float, int, Mention]] = []
    shape = shape_of(base)
    # Another plural without anything before it is counted like the one that was: "How many people died?", "And children?".
    bare = (
        new.plural and not new.named and new.text.split(" ")[0].lower() not in lexicon.DETERMINERS and not preposition
    )
    # "What does Olsen demand?" and "the union" ask what the union demands.
    acts = shape.form == "inverted" and shape.auxiliary.lower() in ("do", "does", "did")
    actor = new.kind in ("person", "group") and not _POSSESSED.search(new.text)
    acting = len(base.rstrip("?.! ")) - len(shape.clause) if acts and not preposition else -1
    counted = shape.noun if bare and shape.word == "how many" and not shape.noun.startswith("of ") else ""
    for old in mentions_in(base):
        if old.text.split(" ")[0].lower() in lexicon.QUESTION_WORDS:
            continue
        score = 3.0 if counted and counted.endswith(old.text) and base[: old.end].endswith(counted) else 0.0
        if old.kind == new.kind:
            score += 3.0
        elif {old.kind, new.kind} & {"time", "number"}:
            continue
        elif "name" in (old.kind, new.kind):
            score += 1.5 if old.named and new.named else 0.0
        score += 1.0 if old.named == new.named else -1.0
        score += 0.5 if old.plural == new.plural else 0.0
        score += 0.5 if len(tokens(old.text)) == len(tokens(new.text)) else 0.0
        score += 1.0 if old.head and old.head == new.head else 0.0
        score += _ACTING if actor and old.start == acting and old.kind in _ACTORS else 0.0
        if preposition and re.search(rf"\b{re.escape(preposition)}\s+$", base[: old.start], re.IGNORECASE):
            score += 1.5
        scored.append((score, old.start, old))
    scored.sort(key=lambda item: (-item[0], item[1]))
    return [old for score, _, old in scored if score >= 1.5 and score >= scored[0][0] - 0.5][:2]


def _with_its_of(new: Mention, old: Mention) -> str:
    """``new`` with what the old part was of: "the prime minister" for "the president of Azerbaijan" is the one of it too."""
    of = old.text.find(" of ")
    bare = new.named or new.kind in ("time", "number") or new.text.split(" ")[0].lower() not in ("the", "a", "an")
    return new.text if of < 0 or bare or " of " in new.text else new.text + old.text[of:]


def _with_determiner(text: str, old: Mention, base: str) -> str:
    """``text`` without a determiner where the old part had none after "how many": "How many soldiers" and "the civilians"."""
    before = base[: old.start].rstrip().lower()
    if before.endswith(("many", "much", "which", "what")):
        return re.sub(r"^(?:the|a|an)\s+", "", text, flags=re.IGNORECASE)
    return text


def _added(part: str, preposition: str, new: Mention, asked: str, base: str, last: int) -> Standalone:
    """The last question about ``part``: as its subject where that was asked for, else added at the end."""
    shape = shape_of(base)
    filling = (Filling("", base, last),)
    bare_number = re.match(r"^(how many|how much)\b", base, re.IGNORECASE)
    if bare_number is not None and not shape.noun and not preposition and not new.named:
        noun = re.sub(r"^(?:the|a|an)\s+", "", new.text, flags=re.IGNORECASE)
        if new.plural == bare_number.group().lower().endswith("many"):
            return Standalone(
                asked, f"{bare_number.group()} {noun}{base[bare_number.end() :]}", "substitution", filling
            )
    timed = not preposition and new.kind == "time"
    if shape.form == "subject" and shape.word in ("who", "what") and not preposition and shape.clause and not timed:
        if shape.auxiliary:
            auxiliary = agreeing(shape.auxiliary, new.text)
            question = f"{auxiliary[:1].upper()}{auxiliary[1:]} {new.text} {shape.clause}?"
        else:
            verb, _, rest = shape.clause.partition(" ")
            question = " ".join(p for p in ("Did", new.text, base_form(verb), rest) if p) + "?"
        return Standalone(asked, question, "substitution", filling)
    if not preposition and new.kind in ("person", "group") and not new.plural and shape.form != "subject":
        return Standalone(asked, f"{base.rstrip('?. ')} according to {new.text}?", "substitution", filling)
    link = (
        part
        if preposition or (timed and _tells_when(part, new))
        else f"in {part}"
        if new.kind in ("place", "time")
        else f"for {part}"
    )
    return Standalone(asked, f"{base.rstrip('?. ')} {link}?", "substitution", filling)
