"""The parts of a question that other questions are made of: "When | did | Putin call for a ceasefire"."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qa.conversation import lexicon
from qa.conversation.nouns import is_plural, kind_of_noun
from qa.conversation.words import Token, base_form, is_auxiliary, is_past, tokens

Form = Literal["subject", "inverted", "copula", "polar", "other"]
"""``subject``: the question words are the subject ("Who called?"). ``inverted``: an auxiliary stands before the subject
("When did he call?"). ``copula``: a form of "be" and a noun phrase ("Who is the president?"). ``polar``: answered by yes or no.
``other``: none of these."""

_LEADING = (
    "in",
    "on",
    "at",
    "by",
    "from",
    "to",
    "for",
    "with",
    "since",
    "against",
    "until",
    "of",
    "during",
    "about",
    "after",
)
_RELATIVE = lexicon.word_set("who that which")
_ARGUMENTS = lexicon.word_set("who whom what which whose")


@dataclass(frozen=True, slots=True)
class Shape:
    """A question in parts; each part is empty where the form has none.

    Attributes:
        form: how the parts go together.
        asks: the words that ask: "How many soldiers", "In which year".
        auxiliary: as it stands there.
        clause: what comes after, without the question mark: subject and verb, or with ``subject`` the verb and the rest.
    """

    form: Form
    asks: str
    auxiliary: str
    clause: str

    @property
    def word(self) -> str:
        """The question word in lower case, with "how many" and "how much" whole; empty if there is none."""
        parts = [token.lower for token in tokens(self.asks)]
        for at, part in enumerate(parts):
            if part == "how" and at + 1 < len(parts):
                return f"how {parts[at + 1]}"
            if part in lexicon.QUESTION_WORDS:
                return part
        return ""

    @property
    def noun(self) -> str:
        """What "how many", "which" or "what" asks for: "soldiers"; empty if nothing is said."""
        asked = self.word.split()
        parts = tokens(self.asks)
        if not asked:
            return ""
        last = max((at for at, part in enumerate(parts) if part.lower == asked[-1]), default=len(parts))
        return self.asks[parts[last + 1].start :] if last + 1 < len(parts) else ""

    @property
    def argument(self) -> bool:
        """Whether it asks for somebody or something, not for a time, place, reason or manner."""
        if (
            kind_of_noun(self.noun.split(" ")[-1].lower()) in ("time", "place")
            and self.asks.split(" ")[0].lower() in _LEADING
        ):
            return False
        return self.word in _ARGUMENTS or self.word in ("how many", "how much")

    def asked_by(self, asks: str) -> str:
        """The question with other words asking."""
        parts = (asks, self.auxiliary.lower(), self.clause)
        return " ".join(part for part in parts if part) + "?"


@lru_cache(maxsize=128)
def shape_of(question: str) -> Shape:
    """The parts of ``question``, by its first auxiliary and what stands before and after it."""
    text = question.strip().rstrip("?.! ").strip()
    toks = [token for token in tokens(text) if token.is_word or token.text not in "?.!"]
    while len(toks) > 1 and toks[0].lower in lexicon.CONNECTIVES | {","} and toks[0].lower != "now":
        toks = toks[1:]
    if not toks:
        return Shape("other", "", "", text)
    text = text[toks[0].start :]
    toks = tokens(text)
    first = toks[0].lower
    if first in lexicon.AUXILIARIES:
        return Shape("polar", "", toks[0].text, text[toks[0].end :].strip())
    begins = 1 if first in _LEADING and len(toks) > 1 else 0
    if toks[begins].lower not in lexicon.QUESTION_WORDS:
        return Shape("other", "", "", text)
    verbs = [at for at in range(begins + 1, len(toks)) if is_auxiliary(toks[at])]
    # In "How many of those who were arrested were released?" the first one only tells who is counted.
    main = (at for at in verbs if at == begins + 1 or toks[at - 1].lower not in _RELATIVE)
    verb = next(main, verbs[0] if verbs else None)
    lexical = _lexical_verb(toks, begins)
    if lexical is not None and (verb is None or lexical < verb):
        return Shape("subject", text[: toks[lexical - 1].end], "", text[toks[lexical].start :])
    if verb is None:
        return Shape("other", text[: toks[begins].end], "", text[toks[begins].end :].strip())
    asks, auxiliary = text[: toks[verb - 1].end], toks[verb].text
    clause = text[toks[verb].end :].strip()
    return Shape(_form(asks, toks, verb), asks, auxiliary, clause)


def _lexical_verb(toks: list[Token], begins: int) -> int | None:
    """Number of the verb right after the asking words: "Who [called]", "Which company [sold]"; ``None`` if there is none."""
    word = toks[begins].lower
    at = begins + 1
    if word not in _ARGUMENTS and not (word == "how" and at < len(toks) and toks[at].lower in ("many", "much")):
        return None
    if word in ("who", "what") and at < len(toks) and toks[at].is_word and toks[at].lower not in lexicon.FUNCTION:
        # "What soldiers were ..." has a noun here, "Who leads ..." a verb.
        if is_past(toks[at].text) or (word == "who" and not toks[at].is_name):
            return at
        return at if toks[at].lower.endswith("s") and not _auxiliary_soon(toks, at) else None
    if word == "how" and at + 2 < len(toks) and is_plural(toks[at + 1].lower) and _plain_verb(toks, at + 2):
        return at + 2
    return next((n for n in range(at + 1, min(at + 6, len(toks))) if _past_before_auxiliary(toks, n)), None)


def _plain_verb(toks: list[Token], at: int) -> bool:
    """Whether a verb in its plain form may stand here: "How many people [live]"."""
    token = toks[at]
    plain = token.is_word and not token.is_name and token.lower not in lexicon.FUNCTION
    return plain and not is_plural(token.lower) and not _auxiliary_soon(toks, at - 1)


def _auxiliary_soon(toks: list[Token], at: int) -> bool:
    return any(is_auxiliary(token) for token in toks[at + 1 : at + 5])


def _past_before_auxiliary(toks: list[Token], at: int) -> bool:
    token = toks[at]
    if any(is_auxiliary(before) for before in toks[:at]) or not is_past(token.text) or token.is_name:
        return False
    return not is_auxiliary(token) and not _auxiliary_soon(toks, at - 1)


def _form(asks: str, toks: list[Token], verb: int) -> Form:
    auxiliary = toks[verb].lower
    after = toks[verb + 1] if verb + 1 < len(toks) else None
    shape = Shape("other", asks, "", "")
    if auxiliary.startswith(("did", "do")) and auxiliary != "done":
        return "inverted"
    if after is None:
        return "other"
    noun_phrase = after.lower in lexicon.DETERMINERS | lexicon.PRONOUNS | lexicon.FIRST_AND_SECOND or (
        after.is_name or after.text[0].isdigit()
    )
    if shape.argument and not noun_phrase:
        return (
            "subject"
            if is_past(after.text) or after.lower in lexicon.FUNCTION or after.lower.endswith("ing")
            else ("subject" if auxiliary not in lexicon.BE else "copula")
        )
    if auxiliary in lexicon.BE and shape.argument and not any(_participle(token) for token in toks[verb + 2 :]):
        return "copula"
    return "inverted"


def _participle(token: Token) -> bool:
    return token.is_word and is_past(token.text) and not token.is_name


def agreeing(auxiliary: str, subject: str) -> str:
    """``auxiliary`` in the number of ``subject``, if its last word looks like a plural: "was" to "were"."""
    last = subject.rsplit(" ", 1)[-1].lower()
    plural = is_plural(last) and not subject[:1].isupper()
    return {"was": "were", "is": "are", "has": "have"}.get(auxiliary, auxiliary) if plural else auxiliary


def with_noun(answer: str, noun: str) -> str:
    """``answer``, a bare number, with the noun that was asked for: "12" and "soldiers" to "12 soldiers"."""
    found = [token for token in tokens(answer) if token.is_word]
    bare = 0 < len(found) <= 2 and noun and not any(token.lower in noun.lower().split() for token in found)
    number = found and (found[0].text[0].isdigit() or found[0].lower in _NUMBERS)
    return f"{answer} {noun}" if bare and number else answer


_NUMBERS = lexicon.word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozens"
    " hundreds thousands"
)


def open_question(shape: Shape, asks: str, answer: str) -> str:
    """A question about what an earlier one and its answer told: "Who called?", "Putin" and "When" to "When did Putin call?".

    Args:
        shape: of the earlier question.
        asks: the new asking words: "When", "Since when", "By whom".
        answer: of the earlier question; empty if it had none.
    """
    if shape.form == "polar" or (shape.form == "inverted" and not shape.argument):
        return shape.asked_by(asks)
    filled = with_noun(answer, shape.noun)
    if shape.form == "inverted":
        return Shape("inverted", asks, shape.auxiliary, _with_object(shape, filled)).asked_by(asks)
    if shape.form == "copula":
        name = "" if filled.lower().startswith("the ") else filled
        if shape.word in ("who", "whom") and filled:
            return f"{asks} {shape.auxiliary} {filled} {shape.clause}?"
        return f"{asks} {shape.auxiliary} {shape.clause}{f', {name},' if name and asks.lower() == 'where' else ''}?".replace(
            ",?", "?"
        )
    if shape.form == "subject":
        subject = filled or (f"the {shape.noun}" if shape.noun else "someone" if shape.word == "who" else "it")
        if shape.auxiliary:
            return f"{asks} {agreeing(shape.auxiliary, subject)} {subject} {shape.clause}?"
        verb, _, rest = shape.clause.partition(" ")
        helper = "does" if verb.endswith("s") and not is_past(verb) else "did"
        return " ".join(part for part in (asks, helper, subject, base_form(verb), rest) if part) + "?"
    return shape.asked_by(asks)


def _with_object(shape: Shape, answer: str) -> str:
    """The clause with the answer where the asking words came from: after the verb, at the end."""
    if not shape.clause:
        return answer  # "Who did?" has nothing else
    if not answer or len(answer.split()) > 8:
        return shape.clause
    if shape.clause.split()[-1].lower() in lexicon.PREPOSITIONS or len(shape.clause.split()) <= 8:
        return f"{shape.clause} {answer}"
    return shape.clause
