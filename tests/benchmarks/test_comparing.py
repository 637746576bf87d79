"""The pairs of places that comparing is learned from, and how much what was learned counts."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.development.comparing import (
    Checked,
    Rivalry,
    fit_mixture,
    fit_rival,
    marked_examples,
    read_back,
    right_first,
    write_examples,
)
from qa.reader.comparing import Marked
from qa.training.comparing import Example

TEXT = "The league said 40 sheep were killed. The vet put it at 65, the museum at forty. It rained for 9 hours."


def answer(words: str) -> dict[str, object]:
    return {"text": words, "answer_start": TEXT.index(words)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    asked = [
        {"question": "How many sheep were killed?", "answers": [answer("40"), answer("65"), answer("forty")]},
        {"question": "How long did it rain?", "answers": [answer("9 hours")]},
        {"question": "Who wept?", "answers": []},
    ]
    path = tmp_path / "written-claims-0.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [{"context": TEXT, "qas": asked}]}]}))
    return path


def words(one: Marked) -> str:
    return one.text[one.start : one.end]


def test_marked_answers_stand_beside_each_other_and_beside_answers_to_other_questions(file: Path) -> None:
    found = list(marked_examples(file))
    beside = {(words(one.one), words(one.other)): (one.answers, one.differs, one.weight) for one in found[:6]}
    assert beside == {
        ("40", "65"): (True, True, 0.5),
        ("65", "40"): (True, True, 0.5),
        ("40", "forty"): (True, False, 1.0),
        ("forty", "40"): (True, False, 1.0),
        ("65", "forty"): (True, True, 0.5),
        ("forty", "65"): (True, True, 0.5),
    }
    wrong = found[6:]
    assert all((one.answers, one.differs) == (False, False) for one in wrong)
    assert {(one.question, words(one.other)) for one in wrong} <= {
        ("How many sheep were killed?", "9 hours"),
        ("How long did it rain?", "40"),
        ("How long did it rain?", "65"),
        ("How long did it rain?", "forty"),
    }
    assert found == list(marked_examples(file))


def test_pairs_are_kept_as_they_are(file: Path, tmp_path: Path) -> None:
    some = [
        *marked_examples(file),
        Example("Who?", Marked("Eve", 0, 3), Marked("Ann", 0, 3), answers=True, differs=None),
    ]
    write_examples(some, tmp_path / "run" / "pairs.json")
    assert read_back(tmp_path / "run" / "pairs.json") == some


def test_the_logits_count_as_much_as_they_tell() -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 2, (4000, 2))
    chance = 1 / (1 + np.exp(-(0.5 + 1.0 * logits[:, 0] + 0.25 * logits[:, 1])))
    right = rng.random(4000) < chance
    model = fit_mixture([Checked({"differs": logits}, {"differs": right})], "differs")
    assert model.coef_[0] == pytest.approx([1.0, 0.25], abs=0.1)
    assert model.intercept_[0] == pytest.approx(0.5, abs=0.15)


def test_a_rival_goes_first_where_it_was_the_right_one_more_often() -> None:
    def one(ahead: float, other: float, right: bool, best: bool) -> Rivalry:
        return Rivalry(np.array([[ahead, other, -other]]), [right], best)

    # What the words say of it tells, the scores do not; where both are right or wrong there is nothing to learn.
    told = [one(-number % 3, sign * (1.0 + number % 2), sign > 0, sign < 0) for number in range(20) for sign in (-1, 1)]
    model = fit_rival([*told, one(0.0, 9.0, False, False), one(0.0, -9.0, True, True)])
    assert model.coef_[0][1] > 0 > model.coef_[0][2]
    some = [
        one(0.0, 2.0, True, False),
        one(0.0, 2.0, False, True),
        one(0.0, -2.0, False, True),
        one(0.0, -2.0, True, False),
    ]
    alone = Rivalry(np.zeros((0, 3)), [], True)
    assert right_first([*some, alone], model) == (3, 1, 1)
