"""Kills processes in the middle of changing an index; run in a process of its own by :mod:`tests.index.test_faults`.

It forks, and a fork of a process whose libraries have started threads can hang: so it runs where none has any.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index.local import LocalIndex
from tests.fakes import FakeEncoder
from tests.index.notes import State, document, state_of

KILLS = 200


def in_child(work: Callable[[], object], kill_after: float | None) -> bool:
    """Do ``work`` in a forked process, kill it after some seconds; whether it came to its end before that."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if kill_after is None and status != 0:
        raise AssertionError("the work itself fails")
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def changes(number: int) -> dict[str, Callable[[LocalIndex], object]]:
    """Changes of an index that holds notes 0 to 29."""
    return {
        "add": lambda index: index.put([document(1000 + place) for place in range(15)]),
        "replace": lambda index: index.put([document(place, number + 1) for place in range(15)]),
        "remove": lambda index: index.remove([f"note-{place}" for place in range(15, 30)]),
        "optimise": lambda index: index.optimise(limit=1),
        "rebuild": lambda index: index.rebuild(),
    }


def main(tmp_path: Path) -> None:
    """Kill :data:`KILLS` processes; raises ``AssertionError`` at the first index that is neither as before nor as after."""
    rng = random.Random(7)  # noqa: S311
    before = [document(number) for number in range(30)]

    def fresh(number: int) -> LocalIndex:
        index = LocalIndex.create(tmp_path / f"index-{number}", FakeEncoder())
        index.put(before)
        return index

    seconds: dict[str, float] = {}
    expected: dict[str, tuple[State, State]] = {}
    for name, change in changes(0).items():
        index = fresh(-len(seconds) - 1)
        first = state_of(index)
        began = time.perf_counter()
        in_child(lambda change=change, index=index: change(index), None)  # type: ignore[misc]
        seconds[name] = time.perf_counter() - began
        expected[name] = (first, state_of(index))

    survived = dict.fromkeys(seconds, 0)
    index, age = fresh(0), 0
    for kill in range(KILLS):
        name = rng.choice(list(seconds))
        # Every now and then a new folder; in between, what one killed process left is what the next one finds.
        if age == 10:
            index, age = fresh(kill + 1), 0
        age += 1
        index.put([document(number) for number in range(30)])
        extra = [one.id for one in index.documents() if one.id not in expected[name][0]]
        index.remove(extra)
        change = changes(0)[name]
        done = in_child(lambda change=change, index=index: change(index), rng.uniform(0, 1.3 * seconds[name]))  # type: ignore[misc]
        survived[name] += done
        seen = LocalIndex.open(index.folder, FakeEncoder())
        assert seen.problems() == [], f"kill {kill} during {name}"
        now = state_of(seen)
        assert now == expected[name][1] if done else now in expected[name], f"kill {kill} during {name}"
        assert seen.search("item 31", top=3), "what is left can be searched"
    assert sum(survived.values()) < KILLS * 0.7, f"most were killed too late to show anything: {survived}"
    assert any(survived.values()), "none came to its end, so killing came too early to show anything"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
