"""Words that point: "there", "that meeting", the "that" of "Who said that?", and "the meeting" for one told of before."""

from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.impersonal import asks_who_did_it
from qa.conversation.memory import Remembered, remembered
from qa.conversation.mentions import mentions_in, whole
from qa.conversation.nouns import is_plural, kind_of_noun
from qa.conversation.pronouns import without_preposition
from qa.conversation.readings import Edit, Standalone, edited
from qa.conversation.shape import shape_of, with_noun
from qa.conversation.statements import clause_of, statement
from qa.conversation.turns import Turn
from qa.conversation.words import Token, is_past, plain

_SAYING = lexicon.word_set(
    "say says said claim claims claimed announce announced report reports reported deny denies denied confirm confirms "
    "confirmed think thinks thought believe believes believed know knows knew do does did done mean"
)
_DO = lexicon.word_set("does did doesn't didn't")
_READ = lexicon.word_set("article text document page story")
"""What is read itself, "this article", is of nobody that it speaks of."""
_SAY_SO = lexicon.word_set("say says said think thinks thought believe believes")
_PLAIN_NOUNS = {
    "person": lexicon.word_set("person man woman guy official"),
    "place": lexicon.word_set("place country city town area village location"),
    "time": lexicon.word_set("year time day month week date century period moment"),
    "group": lexicon.word_set("group organisation organization company party country"),
}


def there_edits(toks: Sequence[Token], memory: Sequence[Remembered]) -> list[Edit]:
    """What "there" means, where it is a place and not the "there" of "there is"."""
    text = plain(" ".join(token.text for token in toks))
    for at, token in enumerate(toks):
        if token.lower != "there":
            continue
        before = toks[at - 1].lower if at else ""
        after = toks[at + 1].lower if at + 1 < len(toks) and toks[at + 1].is_word else ""
        if (
            after in lexicon.AUXILIARIES | {"be", "been"}
            or (before in lexicon.BE and after)
            or before in ("be", "been")
        ):
            continue
        for wanted in ({"place"}, {"group", "name"}):
            fitting = [one for one in memory if one.kind in wanted and one.mention.named]
            # Who owns a company is no place to work at, the company is.
            found = next((one for one in fitting if "place" in wanted or one.role != "answer"), None)
            found = found or (fitting[0] if fitting else None)
            if found is None and "place" in wanted:
                found = next((one for one in memory if one.mention.kind == "place"), None)
            if found is None or plain(found.mention.text) in text:
                continue
            place = found.mention.text
            if before in lexicon.PREPOSITIONS:
                place = without_preposition(place)
            elif place.split(" ")[0].lower() not in lexicon.PREPOSITIONS:
                place = f"in {place}"
            return [Edit(token.start, token.end, place, found.turn)]
    return []


def then_edits(toks: Sequence[Token], turns: Sequence[Turn]) -> list[Edit]:
    """What "then" means at the end of a question, where the last answer is a time."""
    said = [token for token in toks if token.is_word]
    answer = turns[-1].answer.answer
    if len(said) < 3 or said[-1].lower != "then" or answer is None:
        return []
    time = whole(answer, shape_of(turns[-1].standalone).asks)
    if time is None or time.kind != "time":
        return []
    text = time.text
    if said[-2].lower in lexicon.PREPOSITIONS:
        text = without_preposition(text)
    return [Edit(said[-1].start, said[-1].end, text, len(turns) - 1)]


def demonstrative_edits(toks: Sequence[Token], memory: Sequence[Remembered], turns: Sequence[Turn]) -> list[Edit]:
    """What "that meeting" and "these talks" mean, and the "that" of "Who said that?"."""
    edits: list[Edit] = []
    for at, token in enumerate(toks):
        if token.lower not in lexicon.DEMONSTRATIVES | {"so"} or at == 0:
            continue
        rest = [one for one in toks[at + 1 :] if one.is_word]
        before = toks[at - 1].lower
        if not rest:
            verbs = _SAY_SO if token.lower == "so" else _SAYING
            fits = before in verbs and token.lower in ("that", "this", "so") and not asks_who_did_it(toks)
            said = _said(turns[-1]) if fits else ""
            edits += [Edit(token.start, token.end, said, len(turns) - 1)] if said else []
        elif token.lower != "so" and _points(toks, at, rest):
            meant = _meant(rest[0], before, memory, len(turns) - 1)
            edits += [Edit(token.start, rest[0].end, *meant)] if meant is not None else []
    return edits


