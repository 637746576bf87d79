"""Small documents to change an index by."""

from datetime import UTC, datetime

from index import Document, PassageIndex

State = dict[str, tuple[str, int]]


def document(number: int, version: int = 0) -> Document:
    lines = [
        f"Line {line} of note {number} in version {version} is about item {number * 31 + line}." for line in range(8)
    ]
    name = f"note-{number}"
    return Document(name, name, f"memory:{name}", f"{version:064}", "\n".join(lines), datetime.now(UTC), 100)


def state_of(index: PassageIndex) -> State:
    """Every document with its text and its number of passages."""
    return {one.id: (index.document(one.id).text, one.passages) for one in index.documents()}
