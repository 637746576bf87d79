"""Quotations: what stands between quotation marks, also where it runs over several paragraphs."""

import re
from dataclasses import dataclass

_MARK = re.compile(r'["“”„«»]')
_PARAGRAPH = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks: characters ``[start, end)``, marks left out.

    Attributes:
        start, end: where it stands.
        paragraph: number of its paragraph.
        continues: whether it goes on with a quotation that the paragraph before it left open.
    """

    start: int
    end: int
    paragraph: int
    continues: bool = False


def quotations(text: str, start: int, end: int) -> list[Quotation]:
    """The quotations of ``text`` in ``[start, end)``, in order.

    A straight mark opens and closes in turn within its paragraph. A quotation that is not closed ends with the
    paragraph; if the next paragraph begins with a mark, it goes on there, as is the custom in print.
    """
    found: list[Quotation] = []
    left_open = False
    for number, paragraph in enumerate(_PARAGRAPH.finditer(text, start, end)):
        opened: int | None = None
        first = text[paragraph.start() : paragraph.end()].lstrip()[:1]
        continues = left_open and first in {'"', "“", "„", "«", "»"} and first != ""
        left_open = False
        for mark in _MARK.finditer(text, paragraph.start(), paragraph.end()):
            if opened is None:
                # A closing mark without an opening one is a stray, unless marks are the same on both sides.
                if mark.group() != "”":
                    opened = mark.end()
            elif mark.group() in '"”»«' or (mark.group() == "“" and text[opened - 1] == "„"):
                if mark.start() > opened:
                    found.append(Quotation(opened, mark.start(), number, continues))
                opened, continues = None, False
        if opened is not None and opened < paragraph.end():
            found.append(Quotation(opened, paragraph.end(), number, continues))
            left_open = True
    return found
