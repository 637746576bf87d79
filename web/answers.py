"""An answer as a chat message: one piece of HTML in which every foreign character is inert.

The answer stands first and short, then the sentences it came from with the answer in bold, then how sure it is, then
what else it could have been. Citations are numbered once, in the order in which they are shown. Messages go through the
chat's Markdown, so they have no line breaks inside and all text in them is escaped for it.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import TypeVar

from qa.claims import likelihood
from qa.models import Answer, Citation, Claim, PassageHit
from web.confidence import confidence_words, percent
from web.escape import markdown_text
from web.exporting import claims_of, read_differently
from web.phrased import cite_link, not_phrased_message, phrased_message
from web.references import Reference

_Value = TypeVar("_Value")
_QUOTE_MARGIN = 240  # characters shown on either side of the answer in a quoted sentence
_PASSAGE_SHOWN = 320  # characters of the closest passage of a refusal
_ALTERNATIVES_SHOWN = 4
_QUOTES_SHOWN = 2  # of a claim; its other places are folded
_QUOTATION_MARKS = ('"', "'", "“", "”", "„", "«", "»", "‘", "’")


def question_message(question: str, ref: str | None = None, *, answer_all: bool = False) -> str:
    """What the user asked, as a chat message.

    Args:
        question: the words.
        ref: ``<conversation>/<turn>`` of the turn, for a button to edit it; none while it is being answered.
        answer_all: an answer was asked for even if it is unlikely.
    """
    words = markdown_text(question.strip())
    note = '<span class="anyway">Answer anyway</span>' if answer_all else ""
    return words + note + ("" if ref is None else _button("edit", ref, "Edit", "Edit and ask again"))


def stage_message(stage: str, ref: str | None = None) -> str:
    """A step on the way to the answer, with a button to stop if the turn is named, by ``<conversation>/<turn>``."""
    stop = "" if ref is None else f" {_button('stop', ref, 'Stop', 'Stop (Esc)')}"
    return f'<span class="stage">{markdown_text(stage)}</span>{stop}'


def earlier_message(count: int, conversation_id: str) -> str:
    """What stands in the place of the first ``count`` questions of a long conversation, with a button to show them."""
    show = _button("earlier", conversation_id, "Show all", "Show the whole conversation")
    return f'<p class="left-out">{_counted(count, "earlier question")} not shown. {show}</p>'


def error_message(message: str) -> str:
    """An error that the user can do something about."""
    lines = [markdown_text(line) for line in message.splitlines() if line.strip()]
    return f'<span class="error">{"<br>".join(lines)}</span>'


def answer_message(
    answer: Answer,
    titles: Mapping[str, str],
    *,
    threshold: float | None = None,
    ref: str | None = None,
    answer_all: bool = False,
    not_phrased: str | None = None,
) -> str:
    """An answer or a refusal.

    Args:
        answer: what the assistant gave.
        titles: titles of documents by their names, for passages, which do not carry them.
        threshold: confidence in 0..1 that an answer needs, if it is known.
        ref: ``<conversation>/<turn>``, for buttons that do something with this answer; none without.
        answer_all: it was asked for even if it is unlikely.
        not_phrased: why the user's LLM did not phrase it; ``None`` when it did or was not asked.
    """
    parts: list[str] = []
    if read_differently(answer):
        edit = "" if ref is None else f" {_button('reread', ref, 'Change', 'Change how the question was read')}"
        parts.append(f'<p class="read-as">Read as: <q>{markdown_text(answer.standalone_question)}</q>{edit}</p>')
    numbers = count(1)
    if answer.answer is None:
        parts += _refusal(answer, titles, threshold, numbers)
    else:
        likely = likelihood(answer)
        if answer_all and threshold is not None and likely < threshold:
            parts.append(
                f'<p class="guess">A guess: {percent(likely)} sure, {percent(threshold)} is needed otherwise.</p>'
            )
        parts += _claims(answer, numbers)
        parts.append(_confidence(answer))
    if answer.alternatives:
        parts.append(_alternatives(answer, numbers))
    if answer.phrased is not None:
        parts.append(phrased_message(answer.phrased))
    elif not_phrased is not None:
        parts.append(not_phrased_message(not_phrased))
    if ref is not None:
        parts.append(_actions(answer, ref))
    return f'<div class="reply">{"".join(parts)}</div>'


def _claims(answer: Answer, numbers: Iterator[int]) -> Iterator[str]:
    """What is answered: one claim, a list of them, or claims that differ side by side under those who make them."""
    claims = claims_of(answer)
    if answer.agreement in ("single", "same") or len(claims) < 2:
        for claim in claims:
            yield _claim(claim, numbers)
        return
    if answer.agreement == "differing":
        yield '<p class="differ">The sources differ</p>'
    items = "".join(
        f'<li class="claim">{_claim(claim, numbers, beside=answer.agreement == "differing")}</li>' for claim in claims
    )
    yield f'<ul class="claims {answer.agreement}">{items}</ul>'


def _claim(claim: Claim, numbers: Iterator[int], *, beside: bool = False) -> str:
    """One claim: its words, and the sentences it stands in. ``beside`` others, who says it stands above it."""
    numbered = [(next(numbers), citation) for citation in claim.citations]
    links = " ".join(_link(number, citation) for number, citation in numbered)
    line = f'<p class="line"><span class="answer">{markdown_text(claim.answer)}</span> {links}</p>'
    if beside:
        newest = ' <span class="fn-badge">newest</span>' if claim.newest else ""
        who = "The article" if claim.speaker is None else _speaker(claim.speaker)
        line = f'<p class="who">{who} says{newest}</p>{line}'
    quotes = [
        _quote(number, citation, None if beside and place == 0 else speaker, date)
        for place, ((number, citation), speaker, date) in enumerate(
            zip(numbered, _padded(claim.speakers, numbered), _padded(claim.dates, numbered), strict=True)
        )
    ]
    kept = 1 if beside else _QUOTES_SHOWN
    shown, folded = "".join(quotes[:kept]), quotes[kept:]
    if not folded:
        return line + shown
    places = "1 more place" if len(folded) == 1 else f"{len(folded)} more places"
    return f'{line}{shown}<details class="places"><summary>{places}</summary>{"".join(folded)}</details>'


def _refusal(
    answer: Answer, titles: Mapping[str, str], threshold: float | None, numbers: Iterator[int]
) -> Iterator[str]:
    yield '<p class="refusal">The articles do not answer this.</p>'
    if answer.passages:
        articles = len({passage.document_id for passage in answer.passages})
        where = f"{_counted(len(answer.passages), 'passage')} of {_counted(articles, 'article')}"
        yield (
            f'<p class="label">Looked for <q>{markdown_text(answer.standalone_question)}</q> '
            f"in the {where} that came nearest.</p>"
        )
    if threshold is not None and answer.confidence < threshold:
        # Instead of the reason, which says the same two numbers in a sentence.
        at, need = round(answer.confidence * 100), round(threshold * 100)
        yield (
            f'<p class="label below"><span class="gauge" style="--at:{at}%;--need:{need}%"></span>'
            f"<span>{_counted(max(need - at, 1), 'point')} below the threshold: "
            f"{percent(answer.confidence)} sure, {percent(threshold)} needed</span></p>"
        )
    elif answer.reason:
        yield f"<p>{markdown_text(answer.reason)}</p>"
    if answer.passages:
        yield _closest(answer.passages[0], titles, next(numbers))


def _closest(passage: PassageHit, titles: Mapping[str, str], number: int) -> str:
    """The passage that came nearest, shortened, with a link that lights all of it."""
    title = titles.get(passage.document_id, "an article that cannot be found any more")
    words = markdown_text(_clip_end(passage.text.strip(), _PASSAGE_SHOWN))
    place = Reference.to_words(passage.document_id, passage.start, passage.end, passage.text)
    link = cite_link(number, place, title)
    return (
        f'<p class="label">The closest passage:</p>'
        f"<blockquote>{_quoted(words, passage.text)} {link}<br>{_where(_title(title))}</blockquote>"
    )


def _quote(number: int, citation: Citation, speaker: Citation | None = None, date: str | None = None) -> str:
    """The sentence of a citation with the answer in bold, and where it stands."""
    sentence = citation.sentence
    start = min(max(citation.start - sentence.start, 0), len(sentence.text))
    end = min(max(citation.end - sentence.start, start), len(sentence.text))
    before, inside, after = sentence.text[:start], sentence.text[start:end], sentence.text[end:]
    words = (
        f"{markdown_text(_clip_start(before.lstrip()))}<strong>{markdown_text(inside)}</strong>"
        f"{markdown_text(_clip_end(after.rstrip()))}"
    )
    where = _title(citation.title)
    where += "" if citation.page is None else f", page {citation.page}"
    where += "" if date is None else f", {markdown_text(date)}"
    where += "" if speaker is None else f" · said by {_speaker(speaker)}"
    return f"<blockquote>{_quoted(words, sentence.text)} {_link(number, citation)}<br>{_where(where)}</blockquote>"


def _alternatives(answer: Answer, numbers: Iterator[int]) -> str:
    """Other candidates, folded."""
    items: list[str] = []
    for alternative in answer.alternatives[:_ALTERNATIVES_SHOWN]:
        links = " ".join(_link(next(numbers), citation) for citation in alternative.citations)
        items.append(
            f"<li>{markdown_text(alternative.answer)} {links} "
            f'<span class="number">{percent(alternative.confidence)}</span></li>'
        )
    kind = "unlikely guess" if answer.abstained else "other possible answer"
    heading = f"1 {kind}" if len(items) == 1 else f"{len(items)} {kind.replace('guess', 'guesse')}s"
    return f'<details class="others"><summary>{heading}</summary><ul>{"".join(items)}</ul></details>'


def _actions(answer: Answer, ref: str) -> str:
    buttons = [_button("copy", ref, "Copy", "Copy with quotes and sources")]
    if answer.abstained:
        buttons.insert(0, _button("anyway", ref, "Answer anyway", "Give the best guess although it is unlikely"))
    return f'<p class="actions">{"".join(buttons)}</p>'


def _button(action: str, ref: str, words: str, title: str) -> str:
    """A button that the page's script knows by its value; all four are ours or ids, never foreign text."""
    return f'<button class="do {action}" value="{action}/{ref}" title="{title}">{words}</button>'


