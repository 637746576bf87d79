"""Bare question words: "When?", "And how many?", "Where was that?", "Who else?", "Why did he?"."""

import re
from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.ellipsis import context_of
from qa.conversation.happenings import asked_of_deed, is_deed, with_which
from qa.conversation.impersonal import asks_who_did_it
from qa.conversation.mentions import mentions_in, whole
from qa.conversation.nouns import is_plural, kind_of_noun
from qa.conversation.readings import Filling, Standalone
from qa.conversation.shape import Shape, agreeing, open_question, shape_of
from qa.conversation.talk import is_courtesy
from qa.conversation.turns import Turn
from qa.conversation.words import is_past, tokens

_THAT = re.compile(
    r"\s+(?:was|is|were|are|did|does|has|will|would|had)\s+(?:that|this|it|so|they|he|she|these|those)"
    r"(?:\s+(?:happen|happened|occur|occurred|take\s+place|taken\s+place|done|do|do\s+(?:it|so|that|this)|so|be|say\s+so))?$",
    re.IGNORECASE,
)
_IS_HE = re.compile(r"\s(?:was|is|were|are|has|had|will|would)\s+(?P<who>they|he|she|it|these|those)$", re.IGNORECASE)
_OCCUPATION = re.compile(r"^what\s+(?:else\s+)?(?:do|does|did)\s+(?:he|she|they|it)\s+do$", re.IGNORECASE)
_WHO_IS = re.compile(r"(?:and\s+)?who\s+(?P<be>is|was)\s+that\W*$", re.IGNORECASE)
_COUNTED = re.compile(r"^how (?:many|much) \w", re.IGNORECASE)
_ELSE = re.compile(r"^(who|whom|what|where|when|why|how)\s+else$", re.IGNORECASE)
_COMMAND = re.compile(r"(?:please\s+)?(?:tell|show|give|list|describe|explain|name|summari[sz]e|find)\s", re.IGNORECASE)
_MAX_WORDS = 5


def read_question_word(asked: str, turns: Sequence[Turn], *, pronouns: bool = False) -> list[Standalone]:
    """Readings of a question that is nothing but words that ask; none if it is something else.

    Args:
        asked: the question.
        turns: the turns so far, at least one.
        pronouns: take "When was it?" as "When?" too, where "it" means nothing in particular.
    """
    words_only = _asking_words(asked, pronouns=pronouns)
    if words_only is None:
        return []
    last = len(turns) - 1
    turn = turns[last]
    if (points := _WHO_IS.match(asked.strip())) is not None and (who := _person(turn)):
        return [
            Standalone(
                asked, f"Who {points.group('be').lower()} {who}?", "question_word", (Filling("that", who, last),)
            )
        ]
    shape = shape_of(turn.standalone)
    answer = _usable_answer(turn)
    if is_courtesy(turn.standalone):
        return []
    if _COMMAND.match(turn.standalone):
        return _about(asked, words_only, turns)
    more = _ELSE.match(words_only)
    if more is not None and shape.word:
        question = _with_else(shape)
    elif words_only.lower() == "how many" or (words_only.lower() == shape.word == "how much"):
        question = _how_many(shape, words_only, answer)
    elif words_only.lower() in ("who", "by who", "by whom") and shape.form == "inverted" and _passive(shape):
        question = shape.asked_by("By whom")
    elif shape.form == "inverted" and shape.argument and _asks_more_nearly(words_only, shape):
        question = shape.asked_by(words_only)
    elif _counts_others(shape, words_only):
        auxiliary = agreeing(shape.auxiliary, words_only.lower())
        question = Shape(shape.form, words_only, auxiliary, shape.clause).asked_by(words_only)
    else:
        deed = asked_of_deed(shape, words_only, turn)
        question = with_which(words_only, open_question(shape, words_only, answer) if deed is None else deed)
    question = question[:1].upper() + question[1:]
    filling = Filling("", question.rstrip("?")[len(words_only) :].strip() or turn.standalone, last)
    return [Standalone(asked, question, "question_word", (filling,))]


