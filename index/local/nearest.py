"""The vectors of the database, made searchable: what is new in memory, the bulk of a large index in a file.

A small index is searched exactly, from memory. A large one has most of its vectors in a file of cells, made from the
database by :func:`build_file`; passages added since are searched exactly beside it, and removed ones are passed over.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.interface import OnProgress
from index.local import records, selecting
from index.local.database import read_settings
from index.local.ties import best
from index.local.vectors import ClusteredVectors, ExactVectors, Found, cells_for, sample_size

EXACT_LIMIT = 100_000
"""Up to how many vectors are searched exactly."""
_FEW = 5_000
"""Up to how many passages that a filter leaves are compared one by one."""
# A filter leaves fewer of the near vectors in each cell, so more cells are searched.
_FILTERED_PROBES = 512
# Cosines of equal vectors differ in their last bits, as they are computed several at once or one by one.
_SAME_COSINE = 1e-6
# How many vectors are looked through for those that tie, at the most.
_MOST_TIED = 2_000

Ids = NDArray[np.int64]


class NearestPassages:
    """The vectors of one index as of the state last seen. Not safe to use from several threads at once."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read before :meth:`follow`."""
        self._folder = folder
        self._generation = -1
        self._identity: str | None = None
        self._removals = ""
        self._last = 0  # highest passage id seen
        self._file: str = ""
        self._covered = 0  # highest passage id in the file
        self._clustered: ClusteredVectors | None = None
        self._exact: ExactVectors | None = None
        self._removed: Ids = np.empty(0, dtype=np.int64)
        self._dimension = 0

    def follow(self, connection: sqlite3.Connection) -> None:
        """Take over what has changed in the database since the last call.

        Raises:
            IndexCorrupt: vectors or their file are missing or damaged.
        """
        settings = read_settings(connection)
        generation = int(settings["generation"])
        # A folder may have been deleted and an index made anew in it. Indexes made by earlier versions have no identity.
        another = settings.get("identity") != self._identity
        if generation == self._generation and not another:
            return
        same = (settings["vector_file"], int(settings["dimension"])) == (self._file, self._dimension)
        if self._exact is None or not same or another or generation < self._generation:
            self._open(settings)
            self._removed = read_removed(connection)
        exact = self._exact
        if exact is None:
            raise RuntimeError("vectors were not opened")
        for ids, vectors in records.vectors_after(connection, self._last, self._dimension):
            exact.add(ids, vectors)
            self._last = int(ids[-1])
        if settings["removals"] != self._removals:
            alive = np.array(selecting.passage_ids(connection, after=self._covered), dtype=np.int64)
            exact.remove(np.setdiff1d(exact.ids(), alive))
            self._removed = read_removed(connection)
            self._removals = settings["removals"]
        self._generation = generation

    def _open(self, settings: dict[str, str]) -> None:
        name, dimension = settings["vector_file"], int(settings["dimension"])
        # First, because it may fail: the next call must not take what is held here for what is in that file.
        self._clustered = ClusteredVectors.load(self._folder / name, dimension) if name else None
        self._generation, self._dimension = -1, dimension
        self._identity = settings.get("identity")
        self._file, self._covered = name, int(settings["vectors_covered"])
        self._exact = ExactVectors(self._dimension)
        self._last, self._removals = self._covered, settings["removals"]

    def search(
        self, connection: sqlite3.Connection, query: NDArray[np.float32], top: int, among: Ids | None = None
    ) -> list[int]:
        """Ids of the ``top`` passages nearest to ``query``, float32 of shape (dimension,), in no particular order. Those that
        tie with the last come in by (document id, start, end); of more than 2,000 such, which ones is left open.

        Args:
            connection: one that sees the state last followed.
            query: of length 1.
            top: how many at the most.
            among: when given, only these passages, ids ascending.
        """
        exact = self._exact
        if exact is None:
            raise RuntimeError("follow() comes before search()")
        ids, cosines = _with_ties(lambda most: exact.search(query, most, among), top)
        clustered = self._clustered
        if clustered is not None:
            covered = None if among is None else among[among <= self._covered]
            if covered is not None and len(covered) <= _FEW:
                more = covered
                near = records.read_vectors(connection, covered.tolist(), self._dimension) @ query
            elif covered is not None:
                more, near = _with_ties(
                    lambda most: clustered.search(query, most, covered, probes=_FILTERED_PROBES), top
                )
            else:
                more, near = _with_ties(lambda most: clustered.search(query, most, without=self._removed), top)
            ids, cosines = np.concatenate([ids, more]), np.concatenate([cosines, near])
        return best(connection, dict(zip(ids.tolist(), cosines.tolist(), strict=True)), top, _SAME_COSINE)


def _with_ties(search: Callable[[int], Found], top: int) -> Found:
    """The ``top`` that ``search`` finds when asked for so many, and those beyond that are as near as the last of them."""
    asked = top + 1
    while True:
        ids, cosines = search(asked)
        if len(ids) < asked or top < 1 or cosines[-1] < cosines[top - 1] - _SAME_COSINE or asked >= _MOST_TIED:
            return ids, cosines
        asked *= 4


def read_removed(connection: sqlite3.Connection) -> Ids:
    """Passages that are in the vector file but no longer in the index, int64."""
    return np.array([row[0] for row in connection.execute("SELECT passage FROM removed")], dtype=np.int64)


def needs_file(connection: sqlite3.Connection, limit: int = EXACT_LIMIT) -> bool:
    """Whether a new vector file would make searching faster."""
    covered = int(read_settings(connection)["vectors_covered"])
    (beside,) = connection.execute("SELECT count(*) FROM passages WHERE id > ?", (covered,)).fetchone()
    if covered == 0:
        return bool(beside > limit)
    (removed,) = connection.execute("SELECT count(*) FROM removed").fetchone()
    (inside,) = connection.execute("SELECT count(*) FROM passages WHERE id <= ?", (covered,)).fetchone()
    # A file of nothing cannot be made; the old one, all of it passed over, costs little.
    return bool(inside + beside > 0 and (beside > limit // 2 or removed > inside // 4))


def build_file(
    connection: sqlite3.Connection,
    folder: Path,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> tuple[str, str, Ids]:
    """Write a vector file of everything in the state that ``connection`` sees.

    Args:
        connection: a reading connection; writers are not held up.
        folder: where the file goes.
        seed: decides which vectors the cells are placed by.
        on_progress: called with (passages stored, passages in all).

    Returns:
        The file's name, its SHA-256, and the ids in it, int64, ascending.
    """
    settings = read_settings(connection)
    dimension = int(settings["dimension"])
    ids = selecting.passage_ids(connection)
    cells = cells_for(len(ids))
    drawn = np.random.default_rng(seed).choice(ids, min(len(ids), sample_size(cells)), replace=False)
    sample = records.read_vectors(connection, np.sort(drawn).tolist(), dimension)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if on_progress is not None:
            on_progress(done, len(ids))

    path, digest = ClusteredVectors.build(
        folder, sample, records.vectors_after(connection, 0, dimension), cells, advance
    )
    return path.name, digest, np.array(ids, dtype=np.int64)
