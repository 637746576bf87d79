"""From a location to the index that is kept there."""

from pathlib import Path

from index.chunking import ChunkingSettings
from index.encoder import Encoder
from index.interface import PassageIndex
from index.local.store import LocalIndex


def open_index(location: str | Path, encoder: Encoder) -> PassageIndex:
    """Open an existing index.

    Args:
        location: a folder.
        encoder: the encoder it was built with.

    Raises:
        IndexMissing: there is none.
        IndexCorrupt: it cannot be read, or another version of Footnote made it.
        EncoderMismatch: it was built with another encoder.
    """
    return LocalIndex.open(Path(location), encoder)


def create_index(location: str | Path, encoder: Encoder, chunking: ChunkingSettings | None = None) -> PassageIndex:
    """Open the index at ``location``, making an empty one first if there is none.

    Raises:
        IndexStateError: it cannot be made there; otherwise as :func:`open_index`.
    """
    return LocalIndex.create(Path(location), encoder, chunking)


def unchecked_index(location: str | Path, encoder: Encoder) -> PassageIndex:
    """The index at ``location`` without any check of it: for finding its problems and for repairing it."""
    return LocalIndex(Path(location), encoder)