def _confidence(answer: Answer) -> str:
    """How sure it is in words; the number shows when it is pointed at or has the focus."""
    likely = likelihood(answer)
    meaning = "likely to be right" if likely == answer.confidence else "likely that one of these is right"
    words = confidence_words(likely)
    exact = f'<span class="exact"> · {percent(likely)}</span>'
    return (
        f'<p><span class="confidence {words}" tabindex="0" title="{percent(likely)} {meaning}">'
        f"{words.capitalize()} confidence{exact}</span></p>"
    )


def _quoted(words: str, text: str) -> str:
    """``words`` in quotation marks, unless ``text``, which they were made from, begins or ends with some of its own."""
    text = text.strip()
    return words if text.startswith(_QUOTATION_MARKS) or text.endswith(_QUOTATION_MARKS) else f"“{words}”"


def _link(number: int, citation: Citation) -> str:
    return cite_link(number, _place(citation), citation.title)


def _speaker(citation: Citation) -> str:
    """Who says something, as a link to the words that name them."""
    words = markdown_text(citation.text)
    return f'<a class="speaker" href="#{_place(citation)}" title="Show where this is named">{words}</a>'


def _place(citation: Citation) -> Reference:
    return Reference.to_words(citation.document_id, citation.start, citation.end, citation.text)


def _title(words: str) -> str:
    """A title, which runs as it is written, whichever way the words around it do."""
    return f"<bdi>{markdown_text(words)}</bdi>"


def _where(words: str) -> str:
    return f'<span class="where">{words}</span>'


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _padded(values: list[_Value | None], places: list[tuple[int, Citation]]) -> list[_Value | None]:
    """``values``, one for each place; ``None`` where the assistant gave none."""
    return [values[place] if place < len(values) else None for place in range(len(places))]


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
