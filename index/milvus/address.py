"""Where an index in a Milvus is: ``milvus://host:port/name`` on a server, ``milvus:FILE.db/name`` in a file."""

import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexStateError

PREFIX = "milvus:"
"""What every location of such an index begins with."""
DEFAULT_NAME = "footnote"
"""Name of an index in a file when the location gives none."""

# One slash is what is left of two after a detour through a path.
_SERVER = re.compile(r"//?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:\[\]@]+):(?P<port>[0-9]{1,5})/(?P<name>[^/]+)/?")
_FILE = re.compile(r"(?P<file>.+\.db)(/(?P<name>[^/]+))?/?")
# Collections are named after the index, and Milvus allows them 255 characters in all.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


@dataclass(frozen=True, slots=True)
class Address:
    """The place of one index.

    Attributes:
        name: of the index; several can be in one server or file.
        server: ``host:port``; ``None`` for a file.
        file: where milvus-lite keeps its data, a folder in spite of its ending; ``None`` for a server.
    """

    name: str
    server: str | None = None
    file: Path | None = None

    @property
    def key(self) -> str:
        """The same for every way to write the same place."""
        return f"{self.server}/{self.name}" if self.file is None else f"{self.file.resolve()}/{self.name}"

    def __str__(self) -> str:
        """As it is given to ``--index``."""
        return f"{PREFIX}{self.file}/{self.name}" if self.file is not None else f"{PREFIX}//{self.server}/{self.name}"


def is_address(location: str | Path) -> bool:
    """Whether ``location`` is meant as the address of an index in a Milvus."""
    return str(location).startswith(PREFIX)


def read_address(location: str | Path) -> Address:
    """The place that ``location`` names.

    Raises:
        IndexStateError: it is in neither of the two forms.
    """
    text = str(location).removeprefix(PREFIX)
    server, file = _SERVER.fullmatch(text), _FILE.fullmatch(text)
    if server is not None and _NAME.fullmatch(server["name"]) and int(server["port"]) < 65_536:
        return Address(server["name"], server=f"{server['host']}:{server['port']}")
    name = DEFAULT_NAME if file is None or file["name"] is None else file["name"]
    if file is not None and not text.startswith("//") and _NAME.fullmatch(name):
        return Address(name, file=Path(file["file"]))
    shown = re.sub(r"//.*@", "//...@", str(location))  # credentials do not belong there, and not on a screen
    raise IndexStateError(
        f"{shown} is no address of an index. Write milvus://HOST:PORT/NAME for a server or milvus:FILE.db/NAME for a "
        "file; NAME is made of ASCII letters, digits and underscores."
    )
