"""Articles that question files name instead of holding their text."""

from pathlib import Path

from index.errors import DocumentError
from index.loading import parse, read_source
from qa.evaluation.rows import RowFault


class Articles:
    """Reads article files relative to a folder, as ``qa add`` reads them, each of them once."""

    def __init__(self, folder: Path) -> None:
        """Start with none read; ``folder`` is where the question file stands."""
        self._folder = folder
        self._read: dict[str, tuple[str, str]] = {}

    def context(self, context: str | None, document: str | None, title: str | None) -> tuple[str, str]:
        """Text and title that a row means.

        Args:
            context: the text itself, or ``None``.
            document: path of an article, or ``None``.
            title: what the row calls it; when ``None``, the article's own title, or none at all.

        Raises:
            RowFault: both or neither of ``context`` and ``document`` are given, or the article cannot be read.
        """
        if document is None and context is not None:
            return context, title if title is not None else ""
        if document is None or context is not None:
            raise RowFault("it needs either a context or a document")
        if document not in self._read:
            self._read[document] = self.read(document)
        text, own_title = self._read[document]
        return text, title if title is not None else own_title

    def read(self, document: str) -> tuple[str, str]:
        """Canonical text and title of the article called ``document``; raises ``RowFault`` if it cannot be had."""
        try:
            loaded = parse(read_source(self._folder / document))
        except DocumentError as error:
            raise RowFault(str(error).rstrip(".")) from error
        return loaded.text, loaded.title
