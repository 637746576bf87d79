"""From files to documents: finding them, decoding them, and making the one canonical text that offsets point into.

The canonical text of a plain text is its decoded content with ``\\r\\n`` and ``\\r`` turned into ``\\n`` and a byte-order mark
dropped. That of Markdown is what a reader of the rendered page sees, without markup, with blank lines between blocks.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from index.documents import Page
from index.errors import DocumentError

MAX_BYTES = 512 * 1024 * 1024
"""Largest source file that is read, in bytes."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a loader makes of a file: its canonical text, a title, the page map if it has pages, and its identity."""

    source: str
    title: str
    text: str
    sha256: str
    size: int
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's content and identity before it is parsed. ``sha256`` is of ``content``."""

    path: Path
    content: bytes
    sha256: str


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files to index under ``paths``.

    A file that is named is always taken; of a folder, every file below it with a known extension, hidden ones left out and
    symbolic links to folders not followed.

    Returns:
        Absolute paths without duplicates, in the order given; those of a folder sorted.

    Raises:
        DocumentError: a path does not exist, or a folder holds nothing that can be read.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [file for file in _walk(path) if file.suffix.lower() in LOADERS]
            if not inside:
                raise DocumentError(f"{path}: no files to index in this folder. It reads {', '.join(sorted(LOADERS))}.")
            found.update(dict.fromkeys(file.resolve() for file in inside))
        elif path.exists():
            found[path.resolve()] = None
        else:
            raise DocumentError(f"{path}: no such file or folder.")
    return list(found)


def read_source(path: Path) -> SourceFile:
    """Read a file's bytes.

    Raises:
        DocumentError: it cannot be read, is empty, or is larger than :data:`MAX_BYTES`.
    """
    try:
        if not path.is_file():
            raise DocumentError(f"{path}: not a regular file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(
                f"{path}: {size / 2**20:.0f} MiB is more than the {MAX_BYTES // 2**20} MiB a file may have."
            )
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror}).") from error
    if not content:
        raise DocumentError(f"{path}: the file is empty.")
    return SourceFile(path, content, hashlib.sha256(content).hexdigest())


def parse(source: SourceFile) -> LoadedFile:
    """Make the canonical text of a file, by its extension; an unknown extension is read as plain text.

    Raises:
        DocumentError: the content is not text, or holds no words.
    """
    text, title = LOADERS.get(source.path.suffix.lower(), _plain_text)(source)
    if not text.strip():
        raise DocumentError(f"{source.path}: there is no text in this file.")
    return LoadedFile(str(source.path), title, text, source.sha256, len(source.content))


def _walk(folder: Path) -> list[Path]:
    files: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files.extend(Path(root, name) for name in sorted(names) if not name.startswith("."))
    return files


def decode(source: SourceFile) -> str:
    """The text of a file: by its byte-order mark, else as UTF-8, else in the encoding that fits best.

    Raises:
        DocumentError: the bytes are no text in any encoding.
    """
    content = source.content
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return canonical_newlines(content.decode(encoding))
            except UnicodeDecodeError as error:
                raise DocumentError(f"{source.path}: starts as {encoding} but is broken: {error.reason}.") from error
    if b"\x00" in content:
        raise DocumentError(f"{source.path}: this is a binary file, not text.")
    try:
        return canonical_newlines(content.decode("utf-8"))
    except UnicodeDecodeError:
        # charset-normalizer, not chardet: kept up, small, and already needed by other dependencies.
        import charset_normalizer

        guess = charset_normalizer.from_bytes(content).best()
    if guess is None:
        raise DocumentError(f"{source.path}: this is not text in any known encoding. Save it as UTF-8.")
    return canonical_newlines(str(guess))


def canonical_newlines(text: str) -> str:
    """``text`` with every line end as ``\\n``, as a browser would show it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _title_from_name(path: Path) -> str:
    return re.sub(r"[\s_]+", " ", path.stem).strip() or path.name


def _plain_text(source: SourceFile) -> tuple[str, str]:
    return decode(source), _title_from_name(source.path)


def _markdown(source: SourceFile) -> tuple[str, str]:
    from index.markdown import markdown_text

    text, title = markdown_text(decode(source))
    return text, _title_from_name(source.path) if title is None else title


LOADERS: dict[str, Callable[[SourceFile], tuple[str, str]]] = {
    ".txt": _plain_text,
    ".text": _plain_text,
    ".md": _markdown,
    ".markdown": _markdown,
}
"""Known extensions and what reads them: source -> (canonical text, title)."""
