import threading
from collections.abc import Callable

import pytest

from index.errors import InputError
from index.ingest import Outcome
from web.jobs import Job, JobQueue, QueueFull


class Held:
    """Work that begins, then waits until it may go on."""

    def __init__(self) -> None:
        self.began, self.may_end, self.cleaned = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, job: Job) -> None:
        self.began.set()
        while not self.may_end.wait(0.01):
            job.check()


@pytest.fixture
def held() -> Held:
    return Held()


def submit(queue: JobQueue, title: str, work: Callable[[Job], None]) -> tuple[Job, threading.Event]:
    cleaned = threading.Event()
    return queue.submit(Job(title), work, cleaned.set), cleaned


def test_one_job_runs_and_the_next_waits(held: Held) -> None:
    queue = JobQueue()
    first, _ = submit(queue, "first", held)
    second, _ = submit(queue, "second", lambda job: None)
    assert held.began.wait(10)
    assert (first.state, second.state) == ("running", "queued")
    held.may_end.set()
    assert queue.wait(10)
    assert (first.state, second.state) == ("done", "done")


def test_a_full_queue_refuses_and_cleans_up(held: Held) -> None:
    queue = JobQueue(waiting=1)
    submit(queue, "first", held)
    assert held.began.wait(10)
    submit(queue, "second", lambda job: None)
    cleaned = threading.Event()
    with pytest.raises(QueueFull, match="waiting already"):
        queue.submit(Job("third"), lambda job: None, cleaned.set)
    assert cleaned.is_set()
    assert [job.title for job in queue.jobs()] == ["first", "second"]
    held.may_end.set()
    assert queue.wait(10)


def test_running_and_waiting_jobs_can_be_cancelled(held: Held) -> None:
    queue = JobQueue()
    first, first_cleaned = submit(queue, "first", held)
    ran = threading.Event()
    second, second_cleaned = submit(queue, "second", lambda job: ran.set())
    assert held.began.wait(10)
    assert queue.cancel(second.id)
    assert second.state == "cancelled"
    assert second_cleaned.is_set()
    assert queue.cancel(first.id)
    assert queue.wait(10)
    assert first.state == "cancelled"
    assert first_cleaned.wait(10)
    assert not ran.is_set()
    assert queue.cancel(first.id), "one that has ended is forgotten"
    assert not queue.cancel(first.id)


def test_failures_are_told_and_the_next_job_runs(caplog: pytest.LogCaptureFixture) -> None:
    def known(job: Job) -> None:
        raise InputError("The disk is full.")

    def unknown(job: Job) -> None:
        raise ZeroDivisionError("secret detail")

    queue = JobQueue()
    jobs = [submit(queue, str(work), work)[0] for work in (known, unknown, lambda job: None)]
    assert queue.wait(10)
    assert [job.state for job in jobs] == ["failed", "failed", "done"]
    assert jobs[0].doing == "The disk is full."
    assert "secret" not in jobs[1].doing
    assert "secret detail" in caplog.text


def test_rate_and_time_left_follow_the_clock() -> None:
    now = [100.0]
    job = Job("one", clock=lambda: now[0])
    job.begin()
    assert job.passages_per_second is None
    assert job.seconds_left is None
    now[0] += 4
    job.advance(0.2, 20)
    assert job.passages_per_second == pytest.approx(5)
    assert job.seconds_left == pytest.approx(16)
    now[0] += 16
    job.advance(0.6, 60)
    assert job.passages_per_second == pytest.approx(60 / 16), "of the last quarter minute"
    job.advance(0.5)
    assert job.share == pytest.approx(0.6), "never goes back"
    now[0] += 20
    job.end("done")
    assert job.share == 1
    assert job.passages_per_second == pytest.approx(80 / 40)


def test_results_are_bounded_and_counted() -> None:
    job = Job("archive")
    for number in range(1200):
        job.settle(Outcome(f"{number}.txt", "new", f"id-{number}"))
    job.settle(Outcome("bad.txt", "failed", None, "why"))
    assert job.documents_done == 1201
    assert job.counts["new"] == 1200
    assert len(job.results) == 501
    assert job.results[-1].message == "why"
