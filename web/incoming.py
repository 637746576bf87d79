"""Private folders that uploads fill up. Several processes may have theirs in one place."""

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

_INCOMING = ".incoming"
_ABANDONED_SECONDS = 6 * 3600.0
_TOUCHED_SECONDS = 600.0


class IncomingFolders:
    """The folders that uploads of this process fill up, or that its jobs read. Safe to use from several threads.

    Nobody but this process removes them while it lives: it touches them every ten minutes, and what has not been touched for
    six hours was left behind by a process that was killed.
    """

    def __init__(self) -> None:
        """There are none yet."""
        self._held: set[Path] = set()
        self._lock = threading.Lock()
        self._touching = False

    def make(self, kept_in: Path | None) -> Path:
        """Make a folder, removing those that others have left behind.

        Args:
            kept_in: folder that originals are kept in; ``None`` when they are not kept.
        """
        if kept_in is None:
            folder = Path(tempfile.mkdtemp(prefix="footnote-upload-"))
        else:
            incoming = kept_in / _INCOMING
            kept_in.mkdir(mode=0o700, parents=True, exist_ok=True)
            incoming.mkdir(mode=0o700, exist_ok=True)
            self._clear_abandoned(incoming)
            folder = Path(tempfile.mkdtemp(dir=incoming))
        with self._lock:
            self._held.add(folder)
            if not self._touching:
                self._touching = True
                threading.Thread(target=self._touch, name="footnote-incoming", daemon=True).start()
        return folder

    def remove(self, folder: Path) -> None:
        """Remove a folder with what is in it; nothing happens when it is gone."""
        shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._held.discard(folder)

    def _clear_abandoned(self, incoming: Path) -> None:
        """Remove what a Footnote that was killed has left; another one may be using the same folder right now."""
        with self._lock:
            held = set(self._held)
        for folder in incoming.iterdir():
            try:
                untouched = time.time() - folder.stat().st_mtime
            except FileNotFoundError:
                continue  # another process was faster
            if folder not in held and untouched > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def _touch(self) -> None:
        """Tell other processes that the folders are in use, until there are none; files that arrive tell it too seldom."""
        while True:
            time.sleep(_TOUCHED_SECONDS)
            with self._lock:
                if not self._held:
                    self._touching = False
                    return
                for folder in self._held:
                    try:
                        os.utime(folder)
                    except OSError:
                        continue  # somebody took it away: whoever reads its files says so
