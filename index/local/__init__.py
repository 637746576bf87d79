"""An index in a folder on this machine: SQLite for what it holds, FAISS for what is near."""

from index.local.store import LocalIndex

__all__ = ["LocalIndex"]
