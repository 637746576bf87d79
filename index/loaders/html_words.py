"""Words of a web page that the extractor would drop, put into tags that it keeps.

trafilatura takes ``time``, ``label`` and ``figure`` for decoration wherever they stand, so that words vanish from the middle of
sentences; it makes a paragraph of a ``q`` and one line of a ``pre``.
"""

from typing import TYPE_CHECKING

from index.loaders.blocks import is_block, tag_name, tree_text
from index.loaders.scripts import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element


def keep_words(tree: "_Element") -> None:
    """Change ``tree``, a parsed web page, in place; what it shows and what it says of its date stay the same."""
    # Lists, because what is iterated over changes.
    for element in list(tree.iter("time", "label", "output")):
        if _is_in_a_sentence(element):
            _to_span(element)
    for element in list(tree.iter("q")):
        element.tag = "span"
        element.text = "“" + ("" if element.text is None else element.text)
        _append(element, "”")
    for element in list(tree.iter("sup", "sub")):
        _to_signs(element)
    for element in list(tree.iter("figcaption")):
        _to_paragraph(element)
    for element in list(tree.iter("pre")):
        _to_lines(element)


def _is_in_a_sentence(element: "_Element") -> bool:
    """Whether words stand right before or after ``element`` in its block. Alone, it is the date of a teaser, or a form."""
    inner: _Element | None = element
    while inner is not None and not is_block(inner):
        parent, previous = inner.getparent(), inner.getprevious()
        before = previous.tail if previous is not None else None if parent is None else parent.text
        if any(text is not None and any(map(str.isalnum, text)) for text in (before, inner.tail)):
            return True
        inner = parent
    return False


def _to_span(element: "_Element") -> None:
    if element.tag != "time":
        element.tag = "span"
        return
    # Left behind without words, for the date of the page.
    if element.get("datetime") is None and element.text is not None:
        element.set("datetime", element.text)
    span = element.makeelement("span")
    span.text, element.text = element.text, None
    span.extend(list(element))
    element.addprevious(span)


def _to_signs(script: "_Element") -> None:
    """Write a raised or lowered number in signs of its own, because the extractor hands out its words without the tag."""
    parent, previous = script.getparent(), script.getprevious()
    before = previous.tail if previous is not None else None if parent is None else parent.text
    words = "".join(script.itertext())
    text = raised(words) if script.tag == "sup" else lowered(words, "" if before is None else before)
    if text != words:
        for child in list(script):
            script.remove(child)
        script.text = text


def _to_paragraph(caption: "_Element") -> None:
    figure = caption.getparent()
    if figure is None or figure.tag != "figure":
        return
    # A caption that is nothing but a link is a teaser of another page.
    if not tree_text(caption, lambda element: tag_name(element) == "a"):
        return
    figure.tag = "div"
    caption.tag = "div" if caption.find(".//p") is not None else "p"


def _to_lines(pre: "_Element") -> None:
    first, *others = tree_text(pre).split("\n")
    for child in list(pre):
        pre.remove(child)
    pre.text = first
    for line in others:
        mark = pre.makeelement("br")
        mark.tail = line
        pre.append(mark)


def _append(element: "_Element", text: str) -> None:
    """Put ``text`` at the end of what is in ``element``."""
    if len(element) == 0:
        element.text = ("" if element.text is None else element.text) + text
    else:
        last = element[-1]
        last.tail = ("" if last.tail is None else last.tail) + text
