"""Ways to read a follow-up, which were compared.

- ``as_asked``: as it is, as if there had been no turn before it.
- ``previous_question``: with the question before it put in front.
- ``rules``: as the rules of :mod:`qa.conversation.standalone` read it.
- ``chosen``: where the rules see more than one reading, that whose answer the reader is clearly surer of.

Scores on 48 follow-ups that :mod:`qa.evaluation.follow_ups` made from development files, over all their paragraphs (F1 in
percent, refusals included, four passages read; a small sample, so a difference of a few points is chance):

=================  =========  ========  ============  =========  ====
reading            reference  ellipsis  substitution  new topic  all
=================  =========  ========  ============  =========  ====
the full question  86.1       58.3      84.7          92.9       80.3
as_asked           58.1       55.6      0.0           92.9       52.6
previous_question  35.3       16.7      84.7          10.0       35.6
rules              79.8       55.6      84.7          82.9       75.4
chosen             86.1       66.7      84.7          82.9       80.3
=================  =========  ========  ============  =========  ====

On these, whose documents are single paragraphs, looking in the documents of the last answer did not help. On the follow-ups of
``benchmarks/development``, which are about whole articles, it does for readings that name nothing, and ``chosen`` does it
for these (F1 against that of the full questions: 95.2 % without it, 95.9 % with it).
"""

from collections.abc import Sequence
from typing import Literal

from qa.conversation.readings import Standalone
from qa.conversation.standalone import readings
from qa.conversation.turns import Turn

Approach = Literal["as_asked", "previous_question", "rules", "chosen"]

DEFAULT: Approach = "chosen"
"""The approach that was best."""


def readings_by(approach: Approach, question: str, turns: Sequence[Turn]) -> tuple[Standalone, ...]:
    """The readings that ``approach`` takes into account, at least one, the likeliest first."""
    asked = " ".join(question.split())
    if approach == "as_asked" or not turns:
        return (Standalone(asked, asked),)
    if approach == "previous_question":
        return (Standalone(asked, f"{turns[-1].standalone} {asked}", "reference"),)
    found = readings(asked, turns)
    return found if approach == "chosen" else found[:1]
