"""Which documents each visitor asks: chosen in the documents panel, used by the chat.

A visitor is a browser, known by a random name in a cookie (:data:`COOKIE`). The choice is kept in memory only.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from index.interface import Filter

COOKIE = "footnote_visitor"
"""Name of the cookie that tells browsers apart."""
_REMEMBERED = 1000  # visitors


def new_visitor() -> str:
    """A name for a browser that nobody can guess."""
    return secrets.token_urlsafe(16)


class Selections:
    """Chosen documents by visitor. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nobody has chosen anything yet: all documents are asked."""
        self._chosen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def choose(self, visitor: str, documents: Sequence[str]) -> None:
        """Ask only ``documents`` from now on; all when it is empty."""
        with self._lock:
            self._chosen.pop(visitor, None)
            if documents:
                self._chosen[visitor] = tuple(dict.fromkeys(documents))
            while len(self._chosen) > _REMEMBERED:
                self._chosen.popitem(last=False)

    def chosen(self, visitor: str | None, there: Collection[str]) -> tuple[str, ...]:
        """The documents a visitor has chosen, of those that are ``there``; empty when all are asked."""
        with self._lock:
            chosen = () if visitor is None else self._chosen.get(visitor, ())
        present = frozenset(there)
        return tuple(name for name in chosen if name in present)


def confined(chosen: Sequence[str], there: Sequence[str], hidden: Collection[str]) -> Filter | None:
    """What a question is to be confined to; ``None`` when nothing keeps it from all documents.

    Args:
        chosen: documents the visitor has chosen; all when empty.
        there: all documents that may be asked.
        hidden: documents that are in the index still but are being removed.
    """
    if chosen:
        return Filter(documents=tuple(chosen))
    return Filter(documents=tuple(there)) if hidden else None
