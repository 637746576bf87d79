"""Zip files, opened with limits: archives of documents, and the containers that DOCX and EPUB files are.

Nothing is ever unpacked to disk, so a member's name is only a name, wherever it points to.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from index.errors import DocumentError
from index.loaders.base import too_large

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNPACKED = 2 * 1024**3
"""Most that the members of one archive may hold together, in bytes."""
MAX_MEMBERS = 100_000
"""Most members that an archive may have."""
MAX_RATIO = 200
"""Most bytes that one byte of an archive may unpack to, when it unpacks to more than :data:`RATIO_MATTERS` bytes."""
RATIO_MATTERS = 16 * 1024**2
MAX_PART = 256 * 1024**2
"""Largest part of a container that is read, in bytes."""

# What zipfile is known to raise for damaged bytes.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    ValueError,
)


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
    except (*_DAMAGED, NotImplementedError) as error:
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
        raise too_large(name, member.file_size, limit)
    try:
        # Never more than ``file_size`` bytes come out, whatever the packed bytes would unpack to.
        return archive.read(member)
    except NotImplementedError as error:
        raise DocumentError(
            f"{name}: it is packed in a way that is not read ({error}). Extract it and add the file."
        ) from error
    except (*_DAMAGED, RuntimeError) as error:
        raise DocumentError(f"{name}: it is damaged in its archive ({error}). Get a complete copy.") from error


class Container:
    """The parts of a file that is a zip archive inside: a Word document, a book."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        """Read from ``archive``; call it ``name`` in messages."""
        self._archive = archive
        self.name = name

    def bytes_of(self, part: str) -> bytes | None:
        """A part; ``None`` when there is none of that name. Raises as :func:`read_member`."""
        try:
            member = self._archive.getinfo(part)
        except KeyError:
            return None
        return read_member(self._archive, member, self.name, MAX_PART)

    def xml(self, part: str) -> "_Element | None":
        """The root of an XML part, parsed without network, external entities or DTDs; ``None`` when there is no such part.

        Raises:
            DocumentError: it is not well-formed, or goes past the parser's limits on size and depth.
        """
        from lxml import etree

        content = self.bytes_of(part)
        if content is None:
            return None
        parser = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root: _Element = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise DocumentError(f"{self.name}: its part {part} is damaged ({reason}). Save it again.") from error
        return root
