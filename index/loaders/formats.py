"""Which formats are read, and what reads them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from index.errors import DocumentError
from index.loaders.base import NotText, Parsed, SourceFile
from index.loaders.docx import load_docx
from index.loaders.epub import load_epub
from index.loaders.html import load_html
from index.loaders.pdf import load_pdf
from index.loaders.plain import load_markdown, load_plain

LOADERS: dict[str, Callable[[SourceFile], Parsed]] = {
    ".docx": load_docx,
    ".epub": load_epub,
    ".htm": load_html,
    ".html": load_html,
    ".markdown": load_markdown,
    ".md": load_markdown,
    ".pdf": load_pdf,
    ".text": load_plain,
    ".txt": load_plain,
    ".xhtml": load_html,
}
"""Known extensions and what reads them."""
ARCHIVES = frozenset({".zip"})
"""Extensions of files whose members are documents of their own."""
NESTED = (*ARCHIVES, ".7z", ".bz2", ".gz", ".rar", ".tar", ".tbz2", ".tgz", ".txz", ".xz", ".zst")
"""Extensions of archives that are not opened when they are members of another one."""
# Of the types of files that are left out; an extension is whatever follows the last dot of a name.
_TYPES_NAMED = 8
_LONGEST_TYPE = 20  # characters


def is_known(path: Path | PurePosixPath) -> bool:
    """Whether a file of that name is taken from a folder."""
    return path.suffix.lower() in LOADERS or path.suffix.lower() in ARCHIVES


def known_formats() -> str:
    """All known extensions, for a message."""
    return ", ".join(sorted({*LOADERS, *ARCHIVES}))


def count_others(others: Counter[str]) -> str:
    """How many files are left out for their types, and which types: for a message.

    Args:
        others: how many there are of each extension, at least one in all; that of a file without one is ``""``.
    """
    # A folder of programs has dozens of types; the most frequent ones tell what it holds.
    first = sorted(others, key=lambda extension: (-others[extension], not extension, extension))[:_TYPES_NAMED]
    names = [extension[:_LONGEST_TYPE] if extension else "no extension" for extension in first]
    number = others.total()
    files = "1 file of another type" if number == 1 else f"{number:,} files of other types"
    return f"{files} ({', '.join([*names, '…'] if len(others) > len(names) else names)})"


def load(source: SourceFile) -> Parsed:
    """Read a file by its extension; an unknown extension is read as plain text.

    Raises:
        DocumentError: the content cannot be read in that format.
    """
    loader = LOADERS.get(source.suffix)
    if loader is not None:
        return loader(source)
    try:
        return load_plain(source)
    except NotText as error:
        advice = "Extract it" if source.suffix in NESTED else "Save it as PDF or DOCX, or as UTF-8 if it is text"
        raise DocumentError(
            f"{source.name}: this is a binary file, and not of a type that is read ({known_formats()}). {advice}."
        ) from error
