"""Where an LLM server may be, and what its address says about who gets to see the passages. Cheap to import."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import InputError

KEY_VARIABLE = "QA_LLM_KEY"
"""The environment variable that a key of the server is read from; a key on the command line could be seen by others."""
DEFAULT_SECONDS = 20.0
"""How long an LLM may take for an answer."""
EXAMPLES = (
    "http://127.0.0.1:11434/v1 (Ollama), http://127.0.0.1:1234/v1 (LM Studio), http://127.0.0.1:8080/v1 (llama.cpp)"
)
"""Addresses that the usual servers have on this machine."""

# RFC 1918, RFC 3927, RFC 4193 and RFC 4291: networks that are not routed on the internet.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server.

    Attributes:
        url: base of its addresses, without a slash at the end: ``http://127.0.0.1:11434/v1``.
        host: its name or address.
        on_this_machine: whether it is reached without leaving this machine.
        is_private: whether it is on this machine or in a private network.
    """

    url: str
    host: str
    on_this_machine: bool
    is_private: bool

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent is encrypted on the way."""
        return self.url.startswith("https://")

    @property
    def notice(self) -> str | None:
        """What the user has to know before using it; ``None`` when nothing leaves this machine."""
        if self.on_this_machine:
            return None
        manner = "" if self.is_encrypted else ", not encrypted"
        return f"Passages leave this machine: the question and the cited passages are sent to {self.host}{manner}."


def parse_server(address: str) -> Server:
    """The server at ``address``: ``http://HOST:PORT/v1``; without a path, ``/v1`` is meant.

    Plain http is for this machine and private networks only, and for these by number: a name could lead anywhere.

    Raises:
        InputError: it is no such address, has a password in it, or would send passages unencrypted over the internet.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InputError(f"{address!r} is no address of an LLM. Give one like: {EXAMPLES}.") from None
    if parts.scheme not in ("http", "https") or not host or not _is_plain(address.strip()):
        raise InputError(f"{address!r} is no address of an LLM. Give one like: {EXAMPLES}.")
    if parts.username is not None or parts.password is not None:
        raise InputError(f"Leave the password out of the address of the LLM; a key is read from {KEY_VARIABLE}.")
    if parts.query or parts.fragment:
        raise InputError(f"Leave what follows {'?' if parts.query else '#'} out of the address of the LLM.")
    here, private = _whereabouts(host)
    if parts.scheme == "http" and not private:
        raise InputError(
            f"Passages would go to {host} unencrypted. Use https, or the number of an address in your own network."
        )
    shown = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    base = f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}{path}"
    return Server(base, host, on_this_machine=here, is_private=private)


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address and "\\" not in address


def _whereabouts(host: str) -> tuple[bool, bool]:
    """Whether ``host`` is this machine, and whether it is this machine or in a private network."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761: always this machine
        return True, True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False, False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    networks = [ipaddress.ip_network(network) for network in _PRIVATE]
    return address.is_loopback, address.is_loopback or any(address in network for network in networks)
