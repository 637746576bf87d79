import threading

import pytest

from index.errors import TooManyQuestions
from web.gate import Gate

SECONDS = 10


def test_no_more_than_allowed_are_in_at_once_and_none_is_lost() -> None:
    gate, lock = Gate(running=2, waiting=20), threading.Lock()
    inside = most = done = 0

    def enter() -> None:
        nonlocal inside, most, done
        with gate.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with lock:
                inside -= 1
                done += 1

    threads = [threading.Thread(target=enter) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert (most, done) == (2, 20)


def test_those_who_wait_are_let_in_in_the_order_they_came() -> None:
    gate, order = Gate(running=1, waiting=5), []
    waiting = []
    with gate.turn():
        for number in range(5):

            def enter(number: int = number) -> None:
                with gate.turn():
                    order.append(number)

            thread = threading.Thread(target=enter)
            thread.start()
            while gate.waiting() != number + 1:
                threading.Event().wait(0.001)
            waiting.append(thread)
    for thread in waiting:
        thread.join(SECONDS)
    assert order == [0, 1, 2, 3, 4]


def test_one_too_many_is_turned_away_and_the_place_is_free_again_afterwards() -> None:
    gate = Gate(running=1, waiting=0)
    with gate.turn(), pytest.raises(TooManyQuestions, match="Try again"), gate.turn():
        pass
    with gate.turn():
        pass


def test_failure_inside_gives_the_place_back() -> None:
    gate = Gate(running=1, waiting=0)
    with pytest.raises(ZeroDivisionError), gate.turn():
        raise ZeroDivisionError
    with gate.turn():
        pass
