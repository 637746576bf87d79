"""Nearest vectors with FAISS. The only module that imports faiss.

Vectors have length 1, so the inner product that is searched for is the cosine.
"""

import math
import os
import threading
from collections.abc import Callable, Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexCorrupt

PROBES = 96
"""How many cells of a large index are searched."""
_TRAINED_ON = 40
"""Vectors per cell that the cells are placed by."""
_ROUNDS = 8

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Ids, int64 of shape (n,), and their cosines, float32 of shape (n,), nearest first."""


class ExactVectors:
    """Vectors by id, in memory, compared one by one."""

    def __init__(self, dimension: int) -> None:
        """Start empty, for float32 vectors of length ``dimension``."""
        import faiss

        # FAISS's own annotations describe its C++ signatures, not the numpy ones that it adds to them.
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    def ids(self) -> NDArray[np.int64]:
        """All ids, int64 of shape (vectors,), in no particular order."""
        return _ids(self._index.id_map)

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Add float32 ``vectors`` of shape (n, dimension) under int64 ``ids`` of shape (n,), which must be new."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Forget the vectors with these int64 ``ids``; unknown ids are ignored."""
        if len(ids):
            self._index.remove_ids(ids)

    def search(self, query: NDArray[np.float32], top: int, among: NDArray[np.int64] | None = None) -> Found:
        """The ``top`` vectors nearest to ``query``, float32 of shape (dimension,); only those of ``among`` when given."""
        import faiss

        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(among))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        return _search(self._index, query, top, parameters)


class ClusteredVectors:
    """Vectors in a file, in cells around centres, with a byte for each number; only cells near a query are read.

    The file is mapped into memory, so opening it costs next to nothing and only what is searched is read.
    """

    def __init__(self, inner: Any) -> None:
        """Use :meth:`build` and :meth:`load`."""
        self._index = inner

    def __len__(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @staticmethod
    def build(
        folder: Path,
        sample: NDArray[np.float32],
        batches: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]],
        cells: int,
        on_batch: Callable[[int], None] | None = None,
    ) -> tuple[Path, str]:
        """Write a file of the vectors in ``batches`` (ids and vectors, as in :meth:`ExactVectors.add`).

        Args:
            folder: where to write a file that is named after its content; complete and on disk when this returns, or
                not there at all.
            sample: float32 of shape (n, dimension), vectors to place the cells by.
            batches: everything to be stored.
            cells: how many cells; lowered when the sample is too small for them.
            on_batch: called with the size of each batch when it is stored.

        Returns:
            The file and its SHA-256.
        """
        import faiss

        dimension = sample.shape[1]
        cells = max(1, min(cells, len(sample)))
        centres = faiss.IndexFlatIP(dimension)
        index: Any = faiss.IndexIVFScalarQuantizer(
            centres, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.niter = _ROUNDS
        index.cp.min_points_per_centroid = 1
        index.train(sample)
        for ids, vectors in batches:
            index.add_with_ids(vectors, ids)
            if on_batch is not None:
                on_batch(len(ids))
        temporary = folder / f"vectors-{os.getpid()}-{threading.get_ident()}.part"
        try:
            faiss.write_index(index, str(temporary))
            with temporary.open("rb") as written:
                digest = file_digest(written, "sha256").hexdigest()
                os.fsync(written.fileno())
            path = folder / f"vectors-{digest[:16]}.faiss"
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return path, digest

    @classmethod
    def load(cls, path: Path, dimension: int) -> "ClusteredVectors":
        """Map the file that :meth:`build` wrote.

        Raises:
            IndexCorrupt: it is missing, or no FAISS index of that kind and dimension.
        """
        import faiss

        if not path.exists():
            raise IndexCorrupt(f"{path.name} is missing. Make it anew with: qa verify --repair")
        damaged = f"{path.name} is damaged. Make it anew with: qa verify --repair"
        try:
            inner = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        # FAISS reports every fault of a file as a bare RuntimeError.
        except RuntimeError as error:
            raise IndexCorrupt(damaged) from error
        if not isinstance(inner, faiss.IndexIVFScalarQuantizer) or inner.d != dimension:
            raise IndexCorrupt(damaged)
        # A single question is spread over the processor's cores by cells.
        inner.parallel_mode = 1
        return cls(inner)

    def ids(self) -> NDArray[np.int64]:
        """All ids, int64 of shape (vectors,), in no particular order."""
        import faiss

        lists = self._index.invlists
        parts = [
            faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
            for cell in range(lists.nlist)
            if lists.list_size(cell)
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)

    def search(
        self,
        query: NDArray[np.float32],
        top: int,
        among: NDArray[np.int64] | None = None,
        without: NDArray[np.int64] | None = None,
        probes: int = PROBES,
    ) -> Found:
        """The ``top`` vectors that seem nearest to ``query``, float32 of shape (dimension,); cosines are approximate.

        Args:
            query: of length 1.
            top: how many at the most.
            among: when given, int64 ids; only these are looked at.
            without: int64 ids that are not looked at; not used together with ``among``.
            probes: how many cells to search.
        """
        import faiss

        settings: dict[str, Any] = {"nprobe": min(probes, int(self._index.nlist))}
        if among is not None:
            settings["sel"] = faiss.IDSelectorBatch(np.ascontiguousarray(among))
        elif without is not None and len(without):
            unwanted = faiss.IDSelectorBatch(np.ascontiguousarray(without))
            settings["sel"] = faiss.IDSelectorNot(unwanted)
        return _search(self._index, query, top, faiss.SearchParametersIVF(**settings))


def cells_for(vectors: int) -> int:
    """How many cells to divide that many vectors into: four times the square root, as FAISS's guidelines have it."""
    return max(1, round(4 * math.sqrt(vectors)))


def sample_size(cells: int) -> int:
    """How many vectors to place that many cells by."""
    return cells * _TRAINED_ON


def _ids(id_map: Any) -> NDArray[np.int64]:
    import faiss

    ids: NDArray[np.int64] = faiss.vector_to_array(id_map).astype(np.int64)
    return ids


def _search(index: Any, query: NDArray[np.float32], top: int, parameters: Any) -> Found:
    count = min(top, int(index.ntotal))
    if count == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    scores, ids = index.search(query.reshape(1, -1), count, params=parameters)
    kept = ids[0] >= 0
    return ids[0][kept], scores[0][kept]
