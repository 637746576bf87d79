"""What the page does when something is asked or clicked; no layout, no gradio."""

import logging
import threading
from collections.abc import Callable, Set
from typing import Protocol, cast

from index.documents import Document, DocumentSummary, Passage, Span
from index.errors import FootnoteError, IndexMissing, UnknownDocument
from index.interface import Filter, PassageIndex
from qa.conversation import assistant
from qa.models import Answer
from qa.phrasing.models import Phrased
from web import source
from web.feedback import Feedback
from web.gate import Gate
from web.history import History
from web.library import Library
from web.pdf_pages import PdfPages, is_pdf
from web.references import ALL_DOCUMENTS, parse_reference

_log = logging.getLogger(__name__)

_GONE = source.notice("Source no longer available", "This article was removed from the index or has changed since.")


class Documents(Protocol):
    """What the page needs of an index."""

    def documents(self) -> list[DocumentSummary]:
        """All documents."""

    def document(self, document_id: str) -> Document:
        """One document with its text; raises ``UnknownDocument``."""

    def resolve(self, name: str, *, without: Set[str] = frozenset()) -> str:
        """The id of the document meant by ``name``, none of ``without``; raises ``UnknownDocument``."""

    def search(self, question: str, *, top: int, within: Filter | None = None) -> list[Passage]:
        """The ``top`` passages most likely to answer ``question``."""


class Asker(assistant.Asker, Protocol):
    """What the page needs of an assistant."""

    @property
    def index(self) -> Documents:
        """The documents that are asked about."""

    def warm_up(self) -> None:
        """Load everything that the first question would have to wait for."""


class Phraser(Protocol):
    """What the page needs of an LLM; :class:`qa.phrasing.phraser.Phraser` has it."""

    @property
    def notice(self) -> str | None:
        """What to tell whoever asks; ``None`` when nothing leaves this machine."""

    def phrase(self, answer: Answer) -> Phrased | None:
        """``answer`` phrased and checked, ``None`` without one to phrase; raises ``PhrasingError``."""


class Page:
    """Answers the page's questions. Safe to use from several threads."""

    def __init__(
        self,
        open_assistant: Callable[[], Asker],
        add_command: str = "qa add PATH",
        create_index: Callable[[], object] | None = None,
        history: History | None = None,
        phraser: Phraser | None = None,
    ) -> None:
        """Make the page of one index.

        Args:
            open_assistant: gives the assistant. It may raise ``IndexMissing``: then the page is empty, and it is called
                again when the page is next loaded.
            add_command: what to type to add an article, for a page that has none.
            create_index: makes an empty index when the first document is added on the page.
            history: where conversations are kept; in memory when ``None``.
            phraser: the user's LLM, if there is one.
        """
        self.phraser = phraser
        self._add_command = add_command
        self._open_assistant = open_assistant
        self._assistant: Asker | None = None
        self._opening = threading.Lock()
        self._loading = threading.Lock()
        self.history = History() if history is None else history
        self.gate = Gate()
        self.pdf_pages = PdfPages()
        self.feedback = Feedback(self.assistant)
        self._create_index = create_index
        self.library = Library(self._index, None if create_index is None else self._create)

    def assistant(self) -> Asker | None:
        """The assistant, or ``None`` while there is no index."""
        with self._opening:
            if self._assistant is None:
                try:
                    self._assistant = self._open_assistant()
                except IndexMissing:
                    return None
            return self._assistant

    def warm_up(self) -> None:
        """Load the models, so that the first question does not wait for them.

        Should that fail, the first question fails with the same reason, where the user can see it.
        """
        with self._loading:
            try:
                assistant = self.assistant()
                if assistant is not None:
                    assistant.warm_up()
            except FootnoteError as error:
                _log.warning("%s", error)

    @property
    def loading(self) -> bool:
        """Whether models are being loaded just now."""
        return self._loading.locked()

    def wait_until_loaded(self) -> None:
        """Return when no loading of models is under way; loading them twice would take longer still."""
        with self._loading:
            pass

    def documents(self) -> list[DocumentSummary]:
        """All documents but those being removed; none while there is no index."""
        return self.library.documents()

    def _create(self) -> None:
        with self._opening:  # an index that is half made is no index yet
            if self._create_index is not None:
                self._create_index()

    def _index(self) -> PassageIndex | None:
        assistant = self.assistant()
        return None if assistant is None else cast("PassageIndex", assistant.index)

    def front(self) -> str:
        """What the source panel shows before anything is clicked: the only article, or the list of all, as HTML."""
        try:
            documents = self.documents()
            assistant = self.assistant()
            if assistant is None or not documents:
                return source.no_documents(self._add_command)
            if len(documents) == 1:
                return source.document_view(assistant.index.document(documents[0].id))
        except FootnoteError as error:
            return source.notice("The articles cannot be read", str(error))
        return source.document_list(documents)

    def open_source(self, reference: object) -> str:
        """The source that a citation leads to, as HTML, with the cited words lit.

        Args:
            reference: what the browser sent; anything at all. Nothing was clicked yet when it is empty.
        """
        if reference in ("", ALL_DOCUMENTS):
            return self.front()
        place = parse_reference(reference)
        assistant = self.assistant()
        if place is None or assistant is None:
            return _GONE
        try:
            if place.document_id in self.library.removals.hidden():
                return _GONE
            document = assistant.index.document(place.document_id)
            alone = len(self.documents()) == 1
        except UnknownDocument:
            return _GONE
        except FootnoteError as error:
            return source.notice("The source cannot be read", str(error))
        if place.start is None or place.end is None:
            return source.document_view(document, alone=alone)
        if place.end > len(document.text) or not place.names(document.text[place.start : place.end]):
            return _GONE
        span = Span(place.start, place.end)
        if not is_pdf(document):
            return source.document_view(document, span, alone=alone)
        try:
            pages = self.pdf_pages.views(document, span)
        except FootnoteError as error:
            return source.document_view(document, span, alone=alone, note=str(error))
        return source.document_view(document, span, alone=alone, pages=pages)

    def no_articles(self) -> str:
        """What to do while there is nothing to ask about."""
        return f"There are no articles yet. Add some under Documents above, or in a terminal with: {self._add_command}"
