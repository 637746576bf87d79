"""References from a citation to its place in a source: ``cite/<document>/<start>-<end>``.

They stand in links of the page (``#cite/karabakh/0-32``) and come back from the browser, from where anybody can send
anything: only :func:`parse_reference` may turn such a string into a place.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

_REFERENCE = re.compile(r"cite/([a-z0-9-]{1,255})(?:/([0-9]{1,10})-([0-9]{1,10}))?", re.ASCII)


ALL_DOCUMENTS = "cite/"
"""In place of a reference: the list of all documents."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A document, and characters ``[start, end)`` of its text; both are ``None`` for the document as a whole."""

    document_id: str
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        """The form that :func:`parse_reference` reads."""
        name = quote(self.document_id, safe="")
        return f"cite/{name}" if self.start is None else f"cite/{name}/{self.start}-{self.end}"


def parse_reference(value: object) -> Reference | None:
    """The reference written in ``value``, or ``None`` when it is not exactly one.

    Whether the document exists and the span lies inside it is for the caller to check.
    """
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    document_id, start, end = match.groups()
    if start is None:
        return Reference(document_id)
    return Reference(document_id, int(start), int(end)) if int(start) < int(end) else None
