"""The assistant: spans carried to document offsets, duplicates merged, refusals explained."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from index import Filter, IndexBusy, IndexMissing, QuestionError, UnknownDocument, add_texts, create_index
from qa.assistant import MAX_QUESTION, Assistant, check_question
from qa.candidates import cite, surroundings
from qa.claims import likelihood
from qa.models import Answer
from qa.reader.reading import Reading, ReadSpan
from tests.fakes import FakeEncoder, FakeReader
from tests.strategies import texts

ARTICLE = (
    "The old harbour was closed by Mayor Anna Stone on Monday. Nobody knew why.\n\n"
    "The old harbour was closed by Mayor Anna Stone on Monday. Ships waited outside.\n\n"
    + "Filler about the weather and the price of bread. "
    * 20
)


def assistant(folder: Path, *articles: str) -> Assistant:
    index = create_index(folder / "index", FakeEncoder())
    if articles:
        add_texts(index, [(f"memory/{number}.txt", f"Article {number}", text) for number, text in enumerate(articles)])
    return Assistant(index, FakeReader)


def every_citation(answer: Answer):
    yield from answer.citations
    for other in answer.alternatives:
        yield from other.citations


def check_contract(asked: Assistant, answer: Answer) -> None:
    assert (answer.answer is None) == answer.abstained == (answer.reason is not None) == (not answer.citations)
    for citation in every_citation(answer):
        text = asked.index.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.text
        assert text[citation.sentence.start : citation.sentence.end] == citation.sentence.text
        assert citation.sentence.start <= citation.start < citation.end <= citation.sentence.end
    for hit in answer.passages:
        assert asked.index.document(hit.document_id).text[hit.start : hit.end] == hit.text


def test_an_answer_is_cited_word_for_word(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    answer = asked.ask("Who closed  the old\nharbour?")
    check_contract(asked, answer)
    assert not answer.abstained
    assert answer.standalone_question == "Who closed the old harbour?"
    assert answer.passages


def test_equal_words_in_two_places_are_one_answer_with_two_citations(tmp_path: Path) -> None:
    asked = assistant(tmp_path, "The old harbour closed quietly.", "They say the old harbour closed quietly.")
    answer = asked.ask("Who saw that the old harbour closed?")
    assert answer.answer == "quietly"
    assert {citation.document_id for citation in answer.citations} == {one.id for one in asked.index.documents()}
    assert answer.alternatives == []


def test_a_refusal_says_why_and_shows_the_closest_passage(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    answer = asked.ask("Which telescope found Neptune?")
    check_contract(asked, answer)
    assert answer.abstained
    assert "50%" in answer.reason
    assert answer.passages


def test_answer_all_gives_the_doubtful_answer(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    answer = asked.ask("Which telescope found Neptune?", answer_all=True)
    check_contract(asked, answer)
    assert answer.answer is not None
    assert answer.confidence < 0.5


def test_documents_confine_the_search(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE, "The bridge opened in 1932.")
    bridge = asked.index.resolve("Article 1")
    answer = asked.ask("Who closed the old harbour?", within=Filter(documents=(bridge,)), answer_all=True)
    assert {hit.document_id for hit in answer.passages} == {bridge}
    with pytest.raises(UnknownDocument):
        asked.ask("Who closed it?", within=Filter(documents=("nope",)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts.filter(lambda text: text.strip() and not any("\ud800" <= one <= "\udfff" for one in text)))
def test_every_citation_of_any_text_is_exact(tmp_path: Path, text: str) -> None:
    asked = assistant(tmp_path, text)
    check_contract(asked, asked.ask("What did the cat say about the mat?", answer_all=True))


def test_the_reader_is_told_how_many_passages_there_were_to_choose_from(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []

    class Told(FakeReader):
        def read(self, question, texts, *, collection=None, **options):  # type: ignore[no-untyped-def]
            told.append((len(texts), collection))
            return super().read(question, texts, **options)

    asked = assistant(tmp_path, *(f"Harbour {number} closed." for number in range(14)))
    asked = Assistant(asked.index, Told)
    asked.ask("Who closed the harbour?")
    some = tuple(one.id for one in asked.index.documents()[:3])
    asked.ask("Who closed the harbour?", within=Filter(documents=some))
    assert told == [(10, 14), (3, 3)]


class Meddling(FakeReader):
    """Lets something happen while it reads, the first ``times`` times."""

    def __init__(self, happen: Callable[[], object], times: int = 1) -> None:
        super().__init__()
        self.happen = happen
        self.times = times

    def read(self, question, texts, **options):  # type: ignore[no-untyped-def]
        if self.times:
            self.times -= 1
            self.happen()
        return super().read(question, texts, **options)


class Surrounded(Meddling):
    """Asks for what surrounds its best answer once it has read; ``told`` is what it got."""

    def __init__(self, happen: Callable[[], object]) -> None:
        super().__init__(happen)
        self.told: list[tuple[str, int] | None] = []

    def read(self, question, texts, *, surroundings, **options):  # type: ignore[no-untyped-def]
        reading = super().read(question, texts, **options)
        self.told.append(surroundings(reading.spans[0].passage, reading.spans[0].start))
        return reading


def replaced(asked: Assistant, text: str) -> None:
    add_texts(asked.index, [("memory/0.txt", "Article 0", text)])


STORM = (
    "The storm killed many sheep on the island. The farmers' league said 40 sheep were killed by the storm. The island's "
    "council put the number of sheep killed by the storm at 65. Anna Stone and Paul Reed visited the farms."
)


class Figures(FakeReader):
    """Finds the two figures of STORM, and other words, with these confidences."""

    def __init__(self, first: float, second: float, **others: float) -> None:
        super().__init__()
        self.confidences = {"40": first, "65": second} | others

    def read(self, question, texts, **options):  # type: ignore[no-untyped-def]
        spans = [
            ReadSpan(0, (at := texts[0].index(words)), at + len(words), math.log(sure / (1 - sure)), sure)
            for words, sure in self.confidences.items()
        ]
        return Reading(tuple(spans), spans[0].confidence, spans[0].confidence < self.threshold)


@pytest.mark.parametrize(("first", "shown"), [(0.9, True), (0.4, True), (0.25, False)])
def test_two_claims_are_given_where_one_of_them_is_likely_right(tmp_path: Path, first: float, shown: bool) -> None:
    index = assistant(tmp_path, STORM).index
    asked = Assistant(index, lambda: Figures(first, first - 0.05))
    answer = asked.ask("How many sheep were killed by the storm?")
    check_contract(asked, answer)
    assert answer.confidence == pytest.approx(first)
    assert answer.abstained is not shown
    assert answer.answer == ("40" if shown else None)
    assert [claim.answer for claim in answer.claims] == (["40", "65"] if shown else [])
    assert answer.agreement == ("differing" if shown else "single")
    # What is a claim is no alternative too; the likelihood is that of either being right.
    assert [other.answer for other in answer.alternatives] == ([] if shown else ["40", "65"])
    neither = (1 - first) * (1 - answer.claims[1].confidence) if shown else 1 - first
    assert likelihood(answer) == pytest.approx(1 - neither)


def test_what_a_claim_has_said_in_digits_is_no_alternative_in_words(tmp_path: Path) -> None:
    index = assistant(tmp_path, f"{STORM} Forty had been the first guess, and fifty the next.").index
    answer = Assistant(index, lambda: Figures(0.9, 0.85, Forty=0.002, fifty=0.001)).ask(
        "How many sheep were killed by the storm?"
    )
    assert [claim.answer for claim in answer.claims] == ["40", "65"]
    assert [other.answer for other in answer.alternatives] == ["fifty"]


def test_one_claim_must_be_likely_by_itself(tmp_path: Path) -> None:
    index = assistant(tmp_path, STORM).index
    # The other figure is too far behind to be a claim.
    assert Assistant(index, lambda: Figures(0.4, 0.001)).ask("How many sheep were killed by the storm?").abstained


def test_claims_of_two_documents_are_given_only_where_one_is_likely_by_itself(tmp_path: Path) -> None:
    one, other = STORM.split(" The island's council")
    index = assistant(tmp_path, one, "The island's council" + other).index

    class Apart(Figures):
        def read(self, question, texts, **options):  # type: ignore[no-untyped-def]
            spans = [
                ReadSpan(place, (at := texts[place].index(words)), at + 2, math.log(sure / (1 - sure)), sure)
                for words, sure in self.confidences.items()
                for place in range(len(texts))
                if words in texts[place]
            ]
            return Reading(tuple(spans), spans[0].confidence, spans[0].confidence < self.threshold)

    for first, refused in ((0.9, False), (0.4, True)):
        answer = Assistant(index, lambda sure=first: Apart(sure, sure - 0.05)).ask(
            "How many sheep were killed by the storm?"
        )  # type: ignore[misc]
        assert answer.abstained is refused
        assert answer.agreement == ("single" if refused else "differing")


STRIKE = "The union said no bus had left. Its members are tired, the union said. Anna Stone said it was cold."


class Statements(FakeReader):
    """Finds two things that the union said, equally sure of both."""

    def __init__(self, sure: float) -> None:
        super().__init__()
        self.sure = sure

    def read(self, question, texts, **options):  # type: ignore[no-untyped-def]
        score = math.log(self.sure / (1 - self.sure))
        found = [(texts[0].index(words), words) for words in ("no bus had left", "Its members are tired")]
        spans = [ReadSpan(0, start, start + len(words), score, self.sure) for start, words in found]
        return Reading(tuple(spans), self.sure, self.sure < self.threshold)


@pytest.mark.parametrize(
    ("question", "sure", "shown"),
    [
        ("What did the union say?", 0.4, True),
        ("What did the union say?", 0.2, False),
        ("What did the union say about the depot?", 0.4, False),
        ("What did Anna Stone say?", 0.4, False),
    ],
)
def test_all_that_somebody_said_is_given_where_some_of_it_is_likely_right(
    tmp_path: Path, question: str, sure: float, shown: bool
) -> None:
    index = assistant(tmp_path, STRIKE).index
    asked = Assistant(index, lambda: Statements(sure))
    answer = asked.ask(question)
    check_contract(asked, answer)
    assert answer.abstained is not shown
    assert [claim.answer for claim in answer.claims] == (["no bus had left", "Its members are tired"] if shown else [])


def test_an_article_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    asked = assistant(tmp_path, "The old harbour was closed by Mayor Anna Stone.", "The bridge opened in 1932.")
    stages: list[str] = []
    for text in ("In spring, as all know, the old harbour closed quietly.", "Harbour closed."):
        answer = Assistant(asked.index, lambda text=text: Meddling(lambda: replaced(asked, text))).ask(
            "What closed the old harbour?", answer_all=True, on_stage=stages.append
        )
        check_contract(asked, answer)
        assert text in [hit.text for hit in answer.passages]
        assert answer.answer in ("quietly", ".")
    assert stages == ["searching", "reading"] * 4


def test_an_article_that_is_removed_while_it_is_read_is_not_cited(tmp_path: Path) -> None:
    asked = assistant(tmp_path, "The old harbour was closed by Mayor Anna Stone.", "The harbour closed quietly.")
    names = [asked.index.resolve(f"Article {number}") for number in range(2)]
    removing = Meddling(lambda: asked.index.remove(names[:1]))
    # What the question is confined to may have been chosen by a page, for all documents but hidden ones.
    answer = Assistant(asked.index, lambda: removing).ask("Who closed the harbour?", within=Filter(tuple(names)))
    check_contract(asked, answer)
    assert answer.answer == "quietly"
    removing = Meddling(lambda: asked.index.remove(names[1:]))
    with pytest.raises(IndexMissing, match="confined"):
        Assistant(asked.index, lambda: removing).ask("Who closed the harbour?", within=Filter(tuple(names[1:])))


def test_an_article_that_changes_each_time_it_is_read_is_left_out(tmp_path: Path) -> None:
    asked = assistant(tmp_path, "The old harbour was closed by Mayor Anna Stone.", "The harbour closed quietly.")
    meddling = Meddling(lambda: replaced(asked, f"{'!' * meddling.times} The old harbour was closed by Anna."), times=9)
    answer = Assistant(asked.index, lambda: meddling).ask("Who closed the old harbour?", answer_all=True)
    check_contract(asked, answer)
    assert meddling.times == 9 - 3
    assert answer.answer == "quietly"
    assert [hit.text for hit in answer.passages] == ["The harbour closed quietly."]
    asked.index.remove([asked.index.resolve("Article 1")])
    meddling = Meddling(lambda: replaced(asked, f"{'?' * meddling.times} The old harbour was closed by Anna."), times=9)
    with pytest.raises(IndexBusy, match="Ask again"):
        Assistant(asked.index, lambda: meddling).ask("Who closed the old harbour?")


def test_what_surrounds_an_answer_is_never_of_another_text(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    late = Surrounded(lambda: replaced(asked, "Nothing of it is true. " * 40 + ARTICLE))
    check_contract(asked, Assistant(asked.index, lambda: late).ask("Who closed the old harbour?"))
    assert late.told[0] is None
    assert late.told[1] is not None
    gone = Surrounded(lambda: asked.index.remove([asked.index.documents()[0].id]))
    with pytest.raises(IndexMissing):
        Assistant(asked.index, lambda: gone).ask("Who closed the old harbour?")
    assert gone.told == [None]


def test_a_document_is_fetched_once_for_a_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = assistant(tmp_path, ARTICLE, "The bridge opened in 1932.")
    fetched: list[str] = []
    fetch = asked.index.document
    monkeypatch.setattr(asked.index, "document", lambda name: fetched.append(name) or fetch(name))
    reader = Surrounded(lambda: None)
    Assistant(asked.index, lambda: reader).ask("Who closed the old harbour?")
    assert len(reader.told) == 1
    assert len(set(fetched)) == len(fetched) == 2


def test_stages_are_told_in_order(tmp_path: Path) -> None:
    stages: list[str] = []
    assistant(tmp_path, ARTICLE).ask("Who closed the harbour?", on_stage=stages.append)
    assert stages == ["searching", "reading"]


def test_an_empty_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="qa add"):
        assistant(tmp_path).ask("Who closed the harbour?")


@pytest.mark.parametrize("question", ["", " \n", "?!", "x" * (MAX_QUESTION + 1), "Who \udcff closed it?"])
def test_questions_that_cannot_be_asked_are_refused(question: str) -> None:
    with pytest.raises(QuestionError, match=r"empty|characters|no letters"):
        check_question(question)


def test_a_citation_knows_its_sentence(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    document = asked.index.document(asked.index.documents()[0].id)
    start = document.text.rindex("Anna Stone")
    citation = cite(document, start, start + 10, 0.0)
    assert citation.sentence.text == "The old harbour was closed by Mayor Anna Stone on Monday."
    assert citation.sentence.start == ARTICLE.index("The old", 10)


def test_what_surrounds_a_place_begins_with_a_sentence_and_takes_in_the_passage(tmp_path: Path) -> None:
    asked = assistant(tmp_path, ARTICLE)
    (summary,) = asked.index.documents()
    text = asked.index.document(summary.id).text
    for hit in asked.index.search("price of bread", top=5):
        for offset in (0, (hit.end - hit.start) // 2):
            around = surroundings(text, hit, offset)
            assert around is not None
            whole, place = around
            assert whole in text
            assert whole[place:] == text[hit.start + offset :][: len(whole) - place]
            assert whole.startswith(("The old harbour", "Filler", "Nobody", "Ships"))
            assert len(whole) <= 1600


def test_a_document_of_one_passage_surrounds_it_with_nothing(tmp_path: Path) -> None:
    asked = assistant(tmp_path, "The old harbour closed quietly.")
    (hit,) = asked.index.search("harbour", top=1)
    assert surroundings(hit.text, hit, 4) is None


def test_the_reader_can_ask_for_what_surrounds_an_answer(tmp_path: Path) -> None:
    told: list[tuple[str, int] | None] = []
    asked_for_several: list[bool] = []

    class Curious(FakeReader):
        def read(self, question, texts, *, surroundings, several, **options):  # type: ignore[no-untyped-def]
            asked_for_several.append(several)
            reading = super().read(question, texts, **options)
            told.append(surroundings(reading.spans[0].passage, reading.spans[0].start))
            return reading

    index = assistant(tmp_path, ARTICLE).index
    answer = Assistant(index, Curious).ask("Who closed the old harbour?")
    assert told[0] is not None
    assert answer.citations[0].sentence.text in told[0][0]
    Assistant(index, Curious).ask("Which harbours were closed?")
    assert asked_for_several == [False, True]


class Split(FakeReader):
    """Puts forward what is not worth showing, and half a quotation."""

    def read(self, question, texts, **options):  # type: ignore[no-untyped-def]
        spans = ("The union", ",", "was", '"a closed', '"a')
        found = [
            ReadSpan(0, start := texts[0].index(words), start + len(words), 2.0 - place, 0.8 - place / 10)
            for place, words in enumerate(spans)
        ]
        return Reading(tuple(found), found[0].confidence, abstained=False)


def test_other_answers_are_words_without_half_marks(tmp_path: Path) -> None:
    asked = assistant(tmp_path, 'The union said the harbour, for the old, was "a closed" one.')
    answer = Assistant(asked.index, Split).ask("Who closed the old harbour?")
    assert answer.answer == "The union"
    assert [other.answer for other in answer.alternatives] == ["was", '"a closed"']


def test_the_better_of_two_places_apart_in_an_article_is_given_as_sure_as_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa.reader.comparing import Compared, Comparison, Mixture, Rival

    class Words:
        """Says that one of the words answers."""

        plain = Mixture(constant=0.0, signals=1.0, network=1.0)
        comparison = Comparison(
            answers=plain, differs=plain, rival=Rival(constant=0.0, behind=1.0, other=1.0, own=-1.0)
        )

        def compare(self, question, pairs):  # type: ignore[no-untyped-def]
            words = [other.text[other.start : other.end] for _, other in pairs]
            return [Compared(4.0 if word == better else -4.0, 0.0) for word in words]

    between = "Nobody remembers much of the weather on those long days. " * 8
    asked = assistant(
        tmp_path, f"The old harbour closed loudly. {between}\n\n{between}The old harbour, we hear, closed quietly."
    )
    before = asked.ask("How was the old harbour closed?")
    (better,) = {"loudly", "quietly"} - {before.answer}
    monkeypatch.setattr(FakeReader, "comparer", Words())
    asked = Assistant(asked.index, FakeReader)
    after = asked.ask("How was the old harbour closed?")
    check_contract(asked, after)
    assert after.answer == better
    assert after.confidence == before.confidence
