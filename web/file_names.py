"""Names of uploaded files, made safe to keep on any computer and to show in a list."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

_LONGEST_STEM = 120  # bytes of UTF-8; file systems take 255 for a whole name
_LONGEST_SUFFIX = 12
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_UNNAMED = "document"


def safe_name(name: str) -> str:
    """A file name made of what a browser says a file is called.

    Only the last part of a path is kept. Control characters, marks that change the direction of writing, other invisible
    characters and half characters go; signs that some file system gives a meaning to become
    ``_``. Names that Windows keeps for devices get a ``_`` in front, leading dots (hidden files) and trailing dots and
    spaces go, and long names are cut, the extension kept. The result is never empty and has no part that leads elsewhere.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(
        " " if character in "\t\n\r" else character
        for character in unicodedata.normalize("NFC", last)
        if character in "\t\n\r" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    plain = " ".join(_NOT_IN_NAMES.sub("_", shown).split()).lstrip(". ").rstrip(". ")
    path = PurePosixPath(plain)
    suffix = path.suffix if len(path.suffix) <= _LONGEST_SUFFIX and path.suffix.isascii() else ""
    stem = plain[: len(plain) - len(suffix)] if suffix else plain
    stem = stem.encode()[:_LONGEST_STEM].decode("utf-8", "ignore").rstrip(". ")
    if not stem:
        stem = _UNNAMED
    if _RESERVED.fullmatch(stem.split(".")[0].rstrip()):
        stem = f"_{stem}"
    return f"{stem}{suffix}"


def free_name(name: str, taken: Callable[[str], bool]) -> str:
    """``name``, or the first of ``stem (2).suffix``, ``stem (3).suffix``, … that is not ``taken``."""
    path = PurePosixPath(name)
    candidate, number = name, 2
    while taken(candidate):
        candidate = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return candidate
