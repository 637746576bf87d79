"""From paths to documents: finding files, looking into archives, and making the one canonical text that offsets point into.

What the canonical text of a format is, is told by its module in :mod:`index.loaders`.
"""

import hashlib
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from index.documents import Page
from index.errors import DocumentError
from index.loaders.archives import open_zip, read_member
from index.loaders.base import (
    MAX_TEXT,
    SourceFile,
    canonical_newlines,
    decode,
    no_text,
    one_line,
    too_large,
    unreadable,
)
from index.loaders.formats import ARCHIVES, LOADERS, NESTED, count_others, is_known, known_formats, load

__all__ = [
    "ARCHIVES",
    "LOADERS",
    "LoadedFile",
    "Source",
    "SourceFile",
    "canonical_newlines",
    "count_others",
    "decode",
    "find_files",
    "parse",
    "passed_over",
    "read_source",
    "sources_in",
]

MAX_BYTES = 512 * 1024 * 1024
"""Largest PDF, Word document or book that is read, in bytes; most of such a file is pictures. Of other files: ``MAX_TEXT``."""
_WITH_PICTURES = frozenset({".docx", ".epub", ".pdf"})

MEMBER = "!/"
"""Stands between an archive's path and a member's name in a source."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a loader makes of a file: its canonical text, a title, the page map if it has pages, and its identity.

    ``date`` is when it was written, as far as the file says (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``); ``note`` is one line
    about what was left out of the text, or ``None``.
    """

    source: str
    title: str
    text: str
    sha256: str
    size: int
    pages: tuple[Page, ...] = ()
    date: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can become a document: ``name`` is unique, ``read`` gets its bytes or raises ``DocumentError``."""

    name: str
    read: Callable[[], SourceFile]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files to index under ``paths``.

    A file that is named is always taken; of a folder, every file below it with a known extension, hidden ones left out and
    symbolic links to folders not followed. Folders that cannot be listed are among the files, so that reading them says so.

    Returns:
        Absolute paths without duplicates, in the order given; those of a folder sorted.

    Raises:
        DocumentError: a path does not exist or cannot be reached, or a folder holds nothing that can be read.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            found.update(dict.fromkeys(_files_at(path)))
        except OSError as error:
            raise unreadable(path, error) from error
    return list(found)


def _files_at(path: Path) -> list[Path]:
    """As :func:`find_files`, for one path; may raise ``OSError`` too."""
    name = one_line(str(path))
    if path.is_dir():
        inside = _walk(path)
        if not inside:
            raise DocumentError(f"{name}: no files to index in this folder. It reads {known_formats()}.")
        return [_absolute(file) for file in inside]
    if path.exists():
        return [path.resolve()]
    if path.is_symlink():
        raise DocumentError(f"{name}: this symbolic link leads nowhere or to itself. Point it to a file, or remove it.")
    raise DocumentError(f"{name}: no such file or folder. Check how it is spelled.")


def passed_over(paths: Sequence[Path]) -> Counter[str]:
    """How many files in the folders among ``paths`` :func:`find_files` leaves out for their types, by extension.

    Extensions are in lower case; that of a file without one is ``""``. Hidden files and files that are named are not counted.
    """
    # Not Path.is_dir(), which raises for a path in a folder that may not be entered.
    folders = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112
    named = {_absolute(path) for path in paths if path not in folders}
    others = {
        _absolute(file): one_line(file.suffix.lower())
        for folder in folders
        for file in _below(folder)
        if not is_known(file)
    }
    return Counter(suffix for file, suffix in others.items() if file not in named)


def sources_in(path: Path, on_other: Callable[[str], None] | None = None) -> Iterator[Source]:
    """What can become documents in the file ``path``: the members of an archive, or the file itself.

    Members are treated as files of a folder are: those with a known extension are taken, hidden ones left out. Archives in an
    archive are not opened; reading one says so. An archive stays open until the iterator ends.

    Args:
        path: of the file.
        on_other: told the extension of each member that is left out for its type, as :func:`passed_over` has them.

    Raises:
        DocumentError: the file is an archive that cannot be read, or that holds nothing that can be read.
    """
    if path.suffix.lower() not in ARCHIVES:
        yield Source(str(path), partial(read_source, path))
        return
    _check_name(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error
    with file, open_zip(file, str(path)) as archive:
        names: set[str] = set()
        for member in archive.infolist():
            inner = PurePosixPath(member.filename.replace("\\", "/"))
            if member.filename.endswith("/") or any(
                part.startswith((".", "__MACOSX")) and part != ".." for part in inner.parts
            ):
                continue
            name = f"{path}{MEMBER}{one_line(member.filename)}"
            if inner.suffix.lower() in NESTED:
                yield Source(
                    name, partial(_refuse, f"{name}: archives inside archives are not read. Extract it first.")
                )
            elif name in names:
                reason = (
                    f"{name}: the archive has several members of this name; only the first is read. Rename the others."
                )
                name = f"{name} ({member.header_offset})"
                yield Source(name, partial(_refuse, reason))
            elif is_known(inner):
                yield Source(name, partial(_member, archive, member, name))
            else:
                if on_other is not None:
                    on_other(one_line(inner.suffix.lower()))
                continue
            names.add(name)
        if not names:
            raise DocumentError(f"{path}: no files to index in this archive. It reads {known_formats()}.")


def read_source(path: Path) -> SourceFile:
    """Read a file's bytes.

    Raises:
        DocumentError: it cannot be read, is empty, is larger than files of its kind may be, or has a name that cannot be
            stored.
    """
    _check_name(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            os.scandir(path).close()  # says what keeps the folder from being listed
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{path}: not a regular file. Give a file or a folder.")
        if status.st_size > _limit(str(path)):
            raise too_large(str(path), status.st_size, _limit(str(path)))
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return _source(str(path), content)


def parse(source: SourceFile) -> LoadedFile:
    """Make the canonical text of a file, by its extension; an unknown extension is read as plain text.

    Raises:
        DocumentError: the content cannot be read in that format, or holds no words.
    """
    try:
        parsed = load(source)
    except DocumentError:
        raise
    except Exception as error:
        # Parsers of foreign files fail in ways of their own; one such file must not keep the others out of the index.
        reason = one_line(f"{type(error).__name__}: {error}")[:200]
        raise DocumentError(
            f"{source.name}: it cannot be read as {source.suffix or 'text'} ({reason}). Save it again."
        ) from error
    if not parsed.text or parsed.text.isspace():
        raise no_text(source.name)
    title = _title_from_name(source.name) if parsed.title is None else parsed.title
    size = len(source.content)
    return LoadedFile(source.name, title, parsed.text, source.sha256, size, parsed.pages, parsed.date, parsed.note)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> SourceFile:
    return _source(name, read_member(archive, member, name, _limit(member.filename)))


def _source(name: str, content: bytes) -> SourceFile:
    if not content:
        raise DocumentError(f"{name}: the file is empty. Get a complete copy, or leave it out.")
    return SourceFile(name, content, hashlib.sha256(content).hexdigest())


def _limit(name: str) -> int:
    """Most bytes that a file of that name may have. It is asked for before any of them are read."""
    return MAX_BYTES if PurePosixPath(name).suffix.lower() in _WITH_PICTURES else MAX_TEXT


def _check_name(path: Path) -> None:
    if one_line(str(path)) != str(path):
        raise DocumentError(f"{one_line(str(path))}: its name holds bytes that are no letters. Rename it.")


def _refuse(reason: str) -> SourceFile:
    raise DocumentError(reason)


def _absolute(path: Path) -> Path:
    """``path`` with its links followed; as it stands when they run in a circle, so that reading it says so."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return path.absolute()


def _walk(folder: Path) -> list[Path]:
    """The known files below ``folder``, and what folders there cannot be listed."""
    unlisted: list[Path] = []
    known = [file for file in _below(folder, lambda error: unlisted.append(Path(error.filename))) if is_known(file)]
    return known + unlisted


def _below(folder: Path, on_error: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """All files below ``folder`` but hidden ones; ``on_error`` is told of folders that cannot be listed."""
    for root, folders, names in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


def _title_from_name(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    return re.sub(r"[\s_]+", " ", path.stem).strip() or path.name
