"""Ids of documents: made from where a document came from, and never of two documents at once."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from index.documents import Document
from index.errors import InputError

_SLUG_LENGTH = 40
# Eight digits tell thousands of sources of one name apart; 64 are all that there are.
_DIGITS = (8, 16, 32, 64)


def document_id(source: str, digits: int = _DIGITS[0]) -> str:
    """A readable id that depends on ``source`` alone: its name in ASCII and the first digits of its SHA-256.

    Args:
        source: where the document came from.
        digits: how many hexadecimal digits, 1..64.
    """
    plain = unicodedata.normalize("NFKD", Path(source).stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_SLUG_LENGTH].strip("-")
    digest = sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
    return f"{slug}-{digest}" if slug else digest


def free_id(source: str, owner: Callable[[str], str | None]) -> str:
    """The shortest :func:`document_id` of ``source``, of at least eight digits, that no other source has.

    Args:
        source: where the document came from.
        owner: gives the source of the document that has an id; ``None`` when none has it.

    Raises:
        InputError: another source has the id of all digits.
    """
    for digits in _DIGITS:
        name = document_id(source, digits)
        if owner(name) in (None, source):
            return name
    raise InputError(f"The id {name} belongs to {owner(name)} already, so {source} has none. Rename it.")


def check_identities(documents: Sequence[Document], present: Iterable[tuple[str, str]]) -> None:
    """Check that ``documents`` can be put into an index and replace none but themselves.

    Args:
        documents: what is to be put.
        present: id and source of the documents in the index that have one of their ids or one of their sources.

    Raises:
        InputError: two documents have the same id or source, or one has the id or the source of another in the index.
    """
    sources = {document.id: document.source for document in documents}
    if len(sources) < len(documents) or len(set(sources.values())) < len(documents):
        raise InputError("Documents that are added together need ids and sources that differ.")
    for name, source in present:
        if name not in sources:
            raise InputError(f"{source} is in the index already, as the document {name}. Remove that one first.")
        if sources[name] != source:
            raise InputError(
                f"The id {name} belongs to {source} already, so {sources[name]} cannot have it too. Add that one with "
                "qa add, which gives it an id of its own."
            )
