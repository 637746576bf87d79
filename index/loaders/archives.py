"""Zip files, opened with limits: archives of documents, and the containers that DOCX and EPUB files are.

Nothing is ever unpacked to disk, so a member's name is only a name, wherever it points to.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from index.errors import DocumentError

MAX_UNPACKED = 2 * 1024**3
"""Most that the members of one archive may hold together, in bytes."""
MAX_MEMBERS = 100_000
"""Most members that an archive may have."""
MAX_RATIO = 200
"""Most bytes that one byte of an archive may unpack to, when it unpacks to more than :data:`RATIO_MATTERS` bytes."""
RATIO_MATTERS = 16 * 1024**2

_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


@contextmanager
def open_zip(file: IO[bytes], name: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip file for reading.

    Args:
        file: where its bytes are.
        name: what to call it in messages.

    Raises:
        DocumentError: it is damaged, or would unpack to more than the limits of this module allow.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise DocumentError(f"{name}: this zip file is damaged or cut short. Get a complete copy.") from error
    with archive:
        members = archive.infolist()
        packed = sum(member.compress_size for member in members)
        unpacked = sum(member.file_size for member in members)
        if len(members) > MAX_MEMBERS:
            raise DocumentError(
                f"{name}: {len(members)} members are more than the {MAX_MEMBERS} that are read. Extract it."
            )
        # Members of a bomb may share their packed bytes, so what they are said to take is no more than the file has.
        size = file.seek(0, 2)
        if unpacked > MAX_UNPACKED or (unpacked > RATIO_MATTERS and unpacked > MAX_RATIO * min(packed, size)):
            raise DocumentError(
                f"{name}: {size / 2**20:.1f} MiB would unpack to {unpacked / 2**20:.0f} MiB, which looks like a zip bomb. "
                "If you trust it, extract it and add the files."
            )
        yield archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    """The bytes of one member.

    Args:
        archive: from :func:`open_zip`.
        member: one of its ``infolist``.
        name: what to call it in messages.
        limit: most bytes that it may have.

    Raises:
        DocumentError: it is encrypted, damaged, larger than ``limit``, or packed in an unknown way.
    """
    if member.flag_bits & 0x1:
        raise DocumentError(f"{name}: it is encrypted. Extract it with its password and add the file.")
    if member.file_size > limit:
        raise DocumentError(
            f"{name}: {member.file_size / 2**20:.0f} MiB is more than the {limit // 2**20} MiB a file may have."
        )
    try:
        # Never more than ``file_size`` bytes come out, whatever the packed bytes would unpack to.
        return archive.read(member)
    except NotImplementedError as error:
        raise DocumentError(
            f"{name}: it is packed in a way that is not read ({error}). Extract it and add the file."
        ) from error
    except (*_DAMAGED, RuntimeError) as error:
        raise DocumentError(f"{name}: it is damaged in its archive ({error}). Get a complete copy.") from error
