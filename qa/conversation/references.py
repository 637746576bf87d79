"""References to what was spoken of: "Where did they go?", "Who is his spokesman?", "Who attended that meeting?"."""

from collections.abc import Sequence

from qa.conversation.demonstratives import demonstrative_edits, then_edits, there_edits
from qa.conversation.memory import remembered
from qa.conversation.pronouns import pronoun_edits
from qa.conversation.readings import Standalone, edited
from qa.conversation.turns import Turn
from qa.conversation.words import tokens


def read_references(asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings of a question that refers to something earlier, the most likely first; none if it refers to nothing."""
    toks = tokens(asked)
    memory = remembered(turns)
    fixed = [*demonstrative_edits(toks, memory, turns), *there_edits(toks, memory), *then_edits(toks, turns)]
    found = pronoun_edits(asked, toks, memory, turns, taken={edit.start for edit in fixed})
    return [edited(asked, "reference", [*edits, *fixed]) for edits in found or [[]] if edits or fixed]
