"""Keeping the built graph from run to run, so that the library that builds it is imported once and not at every start.

Beside ``NAME`` stands ``NAME.sha256`` with its digest. A file that does not fit its digest was written by halves, damaged or
changed; it is built anew. Nothing but the graph is kept: no weights and nothing of any document.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept_graph(folder: Path, name: str, build: Callable[[], bytes]) -> bytes:
    """The content of the file ``name`` in ``folder``; built, and kept there if it can be, when it is not there intact.

    A folder that cannot be read or written changes nothing about the result, only how long the next start takes, so
    it is no error.
    """
    path, sidecar = folder / name, folder / f"{name}.sha256"
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest().encode() == sidecar.read_bytes():
            return content
    except OSError:
        pass  # not there yet, or not readable: both mean that it has to be built
    content = build()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, content)
        _write(sidecar, hashlib.sha256(content).hexdigest().encode())
    except OSError:
        pass  # see above
    return content


def _write(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that no other process sees a part of it, and none is left after a crash."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
