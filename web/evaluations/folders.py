"""Folders that hold something and its description: each appears whole, by a rename, or not at all."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from index.errors import InputError

ABOUT = "about.json"
_UNFINISHED = ".unfinished-"
_ABANDONED_SECONDS = 24 * 3600.0

Facts = TypeVar("Facts", bound=BaseModel)


def new_id() -> str:
    """A name for a folder: sixteen letters and digits that nobody guesses."""
    return secrets.token_hex(8)


class Folders(Generic[Facts]):
    """Folders of one kind, described by a model in their ``about.json``. Safe to use from several threads."""

    def __init__(self, place: Path, kind: type[Facts], limit: int) -> None:
        """Keep at most ``limit`` folders in ``place``, which is made with the first one."""
        self._place = place
        self._kind = kind
        self._limit = limit

    def path(self, name: str) -> Path:
        """The folder called ``name``.

        Raises:
            InputError: there is none.
        """
        found = self._place / name
        if not name.isalnum() or not (found / ABOUT).is_file():
            raise InputError("It is no longer there. Reload the page to see what is.")
        return found

    def facts(self, name: str) -> Facts:
        """The description of the folder called ``name``; raises ``InputError`` if there is none that can be read."""
        try:
            return self._kind.model_validate_json((self.path(name) / ABOUT).read_bytes())
        except (OSError, ValidationError) as error:
            raise InputError(f"{self._place / name}: its description cannot be read.") from error

    def every(self) -> list[Facts]:
        """The descriptions of all folders, those made last first; broken ones are passed over."""
        if not self._place.is_dir():
            return []
        found = [path for path in self._place.iterdir() if (path / ABOUT).is_file() and path.name.isalnum()]
        found.sort(key=lambda path: (path / ABOUT).stat().st_mtime_ns, reverse=True)
        described: list[Facts] = []
        for path in found:
            try:
                described.append(self.facts(path.name))
            except InputError:
                continue
        return described

    def check_room(self) -> None:
        """Raise ``InputError`` if there are too many to add one."""
        if len(self.every()) >= self._limit:
            raise InputError(f"{self._limit} are kept already. Remove one first.")

    def add(self, name: str, fill: Callable[[Path], Facts]) -> Facts:
        """Make the folder called ``name``.

        Args:
            name: of :func:`new_id`.
            fill: puts its files into a folder and gives its description; if it raises, nothing is left behind.

        Raises:
            InputError: there are too many, or it cannot be written.
        """
        self.check_room()
        unfinished = self._place / f"{_UNFINISHED}{name}"
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            self._remove_abandoned()
            unfinished.mkdir(mode=0o700)
            facts = fill(unfinished)
            write(unfinished, {ABOUT: facts.model_dump_json(indent=1)})
            unfinished.rename(self._place / name)
            return facts
        except OSError as error:
            raise InputError(f"{self._place}: cannot be written ({error.strerror}).") from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def remove(self, name: str) -> None:
        """Remove the folder called ``name``; raises ``InputError`` if there is none."""
        shutil.rmtree(self.path(name))

    def _remove_abandoned(self) -> None:
        """Remove what a process that died left unfinished."""
        for path in self._place.glob(f"{_UNFINISHED}*"):
            # Another process may tidy up at the same time.
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files, by name; all of them are on the disk when this returns."""
    for name, text in texts.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
