"""An answer as a chat message: Markdown in which every foreign character is inert.

The answer stands first and short, then the sentences it came from with the answer in bold, then how sure it is, then
what else it could have been. Citations are numbered once, in the order in which they are shown.
"""

from collections.abc import Mapping

from qa.models import Answer, Citation, PassageHit
from web.escape import markdown_text
from web.references import Reference

HIGH_CONFIDENCE = 0.8
MEDIUM_CONFIDENCE = 0.6

_QUOTE_MARGIN = 240  # characters shown on either side of the answer in a quoted sentence
_PASSAGE_SHOWN = 320  # characters of the closest passage of a refusal
_ALTERNATIVES_SHOWN = 4
_QUOTATION_MARKS = ('"', "'", "“", "”", "„", "«", "»", "‘", "’")


def confidence_words(confidence: float) -> str:
    """``confidence`` in words."""
    if confidence >= HIGH_CONFIDENCE:
        return "high"
    return "medium" if confidence >= MEDIUM_CONFIDENCE else "low"


def question_message(question: str) -> str:
    """What the user asked, as a chat message."""
    return markdown_text(question.strip())


def stage_message(stage: str) -> str:
    """A step on the way to the answer."""
    return f'<span class="stage">{markdown_text(stage)}</span>'


def error_message(message: str) -> str:
    """An error that the user can do something about."""
    lines = [markdown_text(line) for line in message.splitlines() if line.strip()]
    return f'<span class="error">{"<br>".join(lines)}</span>'


def answer_message(answer: Answer, titles: Mapping[str, str]) -> str:
    """An answer or a refusal.

    Args:
        answer: what the assistant gave.
        titles: titles of documents by their names, for passages, which do not carry them.
    """
    if answer.answer is None:
        return _refusal(answer, titles)
    numbered = list(enumerate(answer.citations, start=1))
    links = " ".join(_link(number, citation) for number, citation in numbered)
    parts = [f'<span class="answer">{markdown_text(answer.answer)}</span> {links}']
    parts += [_quote(number, citation) for number, citation in numbered]
    parts.append(_confidence(answer.confidence))
    if answer.alternatives:
        parts.append(_alternatives(answer, first_number=len(numbered) + 1))
    return "\n\n".join(parts)


def _refusal(answer: Answer, titles: Mapping[str, str]) -> str:
    parts = ['<span class="refusal">The articles do not answer this.</span>']
    if answer.reason:
        parts.append(markdown_text(answer.reason))
    first_number = 1
    if answer.passages:
        parts.append(_closest(answer.passages[0], titles))
        first_number = 2
    if answer.alternatives:
        parts.append(_alternatives(answer, first_number))
    return "\n\n".join(parts)


def _closest(passage: PassageHit, titles: Mapping[str, str]) -> str:
    """The passage that came nearest, shortened, with a link that lights all of it."""
    title = titles.get(passage.document_id, passage.document_id)
    words = markdown_text(_clip_end(passage.text.strip(), _PASSAGE_SHOWN))
    link = _cite(1, Reference(passage.document_id, passage.start, passage.end), title)
    return f'<span class="label">The closest passage:</span>\n\n> {_quoted(words, passage.text)} {link}\n>\n> {_source(title)}'


def _quote(number: int, citation: Citation) -> str:
    """The sentence of a citation with the answer in bold, and where it stands."""
    sentence = citation.sentence
    start = min(max(citation.start - sentence.start, 0), len(sentence.text))
    end = min(max(citation.end - sentence.start, start), len(sentence.text))
    before, inside, after = sentence.text[:start], sentence.text[start:end], sentence.text[end:]
    words = (
        f"{markdown_text(_clip_start(before.lstrip()))}<strong>{markdown_text(inside)}</strong>"
        f"{markdown_text(_clip_end(after.rstrip()))}"
    )
    return f"> {_quoted(words, sentence.text)} {_link(number, citation)}\n>\n> {_source(citation.title, citation.page)}"


def _alternatives(answer: Answer, first_number: int) -> str:
    """Other candidates, folded: one piece of HTML without line breaks, so that Markdown reads nothing into it."""
    number = first_number
    items: list[str] = []
    for alternative in answer.alternatives[:_ALTERNATIVES_SHOWN]:
        links: list[str] = []
        for citation in alternative.citations:
            reference = Reference(citation.document_id, citation.start, citation.end)
            title = markdown_text(f"Show these words in {citation.title}")
            links.append(f'<a href="#{reference}" title="{title}">&#91;{number}&#93;</a>')
            number += 1
        words = f"{markdown_text(alternative.answer)} {' '.join(links)}"
        items.append(f'<li>{words} <span class="number">{_percent(alternative.confidence)}</span></li>')
    kind = "unlikely guess" if answer.abstained else "other possible answer"
    heading = f"1 {kind}" if len(items) == 1 else f"{len(items)} {kind.replace('guess', 'guesse')}s"
    return f'<details class="others"><summary>{heading}</summary><ul>{"".join(items)}</ul></details>'


def _confidence(confidence: float) -> str:
    words = confidence_words(confidence)
    return f'<span class="confidence {words}">{words.capitalize()} confidence · {_percent(confidence)}</span>'


def _percent(confidence: float) -> str:
    """A share in percent; neither 0 nor 100, which would claim certainty."""
    return f"{min(max(round(confidence * 100), 1), 99)}%"


def _quoted(words: str, text: str) -> str:
    """``words`` in quotation marks, unless ``text``, which they were made from, begins or ends with some of its own."""
    text = text.strip()
    return words if text.startswith(_QUOTATION_MARKS) or text.endswith(_QUOTATION_MARKS) else f"“{words}”"


def _link(number: int, citation: Citation) -> str:
    return _cite(number, Reference(citation.document_id, citation.start, citation.end), citation.title)


def _cite(number: int, reference: Reference, title: str) -> str:
    """``[number]`` as a link to the source, in Markdown, so that it copies cleanly."""
    return f'[&#91;{number}&#93;](#{reference} "Show these words in {markdown_text(title)}")'


def _source(title: str, page: int | None = None) -> str:
    where = markdown_text(title) if page is None else f"{markdown_text(title)}, page {page}"
    return f'<span class="where">{where}</span>'


def _clip_start(text: str) -> str:
    """``text`` without its beginning when it is too long, cut between words where it can be."""
    if len(text) <= _QUOTE_MARGIN:
        return text
    kept = text[-_QUOTE_MARGIN:]
    return "… " + (kept.partition(" ")[2] or kept)


def _clip_end(text: str, limit: int = _QUOTE_MARGIN) -> str:
    """``text`` without its end when it is longer than ``limit``, cut between words where it can be."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    return (kept.rpartition(" ")[0] or kept) + " …"
