"""Whether two answers are given as one: by their words, and by their figures and signs as written.

The scorer's form of an answer drops all punctuation, so that in it "1.5 million" is "15 million", and "5%" is "-5". That is
right for scores, which are to be those of the official scorer, and wrong for what is shown.
"""

import re

from qa.evaluation.squad import about_the_same, normalise

# A minus is one before a figure, and not within a word or a range; "C++" and "C#" end in signs that tell them apart.
_FIGURE = re.compile(r"(?:(?<![\w.,])[-+−])?\d[\d.,:]*(?:\s?%)?|(?<=\w)[+#]+")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")


def answer_key(text: str) -> tuple[str, tuple[str, ...]]:
    """What is equal for answers that are one: the normalised words of ``text``, and its figures as written, in their order."""
    return normalise(text), tuple(_figures(text))


def same_answer(one: str, other: str) -> bool:
    """Whether two spans are about the same answer: by their words (see :func:`qa.evaluation.squad.about_the_same`), and one has
    all figures of the other."""
    mine, yours = set(_figures(one)), set(_figures(other))
    return (mine <= yours or yours <= mine) and about_the_same(one, other)


def _figures(text: str) -> list[str]:
    """Figures without spaces and the commas between thousands: "1,000" is "1000", and "8:30" is "8.30"."""
    found = (match.group().replace(" ", "").rstrip(".,:") for match in _FIGURE.finditer(text))
    return [_THOUSANDS.sub("", figure).replace(":", ".").replace("−", "-") for figure in found]
