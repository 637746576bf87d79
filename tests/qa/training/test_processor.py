"""How many threads training takes beside other work."""

import os
import time
from pathlib import Path

import pytest

from qa.training import processor
from qa.training.processor import Sharing, busy_and_total


def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, idle: int) -> None:
    stat = tmp_path / "stat"
    stat.write_text(f"cpu  {user} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 2 3\n", encoding="ascii")
    monkeypatch.setattr(processor, "STAT", stat)


def test_threads_follow_what_others_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sharing = Sharing(most=2, cores=2)
    told(monkeypatch, tmp_path, 1_000_000, 1_000_000)
    assert sharing.threads() == 2
    told(monkeypatch, tmp_path, 1_000_500, 1_000_500)  # one of two cores was busy
    assert sharing.threads() == 1
    told(monkeypatch, tmp_path, 1_000_510, 1_001_490)
    assert sharing.threads() == 2


def test_a_system_that_does_not_tell_gets_all_threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processor, "STAT", tmp_path / "none")
    assert busy_and_total() is None
    assert [Sharing(2, 2).threads() for _ in range(2)] == [2, 2]


@pytest.mark.skipif(not processor.STAT.exists(), reason="only Linux tells")
def test_what_we_do_ourselves_is_not_what_others_do() -> None:
    def told_and_counted() -> tuple[int, int]:
        found = busy_and_total()
        assert found is not None
        return int(processor.STAT.read_text(encoding="ascii").split()[1]), found[0]

    told_before, counted_before = told_and_counted()
    began, spent = time.monotonic(), os.times().user
    while os.times().user - spent < 0.5 and time.monotonic() - began < 30:
        sum(range(10_000))
    ours = 0 if os.nice(0) > 0 else (os.times().user - spent) * os.sysconf("SC_CLK_TCK")
    told_after, counted_after = told_and_counted()
    assert (told_after - told_before) - (counted_after - counted_before) == pytest.approx(ours, abs=10)
