"""Nearest vectors with FAISS. The only module that imports faiss.

Vectors have length 1, so the inner product that is searched for is the cosine. The search is exact.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexCorrupt


class VectorIndex:
    """Vectors by id, kept in memory and saved as one FAISS file."""

    def __init__(self, dimension: int) -> None:
        """Make an empty index for float32 vectors of length ``dimension``."""
        import faiss

        # FAISS's own annotations describe its C++ signatures, not the numpy ones that it adds to them.
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @classmethod
    def load(cls, path: Path, dimension: int) -> "VectorIndex":
        """Read the file that :meth:`save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            IndexCorrupt: it is no FAISS index of that dimension.
        """
        if not path.exists():
            raise FileNotFoundError(path)
        import faiss

        damaged = f"{path.name} is damaged. Rebuild it from the stored texts with: qa verify --repair"
        try:
            inner = faiss.read_index(str(path))
        # FAISS reports every fault of a file as a bare RuntimeError.
        except RuntimeError as error:
            raise IndexCorrupt(damaged) from error
        if not isinstance(inner, faiss.IndexIDMap2) or inner.d != dimension:
            raise IndexCorrupt(damaged)
        loaded = cls.__new__(cls)
        loaded._index = inner
        return loaded

    def save(self, path: Path) -> None:
        """Write everything to ``path``: complete and on disk when this returns, or not there at all."""
        import faiss

        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            faiss.write_index(self._index, str(temporary))
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def __len__(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    def ids(self) -> NDArray[np.int64]:
        """All ids, int64 of shape (vectors,), in no particular order."""
        import faiss

        ids: NDArray[np.int64] = faiss.vector_to_array(self._index.id_map).astype(np.int64)
        return ids

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Add float32 ``vectors`` of shape (n, dimension) under int64 ``ids`` of shape (n,), which must be new."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Forget the vectors with these int64 ``ids``; unknown ids are ignored."""
        if len(ids):
            self._index.remove_ids(ids)

    def search(
        self, query: NDArray[np.float32], top: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``top`` nearest vectors.

        Args:
            query: float32 of shape (dimension,) and length 1.
            top: how many at the most.
            among: when given, only these ids are looked at.

        Returns:
            Their ids and cosines in -1..1, nearest first.
        """
        import faiss

        count = min(top, len(self))
        if count == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(among))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, ids = self._index.search(query.reshape(1, -1), count, params=parameters)
        kept = ids[0] >= 0
        return ids[0][kept], scores[0][kept]

    def vectors(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The stored vectors of ``ids``, float32 of shape (ids, dimension)."""
        found: NDArray[np.float32] = self._index.reconstruct_batch(ids)
        return found