def _points(toks: Sequence[Token], at: int, rest: Sequence[Token]) -> bool:
    """Whether the "that" at ``at`` stands before its noun here, and does not begin a clause."""
    token, before = toks[at], toks[at - 1].lower
    noun = rest[0]
    if len(rest) == 1 and _is_subject(toks, at):
        return False
    if noun.lower in lexicon.FUNCTION or noun.is_name or before in _SAYING - {"did", "does", "do"}:
        return False
    if is_past(noun.text) or (len(rest) > 1 and (rest[1].lower == "of" or rest[1].is_name)):
        return False
    if is_plural(noun.lower) != (token.lower in ("these", "those")):
        return False
    # "the fossils found that represent animals"
    if token.lower == "that" and len(rest) > 1 and is_plural(rest[1].lower) and rest[1].lower not in lexicon.FUNCTION:
        return False
    return token.lower != "that" or before in lexicon.AUXILIARIES | lexicon.PREPOSITIONS or is_past(before)


def _is_subject(toks: Sequence[Token], at: int) -> bool:
    """Whether the "that" at ``at``, which one word comes after, is by itself what that word tells of: "Is this true?",
    "Why is this important?", "What does that mean?"."""
    before = toks[at - 1].lower
    if before in _DO:
        return True
    return before in lexicon.BE and (at == 1 or toks[at - 2].lower in ("why", "how"))


def _meant(noun: Token, before: str, memory: Sequence[Remembered], last: int) -> tuple[str, int] | None:
    """What "that ``noun``" means and from which turn it is; ``None`` if nothing fits."""
    found = _by_noun(noun.lower, memory)
    if found is not None:
        # "What happened that day?" needs the "on" of "on 3 May", "Where is that city?" no "in".
        text = found.mention.text
        bare = found.mention.kind != "time" or before in lexicon.PREPOSITIONS
        return (without_preposition(text) if bare else text), found.turn
    names = [
        one.mention.text
        for one in memory
        if one.turn == last and one.mention.named and one.mention.kind in ("person", "group", "name")
    ]
    if not names or kind_of_noun(noun.lower) != "thing" or noun.lower in _READ:
        return None
    of = names[0] if " and " in names[0] else " and ".join(dict.fromkeys(names[:2]))
    return f"the {noun.text} of {of}", last


def _by_noun(noun: str, memory: Sequence[Remembered]) -> Remembered | None:
    """What "that ``noun``" means: something called so, else the last answer or mention of the kind that the noun names."""
    stem = noun.removesuffix("s")
    for item in memory:
        if item.mention.kind != "number" and stem in (
            item.mention.head.removesuffix("s"),
            item.asked_for.removesuffix("s"),
        ):
            return item
    for kind, nouns in _PLAIN_NOUNS.items():
        if stem in nouns or noun in nouns:
            kinds = {kind, "name"} if kind in ("person", "place", "group") else {kind}
            found = next((one for one in memory if one.mention.kind in kinds and one.mention.named), None)
            if found is not None:
                return found
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
    if shape.form == "inverted":
        clause = clause_of(shape, with_noun(text, shape.noun))
        return f"that {clause}" if clause else ""
    return statement(shape, text) or with_noun(text, shape.noun)


def read_echo(asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings of a question without names in which "the meeting" is one that was spoken of more fully before."""
    own = mentions_in(asked)
    if any(mention.named for mention in own):
        return []
    memory = [item for item in remembered(turns) if item.turn >= len(turns) - 2]
    for mention in own:
        if mention.text.split(" ")[0].lower() not in ("the", "both") or " of " in mention.text or not mention.head:
            continue
        fuller = (one for one in memory if _is_fuller(one, mention.text, mention.head) and one.mention.named)
        found = next((one for one in fuller if one.mention.kind not in ("number", "time")), None)
        if found is not None and plain(found.mention.text) not in plain(asked):
            return [edited(asked, "reference", [Edit(mention.start, mention.end, found.mention.text, found.turn)])]
    return []


def _is_fuller(item: Remembered, text: str, head: str) -> bool:
    """Whether ``item`` says all that ``text`` says of its noun ``head``: "the mayor of Lowen" is no "deputy mayor"."""
    if head not in (item.mention.head, item.asked_for):
        return False
    said = {*plain(item.mention.text).split(" "), item.asked_for}
    return all(word in said for word in plain(text).split(" ")[1:])
