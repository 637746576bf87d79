"""One request to an OpenAI-compatible server, within a time and a size. The only module that imports httpx."""

import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from index.errors import PhrasingError
from qa.phrasing.address import KEY_VARIABLE, Server

if TYPE_CHECKING:
    from httpx import Response

MAX_BODY = 256 * 1024
"""Most bytes of a reply that are read."""
MAX_TEXT = 8_000
"""Most characters that an answer may have."""
MAX_TOKENS = 1_024
"""What the server is asked to stop at."""
_SHOWN = 200  # characters of a server's own message


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _ServerError(BaseModel):
    message: str


class _Failure(BaseModel):
    error: _ServerError | str


def complete(
    server: Server, model: str, messages: Sequence[dict[str, str]], *, key: str | None = None, seconds: float
) -> str:
    """The text that ``model`` writes to ``messages``.

    The request runs in a thread of its own, so that nothing it hangs in (name look-up, connecting, a server that sends a
    byte now and then) keeps the caller longer than ``seconds``.

    Args:
        server: where to ask.
        model: what the server calls the model.
        messages: with ``role`` and ``content``.
        key: sent as a bearer token, if any.
        seconds: when to give up, counted from now.

    Raises:
        PhrasingError: it could not be reached, took too long, or sent something that is no answer.
    """
    reports: SimpleQueue[str | BaseException] = SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            reports.put(_ask(server, model, messages, key, seconds, given_up))
        except BaseException as error:  # raised again below, in the caller's thread
            reports.put(error)

    threading.Thread(target=work, name="footnote-llm", daemon=True).start()
    try:
        report = reports.get(timeout=seconds)
    except Empty:
        raise _too_slow(server, seconds) from None
    finally:
        given_up.set()
    if isinstance(report, BaseException):
        raise report
    return report


def _ask(
    server: Server,
    model: str,
    messages: Sequence[dict[str, str]],
    key: str | None,
    seconds: float,
    given_up: threading.Event,
) -> str:
    try:
        import httpx
    except ImportError:
        raise PhrasingError("Asking an LLM needs httpx. Install it with: pip install 'footnote-qa[llm]'") from None

    # Uncompressed, so that what is counted is what is kept.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    body = {"model": model, "messages": list(messages), "temperature": 0, "max_tokens": MAX_TOKENS, "stream": False}
    try:
        # A proxy of the environment has no business with what is on this machine or in its own network.
        with (
            httpx.Client(
                timeout=seconds,
                follow_redirects=False,
                trust_env=not server.is_private,
                verify=server.is_encrypted,
            ) as client,
            client.stream("POST", f"{server.url}/chat/completions", json=body, headers=headers) as response,
        ):
            if response.is_redirect:
                target = response.headers.get("location", "elsewhere")
                raise PhrasingError(
                    f"The LLM at {server.url} sends on to {_line(target, key)}, which is not followed. "
                    "If that is right, give that address."
                )
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            packing = response.headers.get("content-encoding", "identity").strip().lower()
            is_json = kind == "application/json" and packing == "identity"
            if response.status_code != 200:
                content = _read(server, response, given_up) if is_json else b""
                raise _refused(server, response.status_code, content, key)
            if kind == "application/json" and not is_json:
                raise PhrasingError(
                    f"The LLM at {server.url} sent its reply compressed ({_line(packing, key)}) "
                    "though it was asked not to. Turn compression off there, or in the proxy before it."
                )
            if not is_json:
                raise PhrasingError(
                    f"What is at {server.url} is no OpenAI-compatible server: it sent {kind or 'no JSON'}."
                )
            return _text(server, _read(server, response, given_up))
    except httpx.TimeoutException:
        raise _too_slow(server, seconds) from None
    except httpx.ConnectError as error:
        raise PhrasingError(
            f"The LLM at {server.url} cannot be reached ({_line(str(error), key)}). Is it running?"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise PhrasingError(
            f"The LLM at {server.url} broke off ({_line(str(error) or type(error).__name__, key)})."
        ) from None


def _read(server: Server, response: "Response", given_up: threading.Event) -> bytes:
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > MAX_BODY:
            raise PhrasingError(f"The LLM at {server.url} sent more than {MAX_BODY // 1024} KiB, which was not read.")
        if given_up.is_set():
            raise PhrasingError("given up")  # no one is waiting any more
    return bytes(content)


def _text(server: Server, content: bytes) -> str:
    try:
        text = _Completion.model_validate_json(content).choices[0].message.content
    except ValidationError:
        raise PhrasingError(f"What is at {server.url} did not answer as an OpenAI-compatible server does.") from None
    text = _without_thinking(text or "").strip()
    if not any(character.isalnum() for character in text):
        raise PhrasingError(f"The LLM at {server.url} wrote nothing.")
    if len(text) > MAX_TEXT:
        raise PhrasingError(f"The LLM at {server.url} wrote {len(text):,} characters; at most {MAX_TEXT:,} are taken.")
    return text


def _without_thinking(text: str) -> str:
    """``text`` without the notes that some models make before their answer; nothing if they never came to an end.

    Some servers take the opening mark off and leave the closing one.
    """
    return text.rpartition("</think>")[2].partition("<think>")[0]


def _refused(server: Server, status: int, content: bytes, key: str | None) -> PhrasingError:
    try:
        error = _Failure.model_validate_json(content).error
        line = _line(error if isinstance(error, str) else error.message, key)
        said = f": {line}" if line.endswith((".", "!", "?", "…")) else f": {line}."
    except ValidationError:
        said = ""
    hint = f" Set the key in {KEY_VARIABLE}." if status in (401, 403) and key is None else ""
    return PhrasingError(f"The LLM at {server.url} answered with status {status}{said or '.'}{hint}")


def _too_slow(server: Server, seconds: float) -> PhrasingError:
    return PhrasingError(
        f"The LLM at {server.url} was not done after {seconds:g} seconds. Allow more with --llm-timeout, or use a smaller one."
    )


def _line(text: str, key: str | None) -> str:
    """What a server says, short and in one line, without the key."""
    if key:
        text = text.replace(key, "***")
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …"
