"""A conversation as a file to keep: Markdown, HTML or JSON; and one answer as text to paste. Pure functions.

Every form has, with each answer, the exact words of the source, the document they stand in, the SHA-256 of its file and
the offsets, so that they can be checked later: ``document.text[start:end] == text``.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

from qa.claims import likelihood
from qa.models import Answer, Citation, Claim
from web.confidence import confidence_words, percent
from web.conversations import Conversation, Turn
from web.escape import html_text, markdown_text
from web.phrased import phrased_html, phrased_markdown

FORMAT = "footnote-conversation/1"
"""What a JSON export says it is."""

_STYLE = (
    "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif;color:#1c1917;background:#fff;"
    "overflow-wrap:anywhere}"
    "h2{margin:2.2rem 0 .4rem;font-size:1.15rem}.answer{font-size:1.25rem;font-weight:650}"
    "blockquote{margin:.8rem 0;padding-left:.9rem;border-left:3px solid #ffd84d;font-family:Georgia,serif}"
    "cite,.note{font:normal .85rem/1.45 system-ui,sans-serif;color:#57534e}"
    "@media(prefers-color-scheme:dark){body{color:#f1efed;background:#141312}cite,.note{color:#b3ada7}}"
)


def as_json(conversation: Conversation) -> str:
    """A JSON object with every turn: the answer of the contract without the passages that were searched."""
    turns = []
    for turn in conversation.turns:
        kept = {} if turn.answer is None else turn.answer.model_dump(exclude={"question", "passages", "timings_ms"})
        turns.append(
            {
                "question": turn.question,
                "asked_at": _when(turn.asked_at),
                "answered_anyway": turn.answer_all,
                "error": turn.error,
                **kept,
            }
        )
    return json.dumps({"format": FORMAT, "conversation": conversation.id, "turns": turns}, ensure_ascii=False, indent=2)


def as_markdown(conversation: Conversation) -> str:
    """Markdown: each question a heading, then the answer, its quotes and their sources."""
    parts = ["# Questions and answers"]
    for turn in conversation.turns:
        parts.append(f"## {markdown_text(turn.question)}")
        parts += _markdown_turn(turn)
    return "\n\n".join(parts) + "\n"


def as_html(conversation: Conversation) -> str:
    """One HTML page without scripts, and without anything that would be fetched."""
    body = "".join(
        f'<section><h2 dir="auto">{html_text(turn.question)}</h2>{"".join(_html_turn(turn))}</section>'
        for turn in conversation.turns
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Questions and answers</title><style>{_STYLE}</style></head>"
        f"<body><h1>Questions and answers</h1>{body}</body></html>\n"
    )


FORMATS: dict[str, Callable[[Conversation], str]] = {"md": as_markdown, "html": as_html, "json": as_json}
"""Exports by the ending of their file name."""


def turn_text(turn: Turn) -> str:
    """An answer as plain text to paste: the question, the answer, each quote and where it stands."""
    lines = [turn.question.strip()]
    answer = turn.answer
    if answer is None:
        return "\n".join([*lines, "", f"No answer: {turn.error}"])
    lines += [f"Read as: {answer.standalone_question}"] if read_differently(answer) else []
    if answer.answer is None:
        return "\n".join([*lines, "", "The articles do not answer this.", *([answer.reason] if answer.reason else [])])
    for number, (claim, citations) in enumerate(_claims(answer)):
        if number == 0 and answer.agreement == "differing":
            lines += ["", "The sources differ."]
        lines += ["", f"{_said(claim)}{claim_words(claim, citations)}"]
        lines += [f"[{n}] {quoted(citation)}\n    {source_line(citation)}" for n, citation in citations]
    lines += ["", _confidence(turn, answer)]
    return "\n".join(lines)


def read_differently(answer: Answer) -> bool:
    """Whether the question was read as another one, because it leaned on what was asked before."""
    return answer.standalone_question != " ".join(answer.question.split())


def claim_words(claim: Claim, citations: list[tuple[int, Citation]]) -> str:
    """The words of a claim and the numbers of its citations."""
    return f"{claim.answer} {' '.join(f'[{number}]' for number, _ in citations)}"


def claims_of(answer: Answer) -> list[Claim]:
    """The claims of an answer; one made of its citations when the assistant gave none."""
    if answer.claims or answer.answer is None or not answer.citations:
        return answer.claims
    return [
        Claim(
            answer=answer.answer,
            speaker=None,
            citations=answer.citations,
            speakers=[None] * len(answer.citations),
            dates=[None] * len(answer.citations),
            confidence=answer.confidence,
        )
    ]


def source_line(citation: Citation) -> str:
    """Where a citation stands, in words: title, page, file, offsets and hash."""
    page = "" if citation.page is None else f", page {citation.page}"
    return f"{citation.title}{page}; {citation.source}; characters {citation.start}-{citation.end}; sha256 {citation.sha256}"


def quoted(citation: Citation) -> str:
    """The sentence that a citation stands in, on one line, in quotation marks."""
    return f"“{' '.join(citation.sentence.text.split())}”"


def _claims(answer: Answer) -> Iterator[tuple[Claim, list[tuple[int, Citation]]]]:
    """The claims with their citations, numbered through."""
    number = 0
    for claim in claims_of(answer):
        yield claim, list(enumerate(claim.citations, start=number + 1))
        number += len(claim.citations)


def _confidence(turn: Turn, answer: Answer) -> str:
    """How sure the ``answer`` of ``turn`` is, as the chat says it, and whether it is a guess that was asked for."""
    likely = likelihood(answer)
    anyway = ", answered although it is below the threshold" if turn.answer_all else ""
    return f"{confidence_words(likely).capitalize()} confidence ({percent(likely)}){anyway}"


def _said(claim: Claim) -> str:
    return "" if claim.speaker is None else f"{claim.speaker.text}: "


def _markdown_turn(turn: Turn) -> Iterator[str]:
    answer = turn.answer
    if answer is None:
        yield f"No answer: {markdown_text(str(turn.error))}"
        return
    if read_differently(answer):
        yield f"Read as: *{markdown_text(answer.standalone_question)}*"
    if answer.answer is None:
        yield "The articles do not answer this."
        yield markdown_text(answer.reason or "")
        return
    if answer.agreement == "differing":
        yield "The sources differ."
    for claim, citations in _claims(answer):
        yield f"**{markdown_text(_said(claim) + claim_words(claim, citations))}**"
        for number, citation in citations:
            exact = markdown_text(citation.text)
            yield (
                f"> {markdown_text(quoted(citation))}\n>\n> {markdown_text(f'[{number}]')} exact words: “{exact}”; "
                f"{markdown_text(source_line(citation))}"
            )
    yield _confidence(turn, answer)
    if answer.phrased is not None:
        yield from phrased_markdown(answer.phrased)


def _html_turn(turn: Turn) -> Iterator[str]:
    answer = turn.answer
    if answer is None:
        yield f"<p>No answer: {html_text(str(turn.error))}</p>"
        return
    if read_differently(answer):
        yield f'<p class="note">Read as: {html_text(answer.standalone_question)}</p>'
    if answer.answer is None:
        yield f"<p>The articles do not answer this.</p><p>{html_text(answer.reason or '')}</p>"
        return
    if answer.agreement == "differing":
        yield "<p>The sources differ.</p>"
    for claim, citations in _claims(answer):
        yield f'<p class="answer" dir="auto">{html_text(_said(claim) + claim_words(claim, citations))}</p>'
        for number, citation in citations:
            sentence = citation.sentence
            low, high = citation.start - sentence.start, citation.end - sentence.start
            yield (
                f'<blockquote dir="auto">{html_text(sentence.text[:low])}<mark>{html_text(sentence.text[low:high])}</mark>'
                f'{html_text(sentence.text[high:])}<br><cite dir="ltr">[{number}] {html_text(source_line(citation))}</cite>'
                "</blockquote>"
            )
    yield f'<p class="note">{_confidence(turn, answer)}</p>'
    if answer.phrased is not None:
        yield from phrased_html(answer.phrased)


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
