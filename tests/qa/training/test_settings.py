"""What a run goes by when it begins, goes on, and branches."""

import json
from pathlib import Path

import pytest

from qa.training.records import DataError
from qa.training.settings import SETTINGS_FILE, LoopSettings, settings_of, source_weights, write_settings


def run(folder: Path, **fields: object) -> Path:
    folder.mkdir()
    write_settings(folder, LoopSettings(**fields))  # type: ignore[arg-type]
    return folder


def test_a_new_run_has_the_defaults_and_what_was_named(tmp_path: Path) -> None:
    assert settings_of(tmp_path / "new", {"misled": 0.0, "seed": None}) == LoopSettings(misled=0.0)


def test_a_run_that_goes_on_keeps_what_it_began_with_but_what_is_named_again(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", misled=0.03, dropout=0.1, teachers=("one", "two"), seed=5)
    assert settings_of(folder, {"seed": 6, "dropout": 0.0, "teachers": None}) == LoopSettings(
        misled=0.03, dropout=0.0, teachers=("one", "two"), seed=6
    )


def test_a_branch_takes_over_the_settings_of_its_run_until_it_has_its_own(tmp_path: Path) -> None:
    stable = run(tmp_path / "stable", misled=0.03, rate=1e-4)
    assert settings_of(tmp_path / "cool", {"misled": 0.06}, begun_from=stable) == LoopSettings(misled=0.06, rate=1e-4)
    own = run(tmp_path / "cool", misled=0.06, rate=2e-4)
    assert settings_of(own, {}, begun_from=stable) == LoopSettings(misled=0.06, rate=2e-4)


def test_fields_of_other_versions_are_left_out(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", seed=5)
    kept = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    (folder / SETTINGS_FILE).write_text(json.dumps({**kept, "former": 1}), encoding="utf-8")
    assert settings_of(folder, {}) == LoopSettings(seed=5)


def test_weights_of_sources_are_read_from_their_names_and_kept(tmp_path: Path) -> None:
    assert source_weights(None) is None
    weights = source_weights(["squad1_sample=0.5", "written-news=3"])
    assert weights == {"squad1_sample": 0.5, "written-news": 3.0}
    folder = run(tmp_path / "run", weights=weights)
    assert settings_of(folder, {"weights": None}).weights == weights
    # Only a source that is named again changes, in a branch as well.
    more = settings_of(folder, {"weights": {"qamr": 0.0, "written-news": 1.0}}).weights
    assert more == {"squad1_sample": 0.5, "written-news": 1.0, "qamr": 0.0}
    branch = settings_of(tmp_path / "cool", {"weights": {"qamr": 2.0}}, begun_from=folder)
    assert branch.weights == {**weights, "qamr": 2.0}


@pytest.mark.parametrize("content", ["", "[1]", '{"seed"'])
def test_damaged_settings_are_named(tmp_path: Path, content: str) -> None:
    folder = run(tmp_path / "run", seed=5)
    (folder / SETTINGS_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"settings\.json is damaged .* Remove it and name the settings"):
        settings_of(folder, {})


@pytest.mark.parametrize(
    "given", ["squad1_sample", "squad1_sample=", "squad1_sample=often", "qamr=-1", "qamr=nan", "qamr=inf"]
)
def test_a_weight_of_another_form_is_named(given: str) -> None:
    with pytest.raises(DataError, match=given):
        source_weights([given])
