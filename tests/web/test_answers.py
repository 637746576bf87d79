import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.models import Answer, Claim
from tests.web.fakes import FakeAssistant, make_citation, make_document
from tests.web.payloads import PAYLOADS
from web import answers
from web.references import Reference

TEXT = "Russian President Vladimir Putin called for a ceasefire. Dmitry Peskov spoke for him.\nNobody else did."
DOCUMENT = make_document("karabakh", TEXT, title="karabakh.txt")
KNOWN = {"who?": [("karabakh", "Vladimir Putin"), ("karabakh", "Dmitry Peskov")]}
OWN_TAGS = {
    "div",
    "p",
    "blockquote",
    "q",
    "button",
    "span",
    "strong",
    "details",
    "summary",
    "ul",
    "li",
    "a",
    "br",
    "bdi",
}


def message(question: str, **settings: float) -> str:
    return answers.answer_message(
        FakeAssistant([DOCUMENT], KNOWN, **settings).ask(question), {"karabakh": DOCUMENT.title}
    )


def place_of(words: str) -> Reference:
    start = TEXT.index(words)
    return Reference.to_words("karabakh", start, start + len(words), words)


def shown(markdown: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markdown))


def test_answer_stands_first_then_the_sentence_with_it_in_bold() -> None:
    text = message("who?")
    place = place_of("Vladimir Putin")
    first, quote, rest = (text.index(part) for part in ('class="answer"', "<blockquote>", 'class="confidence'))
    assert text.index(f'<a class="cite" href="#{place}"') < quote
    assert first < quote < rest < text.index("Dmitry Peskov", rest)
    assert "“Russian President <strong>Vladimir Putin</strong> called for a ceasefire&#46;”" in text
    assert 'High confidence<span class="exact"> · 93%' in text
    assert "&#91;2&#93;" in text[rest:]


def claim(words: str, speaker: str | None, *, newest: bool = False, times: int = 1) -> Claim:
    start = TEXT.index(words)
    place = make_citation(DOCUMENT, start, start + len(words))
    said = None
    if speaker is not None:
        at = TEXT.index(speaker)
        said = make_citation(DOCUMENT, at, at + len(speaker))
    return Claim(
        answer=words,
        speaker=said,
        citations=[place] * times,
        speakers=[said] * times,
        dates=["2024-05"] * times,
        confidence=0.9,
        newest=newest,
    )


def with_claims(agreement: str, *claims: Claim) -> str:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?")
    return answers.answer_message(answer.model_copy(update={"claims": list(claims), "agreement": agreement}), {})


def test_claims_that_differ_stand_side_by_side_under_their_speakers() -> None:
    text = with_claims("differing", claim("a ceasefire", "Vladimir Putin"), claim("him", None, newest=True))
    assert shown(text).startswith("The sources differ")
    assert f'<a class="speaker" href="#{place_of("Vladimir Putin")}"' in text
    words = shown(text)
    assert words.index("Vladimir Putin says") < words.index("a ceasefire [1]") < words.index("The article says newest")
    assert "him [2]" in words
    assert text.count('<li class="claim">') == 2


def test_claims_that_differ_are_as_likely_as_one_of_them_being_right() -> None:
    low = {"confidence": 0.4}
    claims = [claim("a ceasefire", "Vladimir Putin").model_copy(update=low), claim("him", None).model_copy(update=low)]
    answer = FakeAssistant([DOCUMENT], KNOWN, confidence=0.4).ask("who?")
    answer = answer.model_copy(update={"claims": claims, "agreement": "differing"})
    text = answers.answer_message(answer, {}, threshold=0.5, answer_all=True)
    assert 'title="64% likely that one of these is right"' in text
    assert "Medium confidence" in text
    assert "A guess" not in text


def test_several_answers_that_hold_are_a_list_and_many_places_fold() -> None:
    text = with_claims("list", claim("a ceasefire", None), claim("him", None, times=4))
    assert "differ" not in text
    assert '<ul class="claims list">' in text
    assert "him [2] [3] [4] [5]" in shown(text)
    assert "2 more places" in text
    one = with_claims("same", claim("a ceasefire", "Vladimir Putin", times=2))
    assert "said by <a" in one
    assert "2024-05" in shown(one)


def test_follow_up_tells_how_it_was_read() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?").model_copy(update={"question": "he?"})
    text = answers.answer_message(answer, {}, ref="c/t")
    assert text.index("Read as: <q>who&#63;</q>") < text.index('class="answer"')
    assert 'value="reread/c/t"' in text
    assert "Read as" not in message("who?")


def test_buttons_name_their_turn_and_stand_only_where_they_can_work() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?")
    assert "<button" not in answers.answer_message(answer, {})
    assert 'value="copy/c/t"' in answers.answer_message(answer, {}, ref="c/t")
    refusal = FakeAssistant([DOCUMENT], KNOWN).ask("What is the capital of France?")
    text = answers.answer_message(refusal, {}, threshold=0.4, ref="c/t")
    assert 'value="anyway/c/t"' in text
    assert "32 points below the threshold: 8% sure, 40% needed" in text
    # The two numbers are told once: the reason, which has them too, stands only where there is no threshold to show.
    assert refusal.reason is not None
    assert refusal.reason not in shown(text)
    assert refusal.reason in shown(answers.answer_message(refusal, {}))
    assert "--at:8%;--need:40%" in text
    assert "Looked for What is the capital of France? in the 1 passage of 1 article" in shown(text)


def test_answer_below_the_threshold_is_called_a_guess() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN, confidence=0.2).ask("who?")
    text = shown(answers.answer_message(answer, {}, threshold=0.4, answer_all=True))
    assert text.startswith("A guess: 20% sure, 40% is needed otherwise.")
    assert "A guess" not in answers.answer_message(answer, {}, threshold=0.4)


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
    assert f'href="#{place_of(TEXT)}"' in text
    assert "<blockquote>“Russian President Vladimir Putin called" in text


def test_long_sentence_is_shortened_around_the_answer() -> None:
    text = "before " * 200 + "needle" + " after" * 200
    document = make_document("doc", text)
    answer = FakeAssistant([document], {"where?": [("doc", "needle")]}).ask("where?")
    message = answers.answer_message(answer, {})
    assert "<strong>needle</strong>" in message
    assert len(message) < 1400


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_add_no_tag_and_no_link(payload: str) -> None:
    document = make_document("doc", f"Before. {payload} After. Or {payload}!", title=payload, source=payload)
    known = {"q": [("doc", payload), ("doc", f"{payload}!")]}
    asked = FakeAssistant([document], known)
    for text in (
        answers.answer_message(asked.ask("q"), {"doc": payload}),
        answers.answer_message(asked.ask("unknown"), {"doc": payload}, threshold=0.5, ref="c/t"),
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
    quote = shown(answers.answer_message(answer, {}).partition("<blockquote>")[2])
    assert quote.startswith(f"{sentence} [1]")


def test_guesses_of_a_refusal_are_called_unlikely() -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("who?")
    refusal = answer.model_copy(update={"answer": None, "abstained": True, "citations": [], "reason": "Not sure."})
    text = answers.answer_message(refusal, {})
    assert "1 unlikely guess<" in text
    assert "#cite/karabakh/" in text
