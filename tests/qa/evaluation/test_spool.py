"""Sequences on disk, and JSON read in pieces, against lists and the parser of the standard library."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import DatasetError
from qa.evaluation import spool, squad_files
from qa.evaluation.columns import Columns, Results, columns_of
from qa.evaluation.spool import Selected, Spool
from qa.evaluation.squad_files import paragraphs
from tests.qa.evaluation.made_up import results

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def stored(values: list[Any]) -> Spool[Any]:
    made: Spool[Any] = Spool(lambda value: value, lambda value: value)
    for value in values:
        made.append(value)
    return made


@pytest.mark.parametrize("in_memory", [1, 1 << 20])
@given(values=st.lists(VALUES, max_size=200), place=st.integers(-210, 210), step=st.sampled_from([1, 3, -2]))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_on_disk_are_those_of_a_list(
    monkeypatch: pytest.MonkeyPatch, in_memory: int, values: list[Any], place: int, step: int
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", in_memory)
    found = stored(values)
    assert list(found) == values
    assert found == values
    assert found[place::step] == tuple(values[place::step])
    if -len(values) <= place < len(values):
        assert found[place] == values[place]
    else:
        with pytest.raises(IndexError):
            found[place]
    places = list(range(0, len(values), 2))
    assert list(Selected(found, places)) == values[::2]
    assert list(Selected(found, places)[1:]) == values[::2][1:]
    found.append("one more")
    assert found[-1] == "one more"
    assert found != values


def test_half_characters_survive() -> None:
    assert stored(["\ud800", "🦊"])[:] == ("\ud800", "🦊")


def test_several_threads_read_and_write() -> None:
    found = stored([])

    def work(name: int) -> None:
        for number in range(200):
            found.append([name, number])
            assert found[len(found) // 2][1] < 200

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[name, number] for name in range(4) for number in range(200)]


def test_a_full_disk_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found = stored([])

    def full(data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(found._file, "write", full)
    with pytest.raises(DatasetError, match=r"No space left on device\. Make room there, or name another folder"):
        found.append("x")
    assert len(found) == 0


@given(results())
def test_stored_results_are_the_results(rows: list[Any]) -> None:
    found = Results(rows)
    assert list(found) == rows
    assert found[0] == rows[0]
    numbers, again = columns_of(found), Columns.of(rows)
    assert len(numbers) == len(again) == len(rows)
    assert numbers["answerable"].tolist() == [bool(row.golds) for row in rows]
    assert numbers["f1"].tolist() == [row.f1 for row in rows]
    assert [None if one != one else one for one in numbers["confidence"].tolist()] == [row.confidence for row in rows]


ARTICLES = st.lists(
    st.one_of(
        VALUES,
        st.fixed_dictionaries({"paragraphs": st.lists(VALUES, max_size=4)}, optional={"title": VALUES}),
        st.fixed_dictionaries(
            {"title": st.text(max_size=9), "other": VALUES, "paragraphs": st.lists(VALUES, max_size=4)}
        ),
    ),
    max_size=5,
)


def expected(root: Any) -> list[tuple[int, int, str, Any]]:
    """The paragraphs of a parsed file, as they were found before files were read in pieces."""
    rows: list[tuple[int, int, str, Any]] = []
    for number, article in enumerate(root["data"], start=1):
        listed = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(listed, list):
            rows.append((number, 0, "", None))
            continue
        title = article.get("title", "")
        rows += [
            (number, place, title if isinstance(title, str) else "", value)
            for place, value in enumerate(listed, start=1)
        ]
    return rows


@given(articles=ARTICLES, extra=VALUES, piece=st.integers(1, 40), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paragraphs_read_in_pieces_are_those_of_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, articles: list[Any], extra: Any, piece: int, data: st.DataObject
) -> None:
    monkeypatch.setattr(squad_files, "_PIECE", piece)
    root = {"version": extra, "data": articles, "more": extra}
    text = json.dumps(root, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.sampled_from([None, 1])))
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")
    found = [(one.article, one.position, one.title if one.position else "", one.value) for one in paragraphs(path)]
    assert found == expected(root)
    cut = data.draw(st.integers(0, len(text) - 1))
    path.write_text(text[:cut], encoding="utf-8")
    with pytest.raises(DatasetError, match="not valid JSON"):
        list(paragraphs(path))
    path.write_text(text + "]", encoding="utf-8")
    with pytest.raises(DatasetError, match="not valid JSON"):
        list(paragraphs(path))


@pytest.mark.parametrize(
    "text", ['{"data": [],}', '{"data" []}', '{"data": [1 2]}', "{3: 4}", '{"data": [1,]}', '{"data": [{"title": x}]}']
)
def test_what_the_parser_would_not_take_is_not_taken_in_pieces(tmp_path: Path, text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match="not valid JSON"):
        list(paragraphs(path))


def test_the_byte_that_is_no_utf8_is_named_in_a_long_file(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    with path.open("wb") as file:
        file.write(b'{"data": "' + "é".encode() * 1_000_000)
        place = file.tell()
        file.write(b"\xe9 \xe9")
    with pytest.raises(DatasetError, match=rf"byte {place}\)"):
        list(paragraphs(path))
    shutil.copy(path, tmp_path / "cut.json")
    with (tmp_path / "cut.json").open("r+b") as file:
        file.truncate(place - 1)
    with pytest.raises(DatasetError, match=rf"byte {place - 2}\)"):
        list(paragraphs(tmp_path / "cut.json"))
