"""How an LLM put an answer, for the chat and for exports. All that it wrote, and its name, is foreign text.

A number is a link because the LLM cited a source by it, never because it stands in a sentence. Pure functions.
"""

from collections.abc import Callable, Iterator

from qa.phrasing.models import Phrased, PhrasedSentence, PhrasedSource, Reason
from web.escape import html_text, markdown_text
from web.references import Reference

_REASONS: dict[Reason, str] = {
    "no citation": "it cites no source",
    "quote not in source": "its quotation is not in the source",
    "number not in source": "a number in it is not in the source",
    "name not in source": "a name in it is not in the source",
}
_NONE = "No sentence passed the checks."


def cite_link(number: int, reference: Reference, title: str) -> str:
    """``[number]`` as a link to the source called ``title``."""
    words = markdown_text(f"Show these words in {title}")
    return f'<a class="cite" href="#{reference}" title="{words}">&#91;{number}&#93;</a>'


def phrased_message(phrased: Phrased) -> str:
    """The part of a chat message that shows ``phrased``: sentences with links, struck ones with the reason."""
    sentences = " ".join(_sentence(sentence, phrased) for sentence in phrased.sentences)
    none = "" if phrased.kept else f'<p class="label">{_NONE}</p>'
    return (
        f'<section class="phrased"><h4>As {markdown_text(phrased.model)} puts it '
        f"<span>(checked against the sources)</span></h4><p>{sentences}</p>{none}</section>"
    )


def not_phrased_message(reason: str) -> str:
    """The line that says why an answer was not phrased."""
    return f'<p class="label not-phrased">Not phrased: {markdown_text(reason.strip())}</p>'


def phrased_markdown(phrased: Phrased) -> Iterator[str]:
    """The paragraphs of a Markdown export."""
    yield f"As {markdown_text(phrased.model)} puts it (checked against the sources):"
    yield " ".join(
        f"<del>{words}</del> ({reason})" if reason else words for words, reason in _written(phrased, markdown_text)
    )
    if not phrased.kept:
        yield _NONE


def phrased_html(phrased: Phrased) -> Iterator[str]:
    """The paragraphs of an HTML export."""
    yield f'<p class="note">As {html_text(phrased.model)} puts it (checked against the sources):</p>'
    sentences = (
        f'<del>{words}</del> <span class="note">({reason})</span>' if reason else words
        for words, reason in _written(phrased, html_text)
    )
    yield f"<p>{' '.join(sentences)}</p>"
    if not phrased.kept:
        yield f'<p class="note">{_NONE}</p>'


def _sentence(sentence: PhrasedSentence, phrased: Phrased) -> str:
    links = "".join(
        f" {cite_link(source.number, _place(source), source.title)}" for source in _cited(sentence, phrased)
    )
    words = markdown_text(sentence.text)
    if not sentence.struck:
        return f'<span class="sentence">{words}{links}</span>'
    return f'<span class="struck"><del>{words}</del>{links} <span class="reason">({_reason(sentence)})</span></span>'


def _place(source: PhrasedSource) -> Reference:
    return Reference.to_words(source.document_id, source.start, source.end, source.text)


def _written(phrased: Phrased, escape: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Each sentence with its numbers, escaped, and why it was struck; ``""`` when it was not."""
    for sentence in phrased.sentences:
        numbers = "".join(f" [{source.number}]" for source in _cited(sentence, phrased))
        yield escape(sentence.text + numbers), _reason(sentence) if sentence.struck else ""


def _cited(sentence: PhrasedSentence, phrased: Phrased) -> list[PhrasedSource]:
    return [phrased.sources[number - 1] for number in sentence.citations if number <= len(phrased.sources)]


def _reason(sentence: PhrasedSentence) -> str:
    return "struck" if sentence.reason is None else f"struck: {_REASONS[sentence.reason]}"
