"""From a location to the index that is kept there."""

import os
from pathlib import Path

from index.chunking import ChunkingSettings
from index.encoder import Encoder
from index.interface import PassageIndex
from index.local.store import DATABASE_NAME, LocalIndex
from index.milvus.address import is_address, read_address
from index.milvus.store import MilvusIndex


def open_index(location: str | Path, encoder: Encoder) -> PassageIndex:
    """Open an existing index.

    Args:
        location: a folder, or the address of an index in a Milvus (see :mod:`index.milvus.address`).
        encoder: the encoder it was built with.

    Raises:
        IndexMissing: there is none.
        IndexCorrupt: it cannot be read, or another version of Footnote made it.
        EncoderMismatch: it was built with another encoder.
        IndexStateError: the address is in no known form, its server cannot be reached, or packages for it are missing.
    """
    if is_address(location):
        return MilvusIndex.open(location, encoder)
    return LocalIndex.open(Path(location), encoder)


def create_index(location: str | Path, encoder: Encoder, chunking: ChunkingSettings | None = None) -> PassageIndex:
    """Open the index at ``location``, making an empty one first if there is none.

    Raises:
        IndexStateError: it cannot be made there; otherwise as :func:`open_index`.
    """
    if is_address(location):
        return MilvusIndex.create(location, encoder, chunking)
    return LocalIndex.create(Path(location), encoder, chunking)


def unchecked_index(location: str | Path, encoder: Encoder) -> PassageIndex:
    """The index at ``location`` without any check of it: for finding its problems and for repairing it."""
    if is_address(location):
        return MilvusIndex(location, encoder)
    return LocalIndex(Path(location), encoder)


def index_exists(location: str | Path, encoder: Encoder) -> bool:
    """Whether something is kept at ``location`` already; nothing is made.

    Raises:
        IndexStateError: its server cannot be asked.
    """
    if is_address(location):
        return MilvusIndex(location, encoder).exists()
    # Not Path.exists(), which raises where a folder may not be entered.
    return os.path.exists(Path(location) / DATABASE_NAME)  # noqa: PTH110


def same_place(one: str | Path, other: str | Path) -> bool:
    """Whether two locations mean the same index.

    Raises:
        IndexStateError: one is an address in no known form.
    """
    if is_address(one) != is_address(other):
        return False
    if is_address(one):
        return read_address(one).key == read_address(other).key
    return Path(one).resolve() == Path(other).resolve()
