"""Web pages: the main article's words, its title and its date.

The article is found by trafilatura. Weighed against it: readability-lxml (smaller, but rarely released, and it knows neither
dates nor tables as text), Resiliparse (fast, but returns a string that cannot be laid out anew, and its releases serve a web
archive project), newspaper4k and goose3 (news pages only, with downloaders and images in tow). trafilatura is released several
times a year, leads the published comparisons of such extractors, hands out a tree rather than a string, and reads dates.
Its downloader is never called.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from index.loaders.base import Parsed, SourceFile, clean_title, decode, iso_date
from index.loaders.blocks import parse_html, tag_name, tree_text
from index.loaders.html_words import keep_words

if TYPE_CHECKING:
    from configparser import ConfigParser

    from lxml.etree import _Element

_PRESCAN_BYTES = 4096
_CHARSET = re.compile(
    rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([a-z0-9_:.-]+)|^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([a-z0-9_:.-]+)""",
    re.IGNORECASE,
)
# Browsers read these labels as the Windows code page that extends them.
_WINDOWS = {
    **dict.fromkeys(
        ("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1"), "cp1252"
    ),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "iso_8859-9", "latin5", "latin-5", "l5"), "cp1254"),
    **dict.fromkeys(("tis-620", "tis620", "iso-8859-11", "iso8859-11", "windows-874"), "cp874"),
}
# An ``article`` element is a mere teaser when the extractor finds more than this many times its words, and so many words more:
# of a few words half may be cell marks, or hidden ones, which the extractor does not tell from others.
_TEASER = 2
_TEASER_WORDS = 30
# Larger pages, in characters, are books and logs; to look for an article in them would take minutes.
_EXTRACTED = 4 * 1024 * 1024
# Where nothing marks the article, the extractor must keep this share of the words outside of links and menus.
_MOST = 0.75
_AROUND = frozenset(
    {"comments", "comment-list", "respond", "related", "share", "sidebar", "social", "breadcrumb", "breadcrumbs"}
)
# Of these words no more may be left out without saying so: the larger of a share and a number. A footer is of that size.
_FEW = 0.05
_FEW_WORDS = 5
NOTE_LEFT_OUT = (
    "{} of about {} words of the page were taken for no part of the article and left out. "
    "Save it as plain text if they matter"
)
NOTE_WHOLE_PAGE = "no main article stands out, so all visible text of the page was taken"


def load_html(source: SourceFile) -> Parsed:
    """Read a web page.

    Raises:
        DocumentError: it is not text, or is too large or too deeply nested.
    """
    import logging
    from copy import deepcopy

    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    # It reports pages without an article as errors; here that is an expected case with an answer of its own.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    page = decode(source, declared_charset(source.content))
    tree = parse_html(page.text, source.name)
    found = None
    if len(page.text) <= _EXTRACTED:
        kept = deepcopy(tree)
        keep_words(kept)
        found = bare_extraction(
            kept,
            config=_settings(),
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            # An answer that was left out can't be found; a stray line of a side bar does little harm.
            favor_recall=True,
            with_metadata=True,
            # Its extensive search would take any date in the text for that of the page.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    article = found if isinstance(found, Document) else Document()
    text = "" if article.body is None else tree_text(article.body)
    title = clean_title(article.title) or clean_title(tree.findtext(".//title"))
    date = iso_date(article.date)
    declared, heading = _declared_article(tree)
    # An author's own mark-up knows better than the extractor, which drops what looks like navigation (short lists at the end of
    # an article above all). It is not believed where it holds far less, as on pages whose only ``article`` is a teaser.
    words = len(declared.split())
    if declared and len(text.split()) <= max(_TEASER * words, words + _TEASER_WORDS):
        return Parsed(declared, heading or title, date, note=page.note)
    is_around = _around_the_article(tree)
    prose = len(tree_text(tree, lambda element: tag_name(element) == "a" or is_around(element)).split())
    found_words = len(text.split())
    if text.strip() and found_words >= _MOST * prose:
        left_out = prose - found_words
        note = NOTE_LEFT_OUT.format(left_out, prose) if left_out > max(_FEW * prose, _FEW_WORDS) else None
        return Parsed(text, title, date, note=_notes(note, page.note))
    visible = tree_text(tree, is_around)
    return Parsed(visible if visible else tree_text(tree), title, date, note=_notes(NOTE_WHOLE_PAGE, page.note))


def _notes(*notes: str | None) -> str | None:
    said = [note for note in notes if note is not None]
    return "; ".join(said) if said else None


def _settings() -> "ConfigParser":
    """trafilatura's settings, but without its rescue of short pages, which gives all words of the page in one paragraph."""
    from trafilatura.settings import use_config

    settings = use_config()
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")
    return settings


def _declared_article(tree: "_Element") -> tuple[str, str | None]:
    """The words and the heading of what the page marks as its only ``main`` or ``article`` element; ``""`` without one."""
    for path in (".//main", ".//article"):
        marked = tree.findall(path)
        if len(marked) == 1:
            headings = marked[0].findall(".//h1")
            heading = clean_title(tree_text(headings[0])) if len(headings) == 1 else None
            return tree_text(marked[0], _around_the_article(marked[0])), heading
    return "", None


def _around_the_article(root: "_Element") -> "Callable[[_Element], bool]":
    """What says of an element below ``root`` that it is no part of the article in it."""
    wrapping = _wrapping_forms(root)

    def is_around(element: "_Element") -> bool:
        names = {*element.get("class", "").lower().split(), element.get("id", "").lower()}
        is_menu = tag_name(element) in ("nav", "footer", "form", "button") and element not in wrapping
        return is_menu or not names.isdisjoint(_AROUND)

    return is_around


def _wrapping_forms(root: "_Element") -> "set[_Element]":
    """The forms below ``root`` that hold most of its words: ASP.NET puts one around the whole page."""
    # Not those inside of others, of which each would be read again.
    forms = [form for form in root.findall(".//form") if next(form.iterancestors("form"), None) is None]
    words = len(tree_text(root).split()) if forms else 0
    return {form for form in forms if len(tree_text(form).split()) > words / 2}


def declared_charset(content: bytes) -> str | None:
    """The encoding that a page declares in a ``meta`` tag or an XML declaration; ``None`` without one."""
    match = _CHARSET.search(content[:_PRESCAN_BYTES])
    if match is None:
        return None
    label = (match.group(1) or match.group(2)).decode("ascii").lower()
    if label in _WINDOWS:
        return _WINDOWS[label]
    # A tag that could be read as ASCII cannot stand in UTF-16; browsers take it for UTF-8.
    return "utf-8" if label.startswith("utf-16") else label
