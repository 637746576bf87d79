"""Questions about what somebody did or what happened, where the answer is a verb: "What happened to the clocks?", "sold at
auction" and "When?"; and "Which factory?" after a question about a factory."""

import re
from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.mentions import mentions_in
from qa.conversation.shape import Shape, agreeing
from qa.conversation.turns import Turn
from qa.conversation.words import Token, base_form, is_past, past_form, tokens

_HAPPENED = re.compile(r"happened(?: to (?P<whom>\S.*)|(?P<where> \S.*))?$", re.IGNORECASE)
_NEAR = 4
_DID = re.compile(r"(?P<whom>\S.*) do(?P<where> \S.*)?$", re.IGNORECASE)


def is_deed(text: str) -> bool:
    """Whether ``text``, an answer, begins with the verb of what somebody did, and so names nothing: "went back to sea"."""
    toks = [token for token in tokens(text) if token.is_word]
    if not toks or toks[0].is_name:
        return False
    after = toks[1] if len(toks) > 1 else None
    if toks[0].lower == "to":
        return after is not None and not after.is_name and after.lower not in lexicon.FUNCTION and after.text.isalpha()
    if toks[0].lower in lexicon.PAST_ONLY:
        return True
    return is_past(toks[0].text) and (after is None or after.lower in lexicon.FUNCTION or after.text[0].isdigit())


def is_clause(text: str) -> bool:
    """Whether ``text``, an answer, is a subject with its verb, and so names nothing: "the army shelled the town"."""
    toks = tokens(text)
    if any(token.lower in lexicon.QUESTION_WORDS | {"that"} for token in toks):
        return False  # "the engineer who signed the report" names somebody
    return any(token.lower not in lexicon.AUXILIARIES and _is_verb(toks, at) for at, token in enumerate(toks) if at)


def asked_of_deed(shape: Shape, asks: str, turn: Turn) -> str | None:
    """The question that ``asks``, "When" or "Why", adds to one for what happened or was done: "When were the clocks sold?".

    Args:
        shape: of the last question.
        asks: the new asking words.
        turn: the last turn.

    Returns:
        The question; ``None`` if the last one was another one, or its answer has no verb that can be told.
    """
    form = _HAPPENED if shape.form == "subject" else _DID if shape.form == "inverted" else None
    asked = form.match(shape.clause) if form is not None and shape.word == "what" and not shape.noun else None
    answer = "" if turn.answer.answer is None else turn.answer.answer.strip(" .,;:")
    toks = tokens(answer)
    verb = next((at for at in range(len(toks)) if _is_verb(toks, at)), None)
    if (
        asked is None
        or verb is None
        or (verb == 0 and not is_deed(answer) and toks[0].lower not in lexicon.AUXILIARIES)
    ):
        return None
    own = answer[: toks[verb].start].strip()
    own = own[:1].lower() + own[1:] if toks[0].lower in lexicon.DETERMINERS else own
    whom, where = (asked.groupdict("")[part] for part in ("whom", "where"))
    subject = whom if not own or own.lower() in lexicon.PRONOUNS else own
    if not subject:
        return None
    word, rest = toks[verb].lower, answer[toks[verb].end :]
    if word in lexicon.AUXILIARIES:
        return f"{asks} {agreeing(word, subject)} {subject}{rest}{where}?"
    if not own and form is _HAPPENED and _is_passive(turn):
        return f"{asks} {agreeing('was', subject)} {subject} {word}{rest}{where}?"
    return f"{asks} did {subject} {base_form(word)}{rest}{where}?"


def _is_verb(toks: Sequence[Token], at: int) -> bool:
    """Whether the word at ``at`` of an answer is its verb; after others only where it can be no participle."""
    token, after = toks[at], toks[at + 1].lower if at + 1 < len(toks) else ""
    if token.lower in lexicon.AUXILIARIES or token.is_name:
        return token.lower in lexicon.AUXILIARIES
    # "The army shelled the town" has an object, "soldiers wounded on Monday" has none.
    sure = at == 0 or token.lower in lexicon.PAST_ONLY or after in ("the", "a", "an")
    return sure and is_past(token.text)


def _is_passive(turn: Turn) -> bool:
    """Whether a form of "be" stands shortly before the answer in its text: "The clocks were found and [sold at auction]"."""
    for citation in turn.answer.citations[:1]:
        before = tokens(citation.sentence.text[: max(0, citation.start - citation.sentence.start)])
        return any(token.lower in lexicon.BE | {"been", "being"} for token in before[-_NEAR:])
    return False


def with_which(asks: str, question: str) -> str:
    """``question``, which begins with ``asks``, without the noun that "Which factory" asks about a second time.

    "Which factory will the factory be closed?" comes to "Which factory will be closed?".
    """
    words = asks.split()
    if len(words) != 2 or words[0].lower() not in ("which", "what"):
        return question
    noun = words[1].lower()
    same = (one for one in mentions_in(question) if one.start > len(asks) and one.head == noun and not one.named)
    spans = [(one.start, one.end) for one in same]
    bare = re.search(
        rf"(?<= )(?:{'|'.join(sorted(lexicon.PREPOSITIONS))}) (?P<noun>{re.escape(noun)})(?=\?$)", question
    )
    spans += [bare.span("noun")] if bare is not None else []
    if not spans:
        return question
    start, end = spans[0]
    before, after = question[:start].rstrip(), question[end:]
    if before.count(" ") == 2 and after.split(" ")[1:2] and after.split(" ")[1].lower() in lexicon.PREPOSITIONS:
        return question  # "the factory in Gdansk" is asked about as a whole
    if before.lower() == f"{asks} did".lower() and after.strip(" ?"):
        verb, _, rest = after.strip(" ?").partition(" ")
        return f"{asks} {past_form(verb)} {rest}".rstrip() + "?"
    return f"{before}{after}"
