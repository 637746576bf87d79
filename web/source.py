"""The source panel: a document with the cited span lit. HTML in which every foreign character is escaped.

Offsets are code points of the canonical text. The text is cut at them first and each piece escaped afterwards, so what
the browser shows inside ``<mark>`` is exactly ``text[start:end]``.
"""

import re
from collections.abc import Callable, Sequence

from index.documents import Document, DocumentSummary, Span
from index.sentences import sentences_around
from web.escape import html_text
from web.pdf_pages import PageView
from web.references import ALL_DOCUMENTS, Reference

# A browser lays out this much text in a moment; of longer documents the part around the span is shown.
_SHOWN_CHARACTERS = 400_000
# The sentence around a span is looked for this far on either side.
_SENTENCE_REACH = 3_000
_LONG_LINE = re.compile(r"[^\n]{121}")
_LINE_END = re.compile(r"(?<=[^\n])\n")
_LISTED_DOCUMENTS = 200


def notice(heading: str, explanation: str) -> str:
    """A message in place of a document."""
    return (
        f'<div class="source-empty"><h2 class="source-title" tabindex="-1">{html_text(heading)}</h2>'
        f"<p>{html_text(explanation)}</p></div>"
    )


def no_documents(add_command: str) -> str:
    """What to do while there is nothing to ask about; ``add_command`` adds an article."""
    return (
        '<div class="source-empty"><h2 class="source-title" tabindex="-1">No articles yet</h2>'
        "<p>Add files, or paste a text; or try the sample article first.</p>"
        '<p class="fn-row"><button type="button" class="fn-button fn-primary" data-library="add">Add documents</button>'
        '<button type="button" class="fn-button" data-library="sample">Add the sample article</button></p>'
        f"<p>Or in a terminal, where PATH is a file or a folder of files; then reload this page:</p>"
        f"<pre><code>{html_text(add_command)}</code></pre></div>"
    )


def document_view(
    document: Document,
    span: Span | None = None,
    *,
    alone: bool = True,
    pages: Sequence[PageView] = (),
    note: str | None = None,
) -> str:
    """A document, with the words of ``span`` lit strongly and the sentence around them faintly.

    Args:
        document: the document to show.
        span: characters to light; it must lie inside the text. The top of the document is shown when ``None``.
        alone: it is the only document, so there is no list to go back to.
        pages: pages of a PDF that the span stands on; they are shown first, the text a click away.
        note: why a page cannot be shown.

    The sentence is lit and not the passage that was searched: a passage is so many tokens, begins where the one before
    ended and stops in the middle of a thought, while the sentence is what a reader needs to judge the words.
    """
    text = document.text
    shown = _shower(text)
    if span is None:
        first, last = 0, min(len(text), _SHOWN_CHARACTERS)
        body = shown(first, last)
    else:
        spare = max(_SHOWN_CHARACTERS - (span.end - span.start), 0) // 2
        first, last = max(span.start - spare, 0), min(span.end + spare, len(text))
        around = _sentences_around(text, span)
        first, last = min(first, around.start), max(last, around.end)
        body = (
            f"{shown(first, around.start)}"
            f'<span class="around">{shown(around.start, span.start)}'
            f'<mark id="lit" tabindex="-1">{shown(span.start, span.end)}</mark>'
            f"{shown(span.end, around.end)}</span>"
            f"{shown(around.end, last)}"
        )
    before = _cut("The beginning of this long document is not shown.") if first > 0 else ""
    after = _cut("The rest of this long document is not shown.") if last < len(text) else ""
    return (
        f'<article class="source-view">{_header(document, span, alone, pages)}{_pages(document, pages)}'
        f'<div class="source-scroll source-words" tabindex="0" role="region" aria-label="Text of the article"'
        f"{' hidden' if pages else ''}>{'' if note is None else _note(note)}{before}"
        f'<div class="source-text" dir="auto" data-document="{html_text(document.id)}" data-start="{first}">{body}</div>'
        f"{after}</div></article>"
    )


def document_list(documents: Sequence[DocumentSummary]) -> str:
    """What can be asked about, each document a link that opens it."""
    items = "".join(
        f'<li><a href="#{Reference(document.id)}"><bdi>{html_text(document.title)}</bdi></a>'
        f'<span class="source-path">{_path(document.source)}</span></li>'
        for document in documents[:_LISTED_DOCUMENTS]
    )
    rest = len(documents) - _LISTED_DOCUMENTS
    more = f"<p>and {rest:,} more: <code>qa list</code> names them all.</p>" if rest > 0 else ""
    heading = "1 article" if len(documents) == 1 else f"{len(documents):,} articles"
    return (
        f'<div class="source-empty source-list"><h2 class="source-title" tabindex="-1">{heading}</h2>'
        f"<p>Ask a question, then click a number such as [1] to see the words here.</p><ul>{items}</ul>{more}</div>"
    )


