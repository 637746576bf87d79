"""Sequences that are too long for memory: their values stand in a temporary file, and memory holds where each begins.

A file of questions, and the results of a run, can have any length, and everything that reads them goes through them from
front to back. Values are JSON in the file, so half characters (lone surrogates) survive. Up to a megabyte nothing is
written to disk.
"""

import json
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any, Generic, TypeVar, overload

from index.errors import DatasetError

Value = TypeVar("Value")

IN_MEMORY = 1 << 20
"""Bytes up to which no file is made."""
_AT_ONCE = 64  # values that are read together when going through all


class Spool(Sequence[Value], Generic[Value]):
    """Values that are added one after the other and looked up by position. Safe to use from several threads."""

    def __init__(self, dump: Callable[[Value], object], load: Callable[[Any], Value]) -> None:
        """Start empty.

        Args:
            dump: turns a value into what JSON can hold.
            load: turns that back into a value.
        """
        self._dump, self._load = dump, load
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when nobody holds it
        weakref.finalize(self, self._file.close)
        self._starts = array("Q", [0])
        self._lock = Lock()

    def append(self, value: Value) -> None:
        """Add a value at the end.

        Raises:
            DatasetError: there is no room for it on disk.
        """
        line = json.dumps(self._dump(value), separators=(",", ":")).encode("ascii")
        with self._lock:
            try:
                self._file.seek(self._starts[-1])
                self._file.write(line)
            except OSError as error:
                raise DatasetError(
                    f"{tempfile.gettempdir()} cannot be written: {error.strerror}. Make room there, or name another "
                    "folder in the environment variable TMPDIR."
                ) from error
            self._starts.append(self._starts[-1] + len(line))

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> Value: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Value, ...]: ...

    def __getitem__(self, place: int | slice) -> Value | tuple[Value, ...]:
        """The value at a position, counted from 0, or several; raises ``IndexError`` if there is none."""
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(len(self))))
        at = range(len(self))[place]
        return self._between(at, at + 1)[0]

    def __iter__(self) -> Iterator[Value]:
        """All values in order, a few at a time; also those that are added meanwhile."""
        first = 0
        while first < len(self):
            values = self._between(first, min(first + _AT_ONCE, len(self)))
            yield from values
            first += len(values)

    def __eq__(self, other: object) -> bool:
        """Whether ``other`` is a sequence of the same values."""
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it can grow

    def __repr__(self) -> str:
        """How many there are, not all of them."""
        return f"{type(self).__name__}({len(self)} values)"

    def _between(self, first: int, end: int) -> list[Value]:
        start = self._starts[first]
        with self._lock:
            self._file.seek(start)
            block = self._file.read(self._starts[end] - start)
        cuts = [self._starts[place] - start for place in range(first, end + 1)]
        return [self._load(json.loads(block[low:high])) for low, high in pairwise(cuts)]


class Selected(Sequence[Value], Generic[Value]):
    """Some values of a sequence by their positions in it; each is looked up when it is asked for."""

    def __init__(self, values: Sequence[Value], places: Sequence[int]) -> None:
        """The values at ``places``, in that order."""
        self._values, self._places = values, places

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Value: ...

    @overload
    def __getitem__(self, place: slice) -> "Selected[Value]": ...

    def __getitem__(self, place: "int | slice") -> "Value | Selected[Value]":
        """The value at a position among the selected, counted from 0, or several of them."""
        if isinstance(place, slice):
            return Selected(self._values, self._places[place])
        return self._values[int(self._places[place])]
