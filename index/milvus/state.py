"""What a Milvus index holds at a moment, and how that changes.

Milvus has no transactions, so none of its rows counts by being there. Every version of a document has a key of its own,
which its rows carry, and one row of the kind ``state`` says which keys are in force: those from ``first_key`` to
``last_key`` for which there is no row of the kind ``dead``, of that generation or an earlier one. A change writes new rows
with keys above ``last_key`` and rows ``dead`` of the next generation, which nobody regards; then it adds the state row of the
next generation, which makes all of it count at once; then it deletes what has died. If it stops anywhere before that row,
nothing has happened; if after, everything has. What it left behind, the next writer deletes.

A reader takes the state, reads, and looks whether the generation is still the same; if not, it begins again.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from index.errors import FootnoteError, IndexBusy, IndexCorrupt, IndexMissing
from index.milvus.engine import Engine
from index.milvus.lease import Lease, held_lease
from index.milvus.rows import CONTENT, bookkeeping_row

FORMAT = 1
"""Version of the layout of an index in a Milvus."""

_ATTEMPTS = 50
_KEYS_AT_ONCE = 1_000
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class State:
    """What is in force.

    Attributes:
        generation: number of changes so far.
        first_key, last_key: between these are the keys that count.
        passages: name of the collection of passages.
        made_with: ``encoder``, ``encoder_fingerprint``, ``dimension``, ``max_tokens`` and ``overlap_tokens``.
        format: version of the layout.
        dead: keys that no longer count; not a part of the state's row.
    """

    generation: int
    first_key: int
    last_key: int
    passages: str
    made_with: dict[str, str]
    format: int = FORMAT
    dead: tuple[int, ...] = ()

    @property
    def live(self) -> str:
        """The condition that rows of documents in force meet."""
        dead = f" and key not in {list(self.dead)}" if self.dead else ""
        return f"key >= {self.first_key} and key <= {self.last_key}{dead}"

    @property
    def settings(self) -> dict[str, str]:
        """As :meth:`PassageIndex.settings` gives them."""
        return {"format": str(self.format), "generation": str(self.generation), **self.made_with}


class Ledger:
    """The state of one index, kept in its collection of records."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is read yet."""
        self.engine = engine
        self.records = f"{engine.address.name}_records"
        self._seen = False

    def passages_name(self, generation: int) -> str:
        """Name of the collection of passages that is begun with that generation."""
        return f"{self.engine.address.name}_passages_{generation}"

    def exists(self) -> bool:
        """Whether the index has been made."""
        return self.engine.has(self.records) and bool(self.engine.count(self.records, 'kind == "state"'))

    def create(self, made_with: dict[str, str]) -> None:
        """Make an empty index, unless another process has done so meanwhile."""
        self.engine.create_records(self.records)
        with held_lease(self.engine, self.records):
            if not self.exists():
                passages = self.passages_name(0)
                self.engine.create_passages(passages, int(made_with["dimension"]))
                self._add(State(0, 1, 0, passages, made_with))

    def state(self) -> State:
        """What is in force now.

        Raises:
            IndexMissing: there is no index.
            IndexCorrupt: its state cannot be read.
        """
        # Once seen, a missing collection is noticed by the query itself, at no cost.
        self._seen = self._seen or self.engine.has(self.records)
        if not self._seen:
            raise IndexMissing(f"There is no index at {self.engine.address} yet. Make one with: qa add PATH")
        rows = self.engine.query(self.records, 'kind in ["state", "dead"]', ["kind", "key", "generation", "body"])
        states = [row for row in rows if row["kind"] == "state"]
        if not states:
            raise IndexMissing(f"There is no index at {self.engine.address} yet. Make one with: qa add PATH")
        newest = max(states, key=lambda row: int(row["generation"]))
        state = _read_state(newest["body"], str(self.engine.address))
        dead = {row["key"] for row in rows if row["kind"] == "dead" and row["generation"] <= state.generation}
        return replace(state, dead=tuple(sorted(key for key in dead if key >= state.first_key)))

    def reading(self, work: Callable[[State], _Result]) -> _Result:
        """What ``work`` makes of one state of the index; it is called again when the index changes under it.

        Raises:
            IndexBusy: the index changed each time.
        """
        for _ in range(_ATTEMPTS):
            state = self.state()
            try:
                result = work(state)
            except FootnoteError:
                # What is missing may have gone with the state that was read.
                if self._generation() == state.generation:
                    raise
                continue
            if self._generation() == state.generation:
                return result
        raise IndexBusy("The index was changed again and again while it was read. Wait a little and try again.")

    @contextmanager
    def writing(self) -> Iterator[tuple[State, Lease]]:
        """The state and the right to change it, once nobody else has it and nothing unfinished is left.

        Raises:
            IndexBusy: somebody else kept writing for 30 seconds.
        IndexCorrupt: another version of Footnote made the index.
        """
        self.state()  # an index that is missing is named before anything is written
        with held_lease(self.engine, self.records) as lease:
            state = self.state()
            check_format(state, str(self.engine.address))
            self.tidy(state)
            yield replace(state, dead=()), lease

    def commit(self, before: State, after: State, dead: Sequence[int], lease: Lease) -> None:
        """Let ``after`` take the place of ``before``, the documents with the keys ``dead`` go, and delete what they left."""
        rows = [bookkeeping_row("dead", str(key), key, after.generation) for key in dead]
        self.engine.insert(self.records, rows)
        lease.check()
        self._add(after)
        self.tidy(replace(after, dead=tuple(dead)), before)

    def tidy(self, state: State, before: State | None = None) -> None:
        """Delete everything that is not part of ``state``, of which ``before`` is the former when it is known.

        Only for who holds the lease. What marks rows as dead is deleted after them.
        """
        outside = f"(key < {state.first_key} or key > {state.last_key})"
        name = self.engine.address.name
        for collection in self.engine.collections():
            if re.fullmatch(rf"{name}_passages_[0-9]+", collection) and collection != state.passages:
                self.engine.drop(collection)
        if before is None and self.engine.has(state.passages):
            self.engine.delete(state.passages, outside)
        if before is None or before.first_key != state.first_key:
            self.engine.delete(self.records, f"kind in {CONTENT} and {outside}")
        for first in range(0, len(state.dead), _KEYS_AT_ONCE):
            keys = list(state.dead[first : first + _KEYS_AT_ONCE])
            if self.engine.has(state.passages):
                self.engine.delete(state.passages, f"key in {keys}")
            self.engine.delete(self.records, f"kind in {CONTENT} and key in {keys}")
        if before is None or state.dead:
            self.engine.delete(self.records, 'kind == "dead"')
        self.engine.delete(self.records, f'kind == "state" and generation < {state.generation}')

    def _generation(self) -> int:
        rows = self.engine.query(self.records, 'kind == "state"', ["generation"])
        return max((int(row["generation"]) for row in rows), default=-1)

    def _add(self, state: State) -> None:
        facts = asdict(state)
        del facts["dead"]
        generation = state.generation
        self.engine.insert(self.records, [bookkeeping_row("state", str(generation), 0, generation, json.dumps(facts))])


def check_format(state: State, location: str) -> None:
    """Raise ``IndexCorrupt`` when another version of Footnote made the index."""
    if state.format != FORMAT:
        raise IndexCorrupt(
            f"{location} was made by another version of Footnote (format {state.format}, this one reads {FORMAT}). "
            "Add the documents to a new index."
        )


def _read_state(body: str, address: str) -> State:
    try:
        facts: dict[str, Any] = json.loads(body)
        if facts["format"] != FORMAT:
            # What else it says is for another version to understand; this much is enough to refuse it.
            return State(int(facts["generation"]), 1, 0, "", {}, format=int(facts["format"]))
        return State(**facts)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexCorrupt(
            f"The state of the index at {address} is damaged ({error}). Add the documents again."
        ) from error