def _sentences_around(text: str, span: Span) -> Span:
    """The sentences that ``span`` stands in, never less than ``span``; only text near it is looked at."""
    low = max(span.start - _SENTENCE_REACH, 0)
    near = text[low : span.end + _SENTENCE_REACH]
    if not text[span.start : span.end].strip():
        return span
    found = sentences_around(near, span.start - low, span.end - low)
    return Span(min(low + found.start, span.start), max(low + found.end, span.end))


def _shower(text: str) -> Callable[[int, int], str]:
    """A function that gives ``text[start:end]`` escaped.

    In a text with lines longer than anybody wraps by hand, each line is a paragraph. There, the line breaks that no
    blank line follows are wrapped for the style sheet to put a little space after them; the breaks themselves stay.
    """
    if not _LONG_LINE.search(text):
        return lambda start, end: html_text(text[start:end])

    def shown(start: int, end: int) -> str:
        pieces: list[str] = []
        done = start
        for line_end in _LINE_END.finditer(text, start, end):
            at = line_end.start()
            if text[at + 1 : at + 2] != "\n":
                pieces.append(f'{html_text(text[done:at])}<span class="gap">\n</span>')
                done = at + 1
        return "".join(pieces) + html_text(text[done:end])

    return shown


def _header(document: Document, span: Span | None, alone: bool, pages: Sequence[PageView]) -> str:
    where = "" if span is None else _page_words(document, span)
    every = "" if alone else f' · <a href="#{ALL_DOCUMENTS}">All articles</a>'
    switch = (
        '<span class="source-switch" role="group" aria-label="Show the">'
        '<button type="button" class="show-page" aria-pressed="true">Page</button>'
        '<button type="button" class="show-text" aria-pressed="false">Text</button></span>'
    )
    tools = (
        '<div class="source-tools"><span class="source-steps" hidden>'
        '<button type="button" class="step-previous" aria-label="Previous place" title="Previous place (K)">‹</button>'
        '<span class="step-count" role="status"></span>'
        '<button type="button" class="step-next" aria-label="Next place" title="Next place (J)">›</button></span>'
        f"{switch if pages else ''}"
        '<button type="button" class="source-link" title="Copy the address of these words">Copy link</button>'
        '<button type="button" class="source-back">Back to the answer</button></div>'
    )
    return (
        f'<header><div class="source-name"><h2 class="source-title" tabindex="-1"><bdi>{html_text(document.title)}</bdi></h2>'
        f'<p class="source-path">{_path(document.source)} {where}{every}</p></div>'
        f"{tools if span is not None else ''}</header>"
    )


def _path(source: str) -> str:
    """Where a document comes from; a long path breaks behind its slashes rather than within a name."""
    return html_text(source).replace("/", "/<wbr>")


def _page_words(document: Document, span: Span) -> str:
    """The pages that a span stands on, with what is printed on them where that differs from the number."""
    found = [page for page in document.pages if page.start < span.end and page.end > span.start]
    if not found:
        return ""
    numbers = [
        f"{page.number}" if page.label in (None, str(page.number)) else f"{page.number} ({html_text(str(page.label))})"
        for page in (found[0], found[-1])
    ]
    words = f"page {numbers[0]}" if len(found) == 1 else f"pages {numbers[0]} to {numbers[1]}"
    return f'<span class="source-page">{words} of {len(document.pages)}</span>'


def _pages(document: Document, pages: Sequence[PageView]) -> str:
    """The pictures of pages, with boxes laid over the words that are lit."""
    if not pages:
        return ""
    return (
        '<div class="source-scroll source-pages" tabindex="0" role="region" aria-label="Pages of the article">'
        f"{''.join(_page(document, page) for page in pages)}</div>"
    )


def _page(document: Document, page: PageView) -> str:
    printed = "" if page.label in (None, str(page.number)) else f", printed “{html_text(str(page.label))}”"
    boxes = "".join(
        f'<span class="pdf-box" style="left:{box.left:.4%};top:{box.top:.4%};'
        f'width:{box.width:.4%};height:{box.height:.4%}"></span>'
        for box in page.boxes
    )
    address = f"/api/pages/{html_text(document.id)}/{page.number}.png?{document.sha256[:12]}"
    return (
        f'<figure class="pdf-page" data-page="{page.number}"><figcaption>Page {page.number} of {len(document.pages)}'
        f'{printed}</figcaption><div class="pdf-sheet" style="aspect-ratio:{page.width:.2f}/{page.height:.2f}">'
        f'<img src="{address}" alt="Picture of page {page.number}; its words are under Text">{boxes}</div></figure>'
    )


def _note(message: str) -> str:
    return f'<p class="fn-notice">{html_text(message)} Here is its text.</p>'


def _cut(message: str) -> str:
    return f'<p class="source-cut">{message}</p>'
