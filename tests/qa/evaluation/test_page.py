"""The report's page and its CSV: what is in them, and that no text from a question file can do anything there."""

import csv
import io
import json
import re
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Span
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.page import STAGE_MEANINGS, render
from qa.evaluation.page_data import page_data, parts
from qa.evaluation.plots import plots
from qa.evaluation.report import Report
from qa.evaluation.results_csv import csv_lines, neutral
from qa.evaluation.runner import evaluate_reading
from qa.evaluation.shapes import STAGES
from qa.evaluation.tiles import tiles
from qa.reader.reading import Reading, ReadSpan
from tests.strategies import texts
from tests.web.payloads import EVIL, PAYLOADS

WHEN = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
# Elements whose start tags a report has; anything else came from somewhere it should not.
OURS = frozenset(
    re.findall(
        r"\w+",
        """a b bdi body button caption circle dd details div dl dt figcaption figure footer form h1 h2 h3 head header html input
        label line link main mark meta noscript option p polyline rect script section select span strong style summary sup
        svg table tbody td text th thead time title tr ul""",
    )
)


class Half:
    """Answers with the first half of the text, surely if the question is long."""

    threshold = 0.5
    comparer = None

    def read(self, question: str, texts: Any) -> Reading:
        confidence = 0.9 if len(question) > 20 else 0.2
        spans = (ReadSpan(0, 0, max(1, len(texts[0]) // 2), 1.0, confidence),)
        return Reading(spans, confidence, confidence < self.threshold)

    def describe(self) -> dict[str, str]:
        return {"name": f"<b>half</b> http://{EVIL}/", "version": "1", "sha256": "f" * 64}


def run(contexts: list[Context], questions: list[Question], name: str = "set.json") -> tuple[Report, Dataset]:
    dataset = Dataset(name, tuple(contexts), tuple(questions))
    return evaluate_reading(dataset, Half()), dataset


def hostile() -> tuple[Report, Dataset]:
    """Every payload as question, context, title, answer and id."""
    contexts = [Context(payload, f"{payload} {number}") for number, payload in enumerate(PAYLOADS)]
    questions = [
        Question(f"{payload}{number}", f"{payload}?", number, (GoldAnswer(payload, 0),))
        for number, payload in enumerate(PAYLOADS)
    ]
    return run(contexts, questions, name=PAYLOADS[1])


class Page(HTMLParser):
    """The start tags, attributes and texts of scripts and styles, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value if value is not None else "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.lasttag in self.raw and data.strip():
            self.raw[self.lasttag].append(data)


def test_nothing_in_a_question_file_becomes_part_of_the_page() -> None:
    report, dataset = hostile()
    html = render(report, dataset, [("Setting", payload) for payload in PAYLOADS], WHEN)
    page = Page(html)
    assert set(page.tags) <= OURS
    assert page.tags.count("script") == 2
    assert page.tags.count("style") == 1
    assert not [
        name for name, _ in page.attributes if name.startswith("on") or name in ("src", "action", "srcdoc", "style")
    ]
    assert [value for name, value in page.attributes if name in ("href", "xlink:href")] == ["data:,"]
    # The browser ends a script at the first "</script", wherever it stands.
    assert "<" not in page.raw["script"][0]


def test_the_data_in_the_page_is_the_texts_character_for_character() -> None:
    report, dataset = hostile()
    data = json.loads(Page(render(report, dataset, [], WHEN)).raw["script"][0])
    assert [data["contexts"][str(number)]["parts"] for number in range(len(PAYLOADS))] == [
        [[0, context.text]] for context in dataset.contexts
    ]
    for one, result, question in zip(data["questions"], report.results, dataset.questions, strict=True):
        assert (one["id"], one["question"], one["golds"]) == (question.id, question.text, list(question.golds))
        assert (one["answer"], one["best"]) == (result.prediction, result.best)
        text = dataset.contexts[question.context].text
        assert [text[start:end] for start, end in one["gold"]] == one["golds"]
        start, end = one["found"]["span"]
        assert text[start:end] == one["best"]


def test_the_policy_of_the_page_names_its_own_style_and_script_and_nothing_else() -> None:
    report, dataset = hostile()
    page = Page(render(report, dataset, [], WHEN))
    policy = next(value for _, value in page.attributes if value.startswith("default-src"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    for rule, text in (("script-src", page.raw["script"][1]), ("style-src", page.raw["style"][0])):
        (digest,) = re.findall(r"^'sha256-(.+)'$", rules.pop(rule))
        assert b64decode(digest) == sha256(text.encode()).digest()
    assert rules == {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_the_page_names_what_was_measured() -> None:
    report, dataset = hostile()
    html = render(report, dataset, [("Question file", "set.json · sha256 abc")], WHEN)
    for text in ("f" * 64, "set.json · sha256 abc", "2024-05-06 07:08+00:00", "none: nothing here was drawn at random"):
        assert text in html
    with pytest.raises(ValueError, match="time zone"):
        render(report, dataset, [], WHEN.replace(tzinfo=None))


def test_every_score_stands_in_a_tile_with_its_interval() -> None:
    report, _ = run([Context("", "Ada wrote it.")], [Question("q", "Who?", 0, (GoldAnswer("Ada", 0),))])
    report = report.model_copy(update={"intervals": {"exact_match": (1.25, 99.0), "calibration.ece": (0.1, 0.25)}})
    rows = {(tile.name, score.name): (score.value, score.interval) for tile in tiles(report) for score in tile.scores}
    assert rows["All questions", "Exact match"] == ("0.0 %", "1.2 to 99.0")
    assert rows["Confidence", "Calibration error"][1] == "0.100 to 0.250"
    assert rows["Questions with an answer", "Questions"] == ("1", "")
    assert ("Speed", "Median") in rows
    assert not [name for tile, name in rows if tile == "Other"]


def test_stages_have_a_meaning_each() -> None:
    assert set(STAGE_MEANINGS) == set(STAGES)


def test_plots_hold_every_question_and_stay_in_their_frame() -> None:
    report, _ = hostile()
    curve, reliability, histogram = plots(report)
    assert report.diagnostics is not None
    points = [tuple(map(float, point.split(","))) for point in curve.lines[0].points.split()]
    assert len(points) == len(report.diagnostics.risk_coverage)
    for plot in (curve, reliability, histogram):
        for bar in plot.bars:
            assert plot.left <= bar.x <= bar.x + bar.width <= plot.right
            assert plot.top <= bar.y <= bar.y + bar.height <= plot.bottom + 0.11
    assert all(curve.left <= x <= curve.right and curve.top <= y <= curve.bottom for x, y in points)
    # Heights are in proportion: the fullest bin (all of its bars together) reaches the top of the frame.
    stacks: dict[float, float] = {}
    for bar in histogram.bars:
        stacks[bar.x] = stacks.get(bar.x, 0) + bar.height
    assert max(stacks.values()) == pytest.approx(histogram.bottom - histogram.top, abs=0.3)
    assert plots(report.model_copy(update={"diagnostics": None})) == ()


@given(text=texts, data=st.data())
def test_parts_hold_every_span_whole_and_stand_at_their_offsets(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    spans = [Span(*sorted(pair)) for pair in data.draw(st.lists(st.tuples(ends, ends), max_size=4))]
    pieces = parts(text, spans, reach=5)
    assert all(text[start : start + len(piece)] == piece for start, piece in pieces)
    for span in spans:
        wanted = (max(0, span.start - 5), min(len(text), span.end + 5))
        assert any(start <= wanted[0] and wanted[1] <= start + len(piece) for start, piece in pieces)
    assert all(one[0] + len(one[1]) < other[0] for one, other in zip(pieces, pieces[1:], strict=False))
    assert parts(text, None) == [(0, text)]


def test_long_contexts_are_shortened_and_the_page_says_so() -> None:
    text = "word " * 2000 + "Ada" + " word" * 2000
    report, dataset = run([Context("", text)], [Question("q", "Who?", 0, (GoldAnswer("Ada", text.index("Ada")),))])
    data, shortened = page_data(report, dataset, budget=1000)
    assert shortened
    assert sum(len(piece) for _, piece in data["contexts"]["0"]["parts"]) < len(text)
    assert data["contexts"]["0"]["length"] == len(text)
    assert "only 400 characters around" in render(report, dataset, [], WHEN, text_budget=1000)
    assert "characters around" not in render(report, dataset, [], WHEN)


def test_two_thousand_questions_make_a_page_below_ten_megabytes_with_each_context_once() -> None:
    contexts = [Context(f"title {n}", f"context number {n} " + "of many words " * 70 + f"end {n}.") for n in range(400)]
    questions = [
        Question(f"q{n}", f"How many words has number {n}?", n % 400, (GoldAnswer("number", 8),)) for n in range(2000)
    ]
    html = render(*run(contexts, questions), [], WHEN)
    assert len(html.encode()) < 10_000_000
    assert all(html.count(f"end {n}.") == 1 for n in range(400))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]
)
def test_cells_that_a_spreadsheet_would_run_are_made_text(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Ada", "1-1", "a=b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_the_csv_has_one_row_a_question_and_no_formula_in_any_column() -> None:
    evil = '=HYPERLINK("http://evil.example")'
    contexts = [Context(evil, f"{evil}\nand more, of it"), Context("", "Ada, who wrote it.")]
    questions = [
        Question(evil, f"{evil}, and who?", 0, (GoldAnswer(evil, 0), GoldAnswer(evil, 0))),
        Question("q", "Who?", 1, ()),
    ]
    report, dataset = run(contexts, questions)
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(report, dataset)))))
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
    assert (rows[0]["document"], rows[0]["expected"]) == ("'" + evil, "'" + evil)
    assert (rows[1]["document"], rows[1]["expected"], rows[1]["given"]) == ("context 2", "", "")
    assert (rows[1]["stage"], rows[1]["right"], rows[1]["best"]) == ("right", "True", "Ada, who ")
    assert float(rows[1]["confidence"]) == 0.2


def test_queries_that_documents_were_judged_for_expect_no_words() -> None:
    report, dataset = run([Context("Ada", "Ada wrote it.")], [Question("q", "Who?", 0, ())])
    # As a run over judged documents leaves it.
    query = report.results[0].model_copy(update={"ranking": {"recall@1": 1.0}, "prediction": None, "found": None})
    judged = report.model_copy(
        update={"results": (query,), "breakdown": None, "diagnostics": None, "mode": "retrieval"}
    )
    data, _ = page_data(judged, dataset)
    assert (data["contexts"]["0"]["name"], data["questions"][0]["length"]) == ("Ada", None)
    html = render(judged, dataset, [], WHEN)
    assert 'id="length"' not in html
    assert 'id="document"' in html
    assert list(csv_lines(judged, dataset))[1].startswith("Ada,q,Who?,,who,,,,")


def test_a_document_is_chosen_by_its_title_letter_by_letter() -> None:
    title = 'Ice  "hockey"\n 2'
    report, dataset = run([Context(title, "Ada wrote it.")], [Question("q", "Who?", 0, ())])
    # Without a value a browser takes the text, with its white space collapsed.
    assert '<option value="Ice  &#34;hockey&#34;\n 2">' in render(report, dataset, [], WHEN)


def test_half_a_character_in_an_id_does_not_stop_a_report() -> None:
    report, dataset = run([Context("\udcff", "Ada wrote.")], [Question("\ud800", "Who?", 0, ())])
    assert "?" in render(report, dataset, [], WHEN).encode("utf-8").decode()
    assert list(csv_lines(report, dataset))[1].encode("utf-8").startswith(b"?,?,")
