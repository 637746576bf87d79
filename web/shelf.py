"""Files that are kept: where, how documents that came from them are called, and which names are taken."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.interface import PassageIndex
from index.loading import MEMBER
from web.uploads import StagedFile, Upload

_UPLOADED = "uploaded: "


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where uploaded files are kept, and how documents that came from them are called.

    ``folder`` is beside a local index. It is ``None`` for an index on a server: then files are read and not kept.
    """

    folder: Path | None

    def source(self, name: str) -> str:
        """The source of the document that is made from the file ``name``."""
        return f"{_UPLOADED}{name}" if self.folder is None else str(self.folder / name)

    def name_in(self, source: str) -> str | None:
        """The name of the uploaded file behind ``source``; ``None`` when it was not uploaded."""
        start = _UPLOADED if self.folder is None else f"{self.folder}{os.sep}"
        return source.removeprefix(start).split(MEMBER, 1)[0] if source.startswith(start) else None

    def original(self, source: str) -> Path | None:
        """The kept file behind ``source``; ``None`` when it was not uploaded or is not kept."""
        name = self.name_in(source)
        if self.folder is None or name is None or PurePosixPath(name).name != name or name.startswith("."):
            return None
        return self.folder / name


class TakenNames:
    """Names of uploaded files that documents of an index came from, and whether a file differs from the one of its name."""

    def __init__(self, index: PassageIndex, shelf: Shelf, going: Callable[[], Set[str]]) -> None:
        """Look through all documents; ``going`` gives the ids of those that are being removed, whose names are free."""
        self._sha256: dict[str, str | None] = {}  # of archives None, until it is asked for
        self._originals: dict[str, Path | None] = {}
        self._documents: defaultdict[str, set[str]] = defaultdict(set)  # none of a name that was taken since
        self._going = going
        for summary in index.documents():
            name = shelf.name_in(summary.source)
            if name is None:
                continue
            self._documents[name].add(summary.id)
            if name not in self._originals:
                self._originals[name] = shelf.original(summary.source)
                self._sha256[name] = None if MEMBER in summary.source else summary.sha256

    def take(self, file: StagedFile, name: str) -> None:
        """From now on ``name`` is that of ``file``."""
        self._sha256[name] = file.sha256
        self._originals[name] = None
        self._documents[name] = set()

    def has(self, name: str) -> bool:
        """Whether a document of the index came from a file of that name, be it one that is being removed."""
        return name in self._originals

    def differs(self, file: StagedFile, name: str) -> bool:
        """Whether ``name`` is taken by other bytes than those of ``file``; of an archive that is not kept, nobody knows."""
        if name not in self._originals:
            return False
        documents = self._documents[name]
        if documents and documents <= self._going():
            return False  # nobody sees them any more
        original = self._originals[name]
        if self._sha256[name] is None and original is not None and original.is_file():
            self._sha256[name] = _sha256(original)
        return self._sha256[name] != file.sha256


def conflicts(index: PassageIndex, shelf: Shelf, upload: Upload, going: Callable[[], Set[str]]) -> list[str]:
    """Names of files in ``upload`` that other files of the index have already; ``going`` as for :class:`TakenNames`."""
    taken = TakenNames(index, shelf, going)
    return [file.name for file in upload.files if taken.differs(file, file.name)]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
