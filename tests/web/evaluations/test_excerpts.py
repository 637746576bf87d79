"""The words around spans: every piece is a slice, and the marked ones are exactly the spans."""

from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span
from qa.evaluation.page_data import parts
from web.evaluations.excerpts import REACH, excerpt


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1200), st.data())
def test_pieces_are_the_text_and_marks_are_the_spans(text: str, data: st.DataObject) -> None:
    def span() -> Span:
        start = data.draw(st.integers(0, len(text) - 1))
        return Span(start, data.draw(st.integers(start + 1, len(text))))

    gold, given_span = span(), span()
    kept = parts(text, [gold, given_span], reach=data.draw(st.sampled_from([0, 5, REACH])))
    shown = excerpt("title", len(text), kept, given_span, [gold], [given_span])
    assert shown is not None
    end = shown.start + sum(len(piece.text) for piece in shown.pieces)
    assert "".join(piece.text for piece in shown.pieces) == text[shown.start : end]
    assert shown.start <= given_span.start
    marked = "".join(piece.text for piece in shown.pieces if piece.mark in ("given", "both"))
    assert marked == text[given_span.start : min(given_span.end, end)]
    assert end >= min(given_span.end, given_span.start + 1200)
    golden = "".join(piece.text for piece in shown.pieces if piece.mark in ("gold", "both"))
    assert golden == text[max(gold.start, shown.start) : max(max(gold.start, shown.start), min(gold.end, end))]
    assert (shown.cut_before, shown.cut_after) == (shown.start > 0, end < len(text))


def test_excerpts_begin_and_end_with_whole_words() -> None:
    text = "alpha " * 100 + "omega " + "gamma " * 100
    start = text.index("omega")
    shown = excerpt("t", len(text), [(0, text)], Span(start, start + 5), given=[Span(start, start + 5)])
    assert shown is not None
    words = "".join(piece.text for piece in shown.pieces).split()
    assert set(words) == {"alpha", "omega", "gamma"}
    assert 30 < len(words) < 90


def test_text_without_spaces_keeps_its_surroundings() -> None:
    shown = excerpt("t", 1000, [(0, "字" * 1000)], Span(500, 501))
    assert shown is not None
    assert sum(len(piece.text) for piece in shown.pieces) == 2 * REACH + 1


def test_a_span_outside_of_what_was_kept_is_not_shown() -> None:
    assert excerpt("t", 100, [(50, "x" * 10)], Span(0, 5)) is None
