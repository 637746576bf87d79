"""Turns, ratios and tables, on made-up times."""

from collections.abc import Sequence

import pytest

from benchmarks.passages import Item
from benchmarks.tables import HEADER, Entry, command, markdown_table, processor, rows, versions
from benchmarks.timing import Measured, Ratio, agreement, ratio, take_turns

ITEMS = [Item("a?", ("one", "two")), Item("b?", ("three",))]


class Clock:
    """A clock that only systems move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_systems_take_turns_and_each_turn_begins_untimed() -> None:
    clock, asked = Clock(), []

    def system(name: str, seconds: float) -> object:
        def answer(question: str, passages: Sequence[str]) -> str:
            asked.append(name + question)
            clock.now += seconds
            return f"{name} {passages[0]}"

        return answer

    turns: list[None] = []
    systems = {"x": system("x", 0.5), "y": system("y", 2.0)}
    measured = take_turns(systems, ITEMS, 2, on_turn=lambda: turns.append(None), clock=clock)  # type: ignore[arg-type]
    assert asked == ["xb?", "xa?", "xb?", "yb?", "ya?", "yb?"] * 2
    assert len(turns) == 4
    assert measured["x"].seconds == [[0.5, 0.5], [0.5, 0.5]]
    assert measured["y"].seconds == [[2.0, 2.0], [2.0, 2.0]]
    assert measured["y"].answers == ["y one", "y three"]


@pytest.mark.parametrize(("items", "rounds"), [([], 1), (ITEMS, 0)])
def test_nothing_to_time_is_an_error(items: list[Item], rounds: int) -> None:
    with pytest.raises(ValueError, match="nothing to time"):
        take_turns({}, items, rounds)


def test_a_ratio_is_formed_within_rounds() -> None:
    # The machine halves its speed in the second round and again in the third; both systems feel it alike.
    fast = Measured([[0.1, 0.1], [0.2, 0.2], [0.4, 0.4]])
    slow = Measured([[0.3, 0.3], [0.6, 0.6], [1.6, 1.6]])
    found = ratio(fast, slow)
    assert (found.median, found.low, found.high) == pytest.approx((3.0, 3.0, 4.0))
    assert fast.rate() == pytest.approx(5.0)
    assert slow.p50_ms() == pytest.approx(600.0)


def test_a_ratio_needs_equal_rounds() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio(Measured([[1.0]]), Measured([[1.0], [1.0]]))


def test_a_rate_counts_all_questions_of_a_round() -> None:
    assert Measured([[0.1, 0.9]]).rates() == [2.0]
    assert ratio(Measured([[0.1, 0.9]]), Measured([[1.0, 1.0]])) == Ratio(2.0, 2.0, 2.0)


def test_agreement_ignores_what_squad_ignores() -> None:
    one = Measured(answers=["The ceasefire.", "Putin", ""])
    assert agreement(one, Measured(answers=["ceasefire", "Lavrov", ""])) == pytest.approx(2 / 3)


def entries() -> dict[str, Entry]:
    return {
        "ours": Entry("ours", Measured([[0.1], [0.1]], ["a"]), "nothing"),
        "theirs": Entry("theirs", Measured([[0.3], [0.5]], ["b"]), "them"),
        "absent": Entry("absent", None, "absent-package"),
    }


def test_the_table_has_ratios_and_names_what_is_not_installed() -> None:
    found = rows(entries(), "ours")
    assert found == [
        ("ours", "10.00", "100", "", ""),
        ("theirs", "2.67", "400", "4.00 (3.00–5.00)", "0%"),
        ("absent", "not installed", "", "pip install absent-package", ""),
    ]
    assert all(len(line) == len(HEADER) for line in found)


def test_without_the_reference_there_are_no_ratios() -> None:
    assert rows({"theirs": entries()["theirs"]}, "ours") == [("theirs", "2.67", "400", "", "")]


def test_markdown_has_a_line_for_each_system() -> None:
    lines = markdown_table(rows(entries(), "ours")).splitlines()
    assert len(lines) == 5
    assert {line.count("|") for line in lines} == {len(HEADER) + 1}
    assert "`pip install absent-package`" in lines[-1]


def test_the_command_names_files_without_their_folders() -> None:
    assert command("benchmarks.reader", ["--data", "/home/me/a b.json", "--write"]) == (
        "python -m benchmarks.reader --data 'a b.json' --write"
    )


def test_versions_skip_what_is_not_installed() -> None:
    assert [name for name, _ in versions(["numpy", "no-such-package-here"])] == ["Python", "numpy"]


def test_the_processor_has_a_name() -> None:
    assert processor().strip()
