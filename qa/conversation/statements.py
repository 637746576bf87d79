"""What a question and its answer say together: "Who called?" and "Putin" say "Putin called"."""

from qa.conversation import lexicon
from qa.conversation.mentions import mentions_in
from qa.conversation.nouns import is_plural
from qa.conversation.shape import Shape, agreeing, with_noun
from qa.conversation.words import is_past, past_form, tokens


def statement(shape: Shape, answer: str) -> str:
    """What the question and its answer say together: "12 soldiers were killed"; empty if the form does not tell."""
    filled = with_noun(answer, shape.noun)
    if shape.form in ("subject", "copula"):
        parts = (filled, agreeing(shape.auxiliary, filled), shape.clause)
        return " ".join(part for part in parts if part)
    return ""


def clause_of(shape: Shape, answer: str) -> str:
    """What a question whose subject stands after its auxiliary and its answer say together: "the ferry sank on 3 May".

    Empty if the form does not tell: the subject has to be a mention and the verb to follow it, and what answers "why" or "how"
    has to begin with a preposition.
    """
    auxiliary = shape.auxiliary.lower()
    if shape.form != "inverted" or not answer or auxiliary in ("do", "does") or "n't" in auxiliary:
        return ""
    joined = any(token.lower in lexicon.PREPOSITIONS | {"due", "thanks"} for token in tokens(answer)[:1])
    if not (joined or shape.argument or shape.word in ("when", "where")):
        return ""
    # Behind its auxiliary the subject ends before its verb.
    text = f"{auxiliary} {shape.clause}"
    subject = next((one for one in mentions_in(text) if one.start == len(auxiliary) + 1), None)
    if subject is None:
        return ""
    rest = text[subject.end :].strip()
    toks = tokens(rest)
    verb = toks[0] if toks else None
    if auxiliary != "did" and verb is not None and verb.lower in lexicon.PREPOSITIONS:
        # "The bridge over the Orm opened"
        verb = next((one for one in toks if is_past(one.text) and not one.is_name), None)
    if verb is None:
        return ""
    if auxiliary == "did":
        if verb.is_name or verb.lower in lexicon.FUNCTION or is_plural(verb.lower):
            return ""
        parts = [subject.text, past_form(verb.text), rest[verb.end :].strip(), answer]
    else:
        parts = [subject.text, rest[: verb.start].strip(), auxiliary, rest[verb.start :], answer]
    return " ".join(part for part in parts if part)