def _about(asked: str, words_only: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings after a turn that was no question: "Tell me about the clash." and "When?"."""
    context = context_of(turns[-1])
    if not context:
        return []
    return [Standalone(asked, f"{words_only} {context}?", "question_word", (Filling("", context, len(turns) - 1),))]


def _asking_words(asked: str, *, pronouns: bool) -> str | None:
    """The asking words of a question that has nothing else to say, capitalised; ``None`` if it has."""
    text = asked.strip().rstrip("?.! …").strip()
    if text.lower() == "how come":
        return "Why"
    toks = tokens(text)
    while toks and (toks[0].lower in lexicon.CONNECTIVES or not toks[0].is_word):
        toks = toks[1:]
    if not toks:
        return None
    text = text[toks[0].start :]
    if _OCCUPATION.search(text) or asks_who_did_it(toks):
        return None
    person = _IS_HE.search(text)
    if person is None or (pronouns and person.group("who").lower() in ("it", "these", "those")):
        text = _THAT.sub("", text)
    found = [token for token in tokens(text) if token.is_word]
    if not found or len(found) > _MAX_WORDS:
        return None
    starts = 1 if found[0].lower in lexicon.PREPOSITIONS and len(found) > 1 else 0
    if found[starts].lower not in lexicon.QUESTION_WORDS:
        return None
    rest = found[starts + 1 :]
    if any(
        token.lower in lexicon.AUXILIARIES | lexicon.PRONOUNS | lexicon.DETERMINERS or token.is_name for token in rest
    ):
        return None
    if any(is_past(token.text) or token.lower in ("about", "come") for token in rest):
        return None
    # "Who won", "Who leads" have a verb, "Which city", "What time" a noun, "How many soldiers" too.
    plain_words = [token for token in rest if token.lower not in lexicon.FUNCTION | lexicon.ADJECTIVES_OF_QUANTITY]
    # After a plural noun comes its verb: "How many people live".
    if any(is_plural(token.lower) for token in plain_words[:-1]):
        return None
    if plain_words and found[starts].lower not in ("which", "what", "how", "whose"):
        return None
    if (
        found[starts].lower == "what"
        and plain_words
        and kind_of_noun(plain_words[-1].lower) == "thing"
        and plain_words[-1].lower not in ("time", "date", "age", "name", "number")
    ):
        return None
    return text[:1].upper() + text[1:]


def _usable_answer(turn: Turn) -> str:
    """The turn's answer where it is short enough to stand in a question, else nothing."""
    if turn.answer.answer is None or whole(turn.answer.answer) is None:
        return ""
    text = turn.answer.answer.strip(" .,;:")
    if is_deed(text) and shape_of(turn.standalone).form == "subject":
        return ""  # "Why did sold at auction happen to the clocks?"
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An", "His", "Her", "Its", "Their") else text


def _person(turn: Turn) -> str:
    """The one person that the turn's answer is; empty if it is none."""
    found = None if turn.answer.answer is None else whole(turn.answer.answer, shape_of(turn.standalone).asks)
    return found.text if found is not None and found.kind == "person" and not found.plural else ""


def _with_else(shape: Shape) -> str:
    if shape.noun:
        other = re.sub(rf"\b{re.escape(shape.noun)}$", f"other {shape.noun}", shape.asks)
        return shape.asked_by(other)
    return shape.asked_by(f"{shape.asks} else")


def _passive(shape: Shape) -> bool:
    return shape.auxiliary.lower() in lexicon.BE and any(is_past(token.text) for token in tokens(shape.clause))


def _asks_more_nearly(words_only: str, shape: Shape) -> bool:
    """Whether ``words_only`` asks for what was asked for: "Which yacht?" and "How many yachts?" after "What did he buy?"."""
    if _COUNTED.match(words_only):
        return True
    first, _, noun = words_only.lower().partition(" ")
    return first == "which" and kind_of_noun(noun) == "thing" and noun not in shape.clause.lower().split()


def _counts_others(shape: Shape, words_only: str) -> bool:
    """Whether ``words_only`` counts others of whom the same may be said: "How many children?" after "How many people died?"."""
    counting = shape.form == "subject" and shape.word in ("how many", "how much")
    return (
        counting
        and words_only.lower().startswith(f"{shape.word} ")
        and kind_of_noun(tokens(words_only)[-1].lower) != "time"
    )


def _how_many(shape: Shape, asks: str, answer: str) -> str:
    """A question for the number of what was spoken of: of the answer, else of what was asked for, else of the first plural."""
    bare = re.sub(r"^(?:the|some|his|her|its|their|[\d,.]+)\s+", "", answer, flags=re.IGNORECASE)
    described = whole(bare) if bare else None
    noun = shape.noun
    if described is not None and described.plural and " and " not in bare and "," not in bare:
        noun = bare
    elif not noun and shape.word in ("who", "whom"):
        noun = "people"
    if shape.argument and noun:
        auxiliary = agreeing(shape.auxiliary, noun) if shape.form == "subject" else shape.auxiliary
        return Shape(shape.form, "", auxiliary, shape.clause).asked_by(f"{asks} {noun}")
    several = next((mention for mention in mentions_in(shape.clause) if mention.plural), None)
    if several is None:
        return open_question(shape, asks, answer)
    noun = re.sub(r"^(?:the|any|some|all)\s+", "", several.text, flags=re.IGNORECASE)
    rest = " ".join((shape.clause[: several.start] + shape.clause[several.end :]).split())
    return Shape(shape.form, asks, shape.auxiliary, rest).asked_by(f"{asks} {noun}")
