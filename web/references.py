"""References from a citation to its place in a source: ``cite/<document>/<start>-<end>/<digest of the words there>``.

The digest, which references made before it do not have, tells when a document has other words at that place by now. They
stand in links of the page (``#cite/karabakh/0-32/5d41402a``) and come back from the browser, from where anybody can send
anything: only :func:`parse_reference` may turn such a string into a place.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

from web.escape import writable

_DIGITS = 8
_REFERENCE = re.compile(
    rf"cite/([a-z0-9-]{{1,255}})(?:/([0-9]{{1,10}})-([0-9]{{1,10}})(?:/([0-9a-f]{{{_DIGITS}}}))?)?", re.ASCII
)


ALL_DOCUMENTS = "cite/"
"""In place of a reference: the list of all documents."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A document, and characters ``[start, end)`` of its text; both are ``None`` for the document as a whole.

    ``digest`` is of the words that stand there; ``None`` where they are not known.
    """

    document_id: str
    start: int | None = None
    end: int | None = None
    digest: str | None = None

    @classmethod
    def to_words(cls, document_id: str, start: int, end: int, words: str) -> "Reference":
        """The reference to ``words``, which are characters ``[start, end)`` of a document."""
        return cls(document_id, start, end, _digest(words))

    def names(self, words: str) -> bool:
        """Whether ``words``, which stand at its place now, are those it was made for, as far as it tells."""
        return self.digest is None or self.digest == _digest(words)

    def __str__(self) -> str:
        """The form that :func:`parse_reference` reads."""
        name = quote(self.document_id, safe="")
        if self.start is None:
            return f"cite/{name}"
        return f"cite/{name}/{self.start}-{self.end}" + ("" if self.digest is None else f"/{self.digest}")


def parse_reference(value: object) -> Reference | None:
    """The reference written in ``value``, or ``None`` when it is not exactly one.

    Whether the document exists, the span lies inside it and holds the same words is for the caller to check.
    """
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    document_id, start, end, digest = match.groups()
    if start is None:
        return Reference(document_id)
    return Reference(document_id, int(start), int(end), digest) if int(start) < int(end) else None


def _digest(words: str) -> str:
    # As they are kept with a conversation, where half characters become question marks.
    return hashlib.sha256(writable(words).encode()).hexdigest()[:_DIGITS]
