"""Files on their way in: each upload is a private folder that fills up, then becomes a job or goes away."""

import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from index.errors import InputError
from web.file_names import safe_name
from web.incoming import IncomingFolders

_ABANDONED_SECONDS = 6 * 3600.0
_LEFT_SECONDS = 600.0  # after so long without a byte or a question, an upload makes room for another
_MIB = 2**20


class UploadRefused(InputError):
    """An upload goes beyond a limit, or does not exist any more."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one upload may bring; sizes in bytes.

    Attributes:
        file: largest file. The loaders read plain texts up to 64 MiB only.
        total: all files of an upload together.
        files: how many files.
        spare: disk space that has to stay free beyond twice the upload: it is kept, and its text and vectors are too.
        open_uploads: uploads that may be under way at once.
    """

    file: int = 512 * _MIB
    total: int = 2048 * _MIB
    files: int = 1000
    spare: int = 300 * _MIB
    open_uploads: int = 8


@dataclass(slots=True)
class StagedFile:
    """One file of an upload: its safe ``name``, where its bytes go, how many were announced, and their hash once here.

    ``arriving`` says that somebody is sending it just now.
    """

    name: str
    path: Path
    size: int
    sha256: str | None = None
    arriving: bool = False


@dataclass(slots=True)
class Upload:
    """Files that arrive together; ``heard`` is when something last came or was asked of it, on the monotonic clock."""

    id: str
    folder: Path
    files: list[StagedFile]
    began: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)

    def hear(self) -> None:
        """Whoever sends it is still there."""
        self.heard = time.monotonic()


