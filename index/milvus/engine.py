"""The only door to pymilvus: collections, rows and searches of one server or file.

Credentials for a server come from the environment, never from a location, which is shown and logged: ``QA_MILVUS_TOKEN``, or
``QA_MILVUS_USER`` and ``QA_MILVUS_PASSWORD``; ``QA_MILVUS_TLS=1`` makes the connection TLS.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexBusy, IndexCorrupt, IndexMissing, IndexStateError
from index.milvus.address import Address
from index.milvus.layout import passages_layout, records_layout

MOST_HITS = 16_384
"""Most hits that a search can ask for."""
EXTRA = "pip install 'footnote-qa[milvus]'"

Row = Mapping[str, Any]

# Seconds; without a limit pymilvus goes on trying for hours when a server has gone away.
_PATIENCE = 60.0
# A request stays far below the 64 MB that servers take: rows of records have at most 64 KB each, passages less.
_BATCH = {"records": 250, "passages": 1_000}
_NO_COLLECTION = 100
_opening = threading.Lock()


class Engine:
    """One server or file; connects when it is first asked for something. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        """Stand for the Milvus at ``address``; nothing is opened yet."""
        self.address = address
        self._client: Any = None
        self._loaded: set[str] = set()
        self._fresh: dict[str, int] = {}

    @property
    def condition_changes_scores(self) -> bool:
        """Whether BM25 of a passage depends on which others meet the condition: milvus-lite counts words among these only."""
        return self.address.file is not None

    def has(self, collection: str) -> bool:
        """Whether there is a collection of that name. A file that does not exist holds none, and is not made."""
        if self.address.file is not None and not self.address.file.exists():
            return False
        with self._explained() as client:
            return bool(client.has_collection(collection, timeout=_PATIENCE))

    def collections(self) -> list[str]:
        """Names of all collections."""
        with self._explained() as client:
            return list(client.list_collections(timeout=_PATIENCE))

    def drop(self, collection: str) -> None:
        """Delete a collection with everything in it."""
        with self._explained() as client:
            client.drop_collection(collection, timeout=_PATIENCE)

    def create_records(self, collection: str) -> None:
        """Make a collection for rows that are looked up, not searched; nothing happens when there is one."""
        self._create(collection, records_layout)

    def create_passages(self, collection: str, dimension: int) -> None:
        """Make a collection of passages, searchable by vector of that many numbers and by words; nothing happens when there
        is one."""
        in_file = self.address.file is not None
        self._create(collection, lambda pymilvus: passages_layout(pymilvus, dimension, in_file))

    def _create(self, collection: str, layout: Callable[[Any], tuple[Any, Any]]) -> None:
        with self._explained() as client:
            if client.has_collection(collection, timeout=_PATIENCE):
                return
            schema, indexes = layout(_library())
            # "Strong": whoever reads sees every write that ended before the reading began. Everything here relies on that.
            client.create_collection(collection, schema=schema, consistency_level="Strong", timeout=_PATIENCE)
            # Nothing is in it yet, so there is nothing to wait for.
            client.create_index(collection, indexes, timeout=_PATIENCE, sync=False)
            client.load_collection(collection, timeout=_PATIENCE)
            self._loaded.add(collection)

    def insert(self, collection: str, rows: Sequence[Row]) -> None:
        """Add rows, which become visible batch by batch; ``bm25`` and ``none`` are filled in."""
        batch = _BATCH["passages" if rows and "vector" in rows[0] else "records"]
        extra: Row = {} if batch == _BATCH["passages"] else {"none": [0.0, 0.0]}
        with self._explained() as client:
            for first in range(0, len(rows), batch):
                data = [{**row, **extra} for row in rows[first : first + batch]]
                client.insert(collection, data, timeout=_PATIENCE)
        self._fresh[collection] = self._fresh.get(collection, 0) + len(rows)

    def unsettled(self, least: int) -> list[str]:
        """The collections of a file to which ``least`` rows or more were added here since they were last put away."""
        return [] if self.address.file is None else [name for name, rows in self._fresh.items() if rows >= least]

    def settle(self, least: int) -> None:
        """Have milvus-lite put away the rows of :meth:`unsettled` collections; until then it looks through them one by one,
        in memory. Servers do this by themselves."""
        full = self.unsettled(least)
        with self._explained() as client:
            for collection in full:
                if client.has_collection(collection, timeout=_PATIENCE):
                    client.flush(collection, timeout=_PATIENCE)
                del self._fresh[collection]

    def delete(self, collection: str, condition: str) -> None:
        """Delete the rows that meet ``condition``."""
        with self._explained() as client:
            client.delete(collection, filter=condition, timeout=_PATIENCE)

    def query(self, collection: str, condition: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        """The rows that meet ``condition``, in no particular order."""
        with self._explained() as client:
            self._load(client, collection)
            rows = client.query(collection, filter=condition, output_fields=list(fields), timeout=_PATIENCE)
        return [dict(row) for row in rows]

    def count(self, collection: str, condition: str) -> int:
        """How many rows meet ``condition``."""
        return int(self.query(collection, condition, ["count(*)"])[0]["count(*)"])

    def nearest(self, collection: str, vector: NDArray[np.float32], top: int, condition: str) -> list[int]:
        """Ids of the ``top`` rows that are nearest to ``vector``, float32 of shape (dimension,), among those that meet
        ``condition``."""
        params = {"metric_type": "IP", "params": {} if self.address.file is not None else {"ef": max(2 * top, 100)}}
        return [hit for hit, _ in self._search(collection, vector.tolist(), "vector", top, condition, params)]

    def matching(self, collection: str, words: str, top: int, condition: str) -> list[tuple[int, float]]:
        """(id, BM25) of the ``top`` rows that share most with ``words``, among those that meet ``condition``.

        Scores are positive, higher is better.
        """
        hits = self._search(collection, words, "bm25", top, condition, {"metric_type": "BM25", "params": {}})
        # milvus-lite gives BM25 with a minus sign, servers give it without; it is never negative by itself.
        return [(hit, abs(score)) for hit, score in hits]

    def _search(
        self, collection: str, data: object, field: str, top: int, condition: str, params: Row
    ) -> list[tuple[int, float]]:
        if top <= 0:
            return []
        with self._explained() as client:
            self._load(client, collection)
            (hits,) = client.search(
                collection,
                data=[data],
                anns_field=field,
                limit=top,
                filter=condition,
                search_params=dict(params),
                timeout=_PATIENCE,
            )
        return [(int(hit["id"]), float(hit["distance"])) for hit in hits]

    def _load(self, client: Any, collection: str) -> None:
        # Servers keep a collection ready until it is dropped; milvus-lite does so until its process ends.
        if self.address.file is not None and collection not in self._loaded:
            client.load_collection(collection, timeout=_PATIENCE)
            self._loaded.add(collection)

    @contextmanager
    def _explained(self) -> Iterator[Any]:
        """The client; turns Milvus's errors into ours."""
        pymilvus = _library()
        try:
            with _opening:
                if self._client is None:
                    self._client = self._connect(pymilvus)
            yield self._client
        except pymilvus.MilvusException as error:
            # Seen by a reader whose collection was replaced, and after an index was deleted.
            kind = IndexMissing if error.code == _NO_COLLECTION else IndexStateError
            raise kind(f"{self.address}: Milvus reports: {error.message}") from error

    def _connect(self, pymilvus: Any) -> Any:
        if self.address.file is not None:
            return self._connect_file(pymilvus, self.address.file)
        scheme = "https" if os.environ.get("QA_MILVUS_TLS") == "1" else "http"
        try:
            return pymilvus.MilvusClient(
                uri=f"{scheme}://{self.address.server}",
                user=os.environ.get("QA_MILVUS_USER", ""),
                password=os.environ.get("QA_MILVUS_PASSWORD", ""),
                token=os.environ.get("QA_MILVUS_TOKEN", ""),
                timeout=10.0,
            )
        except pymilvus.MilvusException as error:
            raise IndexStateError(
                f"The Milvus server {self.address.server} cannot be reached or refuses the credentials. Check that it runs, "
                "and QA_MILVUS_TOKEN or QA_MILVUS_USER and QA_MILVUS_PASSWORD if it wants them."
            ) from error

    def _connect_file(self, pymilvus: Any, file: Path) -> Any:
        if file.exists() and not file.is_dir():
            raise IndexCorrupt(f"{file} is no data of milvus-lite, which is a folder. Choose another with --index.")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return pymilvus.MilvusClient(str(file))
        except OSError as error:
            raise IndexStateError(
                f"{file}: an index cannot be made here ({error}). Choose another with --index."
            ) from error
        except pymilvus.MilvusException as error:
            raise IndexBusy(
                f"{file} cannot be opened. milvus-lite lets one process at a time use a file: wait for the other to end. "
                "If there is none, its data are damaged."
            ) from error


def release(address: Address) -> None:
    """End the milvus-lite server that this process runs for a file, so that another process can use the file.

    It ends by itself with the process. Nothing happens for a server's address.
    """
    if address.file is not None:
        _library()
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(str(address.file))


def _library() -> Any:
    """The module pymilvus.

    Raises:
        IndexStateError: it is not installed.
    """
    # It would read settings from a file .env in any folder above, which nobody here has named.
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
    # Its transport tells on standard error when this process starts another one, which is no news to the user.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    try:
        import milvus_lite
        import pymilvus
    except ImportError as error:
        raise IndexStateError(f"An index in a Milvus needs more packages. Install them with: {EXTRA}") from error
    # They log every error with its traceback besides raising it, and milvus-lite's server each call that it does not know.
    for library in (pymilvus.__name__, milvus_lite.__name__, "grpc._server"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return pymilvus
