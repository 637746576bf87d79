"""Ways to read a follow-up, which were compared.

- ``as_asked``: as it is, as if there had been no turn before it.
- ``previous_question``: with the question before it put in front.
- ``rules``: as the rules of :mod:`qa.conversation.standalone` read it.
- ``chosen``: in several ways, which the reader's answers are the votes on (:mod:`qa.conversation.ways`), over the documents
  that the last turns were about; where there are none, the rules' reading whose answer the reader is clearly surer of.

Scores, before there were votes, on 48 follow-ups that :mod:`qa.evaluation.follow_ups` made from development files, over all
their paragraphs (F1 in percent, refusals included, four passages read; a small sample, so a difference of a few points is
chance):

=================  =========  ========  ============  =========  ====
reading            reference  ellipsis  substitution  new topic  all
=================  =========  ========  ============  =========  ====
the full question  86.1       58.3      84.7          92.9       80.3
as_asked           58.1       55.6      0.0           92.9       52.6
previous_question  35.3       16.7      84.7          10.0       35.6
rules              79.8       55.6      84.7          82.9       75.4
chosen             86.1       66.7      84.7          82.9       80.3
=================  =========  ========  ============  =========  ====

Scores on the 511 follow-ups of ``benchmarks/development`` called ``turns`` and ``later``, whose full forms have an F1 of 70.7
over all articles and 69.4 and 73.2 over those of the last turns; turns were answered as before there were votes:

=============================================  =====  =====
read, over all articles                        turns  later
=============================================  =====  =====
the rules' first reading                       47.6   51.0
before: the surer one, some in the last one    57.0   55.1
---------------------------------------------  -----  -----
over those that the last two turns were about
---------------------------------------------  -----  -----
the rules' first reading                       58.2   59.4
as asked, after the last answer                57.4   57.4
the rules' first reading, after it             58.6   56.8
votes of these three                           61.2   61.3
and of the rules' second reading, both ways    62.3   61.5
=============================================  =====  =====

The last question put in front as well is taken for what is asked (44 and 53). More ways (the answer and the names of the last
question in brackets, its clause in front), or some of these over all articles too, have 61.1 to 62.8 and 58.1 to 61.0; a
confidence fitted to the votes (logistic regressions on how sure and how many they are) 58.6 to 62.2 and 59.9 to 61.7.
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
