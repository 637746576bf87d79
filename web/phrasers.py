"""The user's LLM, from the options of the page."""

from index.errors import InputError
from web.page import Phraser


def phraser_of(address: str | None, model: str | None, seconds: float) -> Phraser | None:
    """The LLM ``model`` at ``address``, which may take ``seconds`` for an answer; ``None`` without both. Nothing is sent.

    Raises:
        InputError: they do not make one.
    """
    if address is None and model is None:
        return None
    if address is None:
        raise InputError("--llm-model needs --llm URL, the address of the LLM.")
    from qa.phrasing.phraser import open_phraser  # loads the HTTP client, which a page without an LLM never needs

    return open_phraser(address, "" if model is None else model, seconds)
