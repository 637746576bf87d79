import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.models import Answer
from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import PAYLOADS
from web import answers

TEXT = "Russian President Vladimir Putin called for a ceasefire. Dmitry Peskov spoke for him.\nNobody else did."
DOCUMENT = make_document("karabakh", TEXT, title="karabakh.txt")
KNOWN = {"who?": [("karabakh", "Vladimir Putin"), ("karabakh", "Dmitry Peskov")]}
OWN_TAGS = {"span", "strong", "details", "summary", "ul", "li", "a", "br"}


def message(question: str, **settings: float) -> str:
    return answers.answer_message(
        FakeAssistant([DOCUMENT], KNOWN, **settings).ask(question), {"karabakh": DOCUMENT.title}
    )


def shown(markdown: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markdown))


def test_answer_stands_first_then_the_sentence_with_it_in_bold() -> None:
    first, quote, confidence, others = message("who?").split("\n\n")
    start = TEXT.index("Vladimir Putin")
    assert first.startswith('<span class="answer">Vladimir Putin</span> [&#91;1&#93;](#cite/karabakh/')
    assert f"#cite/karabakh/{start}-{start + 14} " in first
    assert "“Russian President <strong>Vladimir Putin</strong> called for a ceasefire&#46;”" in quote
    assert "High confidence · 93%" in confidence
    assert "Dmitry Peskov" in others
    assert "&#91;2&#93;" in others


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.95, "High"), (0.8, "High"), (0.79, "Medium"), (0.6, "Medium"), (0.59, "Low"), (0.0, "Low")],
)
def test_confidence_in_words(confidence: float, words: str) -> None:
    assert f"{words} confidence" in message("who?", confidence=confidence)


@pytest.mark.parametrize(("confidence", "percent"), [(1.0, "99%"), (0.0, "1%"), (0.5, "50%")])
def test_confidence_never_claims_certainty(confidence: float, percent: str) -> None:
    assert f"· {percent}" in message("who?", confidence=confidence)


def test_refusal_says_so_and_why_and_links_the_closest_passage() -> None:
    text = message("What is the capital of France?")
    assert "The articles do not answer this." in text
    assert "No passage holds an answer that is likely enough." in shown(text)
    assert f"(#cite/karabakh/0-{len(TEXT)} " in text
    assert "> “Russian President Vladimir Putin called" in text


def test_long_sentence_is_shortened_around_the_answer() -> None:
    text = "before " * 200 + "needle" + " after" * 200
    document = make_document("doc", text)
    answer = FakeAssistant([document], {"where?": [("doc", "needle")]}).ask("where?")
    message = answers.answer_message(answer, {})
    assert "<strong>needle</strong>" in message
    assert len(message) < 1200


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_add_no_tag_and_no_link(payload: str) -> None:
    document = make_document("doc", f"Before. {payload} After. Or {payload}!", title=payload, source=payload)
    known = {"q": [("doc", payload), ("doc", f"{payload}!")]}
    asked = FakeAssistant([document], known)
    for text in (
        answers.answer_message(asked.ask("q"), {"doc": payload}),
        answers.answer_message(asked.ask("unknown"), {"doc": payload}),
        answers.question_message(payload),
        answers.error_message(payload),
        answers.stage_message(payload),
    ):
        assert {tag.lower() for tag in re.findall(r"</?([^\s>]+)", text)} <= OWN_TAGS
        links = re.findall(r"\]\(([^ )]*)|href=\"([^\"]*)\"", text)
        assert all((one or other).startswith("#cite/doc/") for one, other in links)
        assert "evil.example" not in text
        assert not set(text) & set("{}$`\\")


@given(st.text())
def test_question_keeps_its_words(question: str) -> None:
    kept = shown(answers.question_message(question))
    assert kept == re.sub(r"\s+", " ", question.strip().replace("\0", "\ufffd"))


def test_answer_message_needs_an_answer_of_the_contract() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?")
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize("sentence", ['"I came," he said.', "He called it “war.”"])
def test_quotation_marks_are_not_doubled(sentence: str) -> None:
    document = make_document("doc", sentence)
    answer = FakeAssistant([document], {"q": [("doc", "he" if "he" in sentence else "He")]}).ask("q")
    quote = shown(answers.answer_message(answer, {}).split("\n\n")[1])
    assert quote.startswith(f"> {sentence} [[1]](#cite/doc/")


def test_guesses_of_a_refusal_are_called_unlikely() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?")
    refusal = answer.model_copy(update={"answer": None, "abstained": True, "citations": [], "reason": "Not sure."})
    text = answers.answer_message(refusal, {})
    assert "1 unlikely guess<" in text
    assert "#cite/karabakh/" in text