class Receiver:
    """Takes the bytes of one file."""

    def __init__(self, upload: Upload, staged: StagedFile, limits: UploadLimits) -> None:
        """Write to where ``staged``, a file of ``upload``, says; raises ``OSError`` where that cannot be."""
        self._upload = upload
        self._staged = staged
        self._limits = limits
        self._file = staged.path.open("wb")
        self._hash = hashlib.sha256()
        self._received = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            UploadRefused: more came than was announced.
        """
        self._upload.hear()
        self._received += len(chunk)
        if self._received > min(self._staged.size, self._limits.file):
            raise UploadRefused(f"{self._staged.name}: more bytes arrived than it was said to have. Add it again.")
        self._file.write(chunk)
        self._hash.update(chunk)

    def close(self) -> None:
        """The file is whole.

        Raises:
            UploadRefused: bytes are missing.
        """
        self._upload.hear()
        self._file.close()
        self._staged.arriving = False
        if self._received != self._staged.size:
            raise UploadRefused(f"{self._staged.name}: it did not arrive whole. Add it again.")
        self._staged.sha256 = self._hash.hexdigest()

    def abort(self) -> None:
        """Forget what has arrived."""
        with suppress(OSError):  # its last bytes may not go onto a full disk, and are not wanted any more
            self._file.close()
        self._staged.arriving = False
        self._staged.path.unlink(missing_ok=True)


class Uploads:
    """The uploads under way. Safe to use from several threads."""

    def __init__(self, limits: UploadLimits) -> None:
        """Take uploads within ``limits``."""
        self.limits = limits
        self._open: dict[str, Upload] = {}
        self._folders = IncomingFolders()
        self._lock = threading.Lock()

    def begin(self, files: Sequence[tuple[str, int]], kept_in: Path | None) -> Upload:
        """Make room for files.

        Args:
            files: name, as the browser gives it, and size in bytes of each.
            kept_in: folder that originals are kept in; ``None`` when they are not kept.

        Raises:
            UploadRefused: a limit is passed, the disk is too full, or the folder cannot be written.
        """
        check_limits(files, self.limits)
        try:
            folder = self._folders.make(kept_in)
        except OSError as error:
            raise UploadRefused(
                f"The folder of uploads cannot be written ({error.strerror}). "
                "Make it writable, or free some space, then add again."
            ) from error
        try:
            total, free = sum(size for _, size in files), shutil.disk_usage(folder).free
            if free < 2 * total + self.limits.spare:
                raise UploadRefused(
                    f"The disk is too full: {megabytes(total)} to add, {megabytes(free)} free. Free some space, then add again."
                )
            staged = [
                # Not the file's own name: nothing that somebody else chose is used as a path until it is made safe.
                StagedFile(safe_name(name), folder / f"{number:05d}{PurePosixPath(safe_name(name)).suffix}", size)
                for number, (name, size) in enumerate(files)
            ]
            upload = Upload(secrets.token_urlsafe(12), folder, staged)
            with self._lock:
                self._drop_abandoned()
                if len(self._open) >= self.limits.open_uploads:
                    self._drop_left()
                if len(self._open) >= self.limits.open_uploads:
                    raise UploadRefused(
                        f"{len(self._open)} uploads are under way already. Wait until one is done, then add again."
                    )
                self._open[upload.id] = upload
        except BaseException:  # whatever it is, nobody else knows of the folder
            self._folders.remove(folder)
            raise
        return upload

    def receive(self, upload_id: str, number: int) -> Receiver:
        """Begin to take the bytes of a file.

        Raises:
            UploadRefused: there is no such upload or file, it is arriving already, or it cannot be written.
        """
        upload = self.get(upload_id)
        if not 0 <= number < len(upload.files):
            raise UploadRefused("This upload has no such file. Add the files again.")
        staged = upload.files[number]
        with self._lock:
            if staged.arriving:
                raise UploadRefused(f"{staged.name} is arriving already. Wait for it.")
            staged.arriving, staged.sha256 = True, None
        try:
            return Receiver(upload, staged, self.limits)
        except OSError as error:
            staged.arriving = False
            raise UploadRefused(
                f"{staged.name} cannot be written ({error.strerror}). Free some space, then add it again."
            ) from error

    def get(self, upload_id: str) -> Upload:
        """The upload of that id.

        Raises:
            UploadRefused: there is none.
        """
        with self._lock:
            upload = self._open.get(upload_id)
            if upload is not None:
                upload.hear()
        if upload is None:
            raise UploadRefused("This upload does not exist any more. Add the files again.")
        return upload

    def take(self, upload_id: str) -> Upload:
        """Hand an upload over: the caller has to :meth:`release` it. Raises as :meth:`get`, also when files are missing."""
        upload = self.get(upload_id)
        missing = [staged.name for staged in upload.files if staged.sha256 is None]
        if missing:
            raise UploadRefused(f"{missing[0]} has not arrived yet. Add the files again.")
        with self._lock:
            if self._open.pop(upload_id, None) is None:
                raise UploadRefused("This upload does not exist any more. Add the files again.")
        return upload

    def release(self, upload: Upload) -> None:
        """Forget the files of an upload that was taken."""
        self._folders.remove(upload.folder)

    def drop(self, upload_id: str) -> None:
        """Forget an upload and its files; nothing happens when there is none."""
        with self._lock:
            upload = self._open.pop(upload_id, None)
        if upload is not None:
            self._folders.remove(upload.folder)

    def _drop_abandoned(self) -> None:
        """Forget uploads whose browser went away; the lock is held."""
        old = [upload for upload in self._open.values() if time.monotonic() - upload.began > _ABANDONED_SECONDS]
        for upload in old:
            del self._open[upload.id]
            self._folders.remove(upload.folder)

    def _drop_left(self) -> None:
        """Forget the upload that was not heard of longest, if its tab seems to be closed; the lock is held."""
        left = min(self._open.values(), key=lambda upload: upload.heard, default=None)
        if left is not None and time.monotonic() - left.heard > _LEFT_SECONDS:
            del self._open[left.id]
            self._folders.remove(left.folder)


def check_limits(files: Sequence[tuple[str, int]], limits: UploadLimits) -> None:
    """Raise ``UploadRefused`` when ``files`` (name and size) go beyond ``limits``."""
    if not files:
        raise UploadRefused("There is no file in this upload.")
    if len(files) > limits.files:
        raise UploadRefused(
            f"{len(files):,} files are more than the {limits.files:,} of one upload. Put them into a zip file, or add a part."
        )
    for name, size in files:
        if size > limits.file:
            raise UploadRefused(
                f"{safe_name(name)}: {megabytes(size)} is more than the {megabytes(limits.file)} a file may have. "
                "Split it into smaller ones."
            )
    total = sum(size for _, size in files)
    if total > limits.total:
        raise UploadRefused(
            f"Together they have {megabytes(total)}; one upload may bring {megabytes(limits.total)}. Add a part at a time."
        )


def megabytes(size: int) -> str:
    """A size for a message."""
    return f"{size / _MIB:,.0f} MiB" if size >= _MIB else f"{size / 1024:,.1f} KiB"
