"""Results of made-up questions, with ties and gaps in everything that may have them."""

from hypothesis import strategies as st

from qa.evaluation import scoring
from qa.evaluation.report import CitedSpan, QuestionResult, Report
from qa.evaluation.squad import exact_match, f1

WORDS = ["ada", "ada lovelace", "the hive", "sixty thousand bees"]


@st.composite
def result(draw: st.DrawFn, number: int) -> QuestionResult:
    golds = tuple(draw(st.lists(st.sampled_from(WORDS), max_size=2)))
    best = draw(st.sampled_from([*WORDS, ""]))
    given = best if draw(st.booleans()) else ""
    shares = st.sampled_from([0.0, 0.25, 1.0])
    iou = draw(shares) if golds else None
    cited = CitedSpan(document_id=None, start=0, end=1, verbatim=draw(st.booleans()), iou=iou, sentence_recall=iou)
    return QuestionResult(
        id=str(number),
        question="?",
        golds=golds,
        context=draw(st.integers(0, 3)),
        prediction=given,
        best=draw(st.sampled_from([best, best, None])),
        confidence=draw(st.none() | st.sampled_from([0.0, 0.1, 0.5, 0.5, 0.93, 1.0])),
        exact_match=exact_match(given, golds),
        f1=f1(given, golds),
        right=scoring.is_right(best, golds),
        citation=cited if given else None,
        located=draw(st.booleans()),
        seconds=None,
    )


@st.composite
def results(draw: st.DrawFn, most: int = 8) -> list[QuestionResult]:
    return [draw(result(number)) for number in range(draw(st.integers(1, most)))]


def report_of(rows: list[QuestionResult]) -> Report:
    """The report that the scorer makes of them."""
    return scoring.answer_report("made up", "scored", rows, None, None, {})
