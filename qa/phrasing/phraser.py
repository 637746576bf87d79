"""From an answer to its phrased form: sources, LLM, checks."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.errors import InputError, PhrasingError
from qa.phrasing.address import DEFAULT_SECONDS, KEY_VARIABLE, Server, parse_server
from qa.phrasing.checking import check
from qa.phrasing.client import complete
from qa.phrasing.models import Phrased, PhrasedSource
from qa.phrasing.prompt import messages
from qa.phrasing.sources import Source, cited_sources

if TYPE_CHECKING:  # qa.models has a field of this package, so it must not be imported from here
    from qa.models import Answer


@dataclass(frozen=True, slots=True)
class Phraser:
    """Has an LLM phrase answers. Safe to use from several threads.

    Attributes:
        server: where the LLM is.
        model: what the server calls it.
        seconds: how long it may take for an answer.
        key: what the server knows the user by, if it asks for that.
    """

    server: Server
    model: str
    seconds: float = DEFAULT_SECONDS
    key: str | None = field(default=None, repr=False)

    @property
    def notice(self) -> str | None:
        """What to tell the user before the first question; ``None`` when nothing leaves this machine."""
        return self.server.notice

    def phrase(self, answer: "Answer") -> Phrased | None:
        """``answer`` as the LLM puts it, every sentence checked; ``None`` when there is no answer to phrase.

        Takes up to :attr:`seconds`, so show the answer first.

        Raises:
            PhrasingError: the LLM gave nothing that could be checked; the answer stands as it is.
        """
        sources = cited_sources(answer)
        if not sources:
            return None
        question = answer.standalone_question
        text = complete(self.server, self.model, messages(question, sources), key=self.key, seconds=self.seconds)
        sentences = check(text, sources, question)
        if not sentences:
            raise PhrasingError(f"The LLM at {self.server.url} wrote numbers of sources and nothing else.")
        return Phrased(
            model=self.model,
            server=self.server.url,
            sentences=sentences,
            sources=[_shown(source) for source in sources],
        )


def open_phraser(address: str, model: str, seconds: float = DEFAULT_SECONDS) -> Phraser:
    """The phraser for the LLM ``model`` at ``address``; nothing is sent yet.

    Args:
        address: see :func:`qa.phrasing.address.parse_server`.
        model: what the server calls the model.
        seconds: how long it may take for an answer, more than 0.

    Raises:
        InputError: one of them, or the key in the environment, cannot be used.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(f"The key in {KEY_VARIABLE} has characters that no key has. Copy it again.")
    if not model.strip():
        raise InputError("The name of the LLM is empty. Give it with --llm-model.")
    if not 0 < seconds <= 3600:
        raise InputError(f"{seconds:g} seconds is no time for an LLM: give more than 0, and at most 3600.")
    return Phraser(parse_server(address), model.strip(), seconds, key if key else None)


def _shown(source: Source) -> PhrasedSource:
    cited = source.citation
    return PhrasedSource(
        number=source.number,
        document_id=cited.document_id,
        title=cited.title,
        page=cited.page,
        start=cited.start,
        end=cited.end,
        text=cited.text,
    )
