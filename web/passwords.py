"""Passwords of the page: hashed with scrypt, kept as lines ``USER:scrypt$N$R$P$SALT$HASH``.

``python -m web.passwords USER`` (or ``qa password USER``) asks for a password and prints such a line.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from index.errors import InputError

VARIABLE = "QA_AUTH"
"""Environment variable that holds the lines themselves."""
SHORTEST, LONGEST = 8, 1_000
# Work of one check: 32 MiB and about a tenth of a second (RFC 7914 calls the three N, r and p).
_COST, _BLOCKS, _PARALLEL = 2**15, 8, 1
# Bounds on what a file may ask for, lest a slip makes every check take minutes or none at all.
_COSTS, _MOST_MEMORY = range(2**14, 2**20 + 1), 2**30
_SALT_BYTES, _HASH_BYTES = 16, 32
_USER = re.compile(r"[A-Za-z0-9._@-]{1,64}")


def hash_password(password: str) -> str:
    """``password`` with a new salt, as ``scrypt$N$R$P$SALT$HASH``."""
    salt = secrets.token_bytes(_SALT_BYTES)
    made = _scrypt(password, salt, _COST, _BLOCKS, _PARALLEL)
    return "$".join(("scrypt", str(_COST), str(_BLOCKS), str(_PARALLEL), _text(salt), _text(made)))


class Accounts:
    """Who may see the page."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        """Know ``hashes``, one for each user name.

        Raises:
            InputError: one of them is not of the form that :func:`hash_password` makes, or there are none.
        """
        if not hashes:
            raise InputError("There is no user who may see the page. Make one with: qa password USER")
        self._parts = {user: _parts(user, stored) for user, stored in hashes.items()}
        # Checked when there is no such user, so that the time taken does not tell which names there are.
        self._nobody = _parts("nobody", hash_password(secrets.token_hex()))

    def check(self, user: str, password: str) -> bool:
        """Whether ``password`` is that of ``user``; takes as long when there is no such user."""
        cost, blocks, parallel, salt, expected = self._parts.get(user, self._nobody)
        given = _scrypt(password[: LONGEST + 1], salt, cost, blocks, parallel)
        return hmac.compare_digest(given, expected) and user in self._parts


def read_accounts(path: Path | None, variable: str | None = None) -> Accounts | None:
    """The accounts in a file, else in ``variable``; ``None`` when neither is given.

    Args:
        path: a file with a line for each user.
        variable: such lines, the value of :data:`VARIABLE`.

    Raises:
        InputError: the file cannot be read, or a line has another form.
    """
    if path is None and variable is None:
        return None
    name, lines = (f"the variable {VARIABLE}", variable or "") if path is None else (str(path), _read(path))
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines.splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        user, colon, stored = entry.partition(":")
        if not colon or not _USER.fullmatch(user) or user in hashes:
            raise InputError(f"Line {number} of {name} is no USER:HASH of its own. Make one with: qa password USER")
        hashes[user] = stored
    return Accounts(hashes)


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
        open_to_others = os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    except OSError as error:
        raise InputError(f"The file of passwords {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The file of passwords {path} cannot be read: it is not UTF-8 text.") from error
    if open_to_others:
        typer.echo(f"Others on this computer can read {path}. Close it with: chmod 600 {path}", err=True)
    return text


def _parts(user: str, stored: str) -> tuple[int, int, int, bytes, bytes]:
    """N, r, p, salt and hash of ``stored``."""
    problem = f"The hash of {user} is damaged. Make another with: qa password {user}"
    try:
        kind, cost, blocks, parallel, salt, made = stored.split("$")
        found = int(cost), int(blocks), int(parallel), _bytes(salt), _bytes(made)
    except (ValueError, binascii.Error) as error:
        raise InputError(problem) from error
    n, r, p, _, hashed = found
    powers = n in _COSTS and n & (n - 1) == 0 and 8 <= r <= 32 and 1 <= p <= 16 and 128 * n * r <= _MOST_MEMORY
    if kind != "scrypt" or not powers or len(found[3]) < _SALT_BYTES or len(hashed) != _HASH_BYTES:
        raise InputError(problem)
    return found


def _scrypt(password: str, salt: bytes, cost: int, blocks: int, parallel: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    memory = 128 * blocks * (cost + parallel + 2) + 2**20
    return hashlib.scrypt(data, salt=salt, n=cost, r=blocks, p=parallel, maxmem=memory, dklen=_HASH_BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def main(user: Annotated[str, typer.Argument(help="Name to log in with.")]) -> None:
    """Ask for a password and print the line to keep."""
    if not _USER.fullmatch(user):
        typer.echo("A user name has at most 64 letters, digits, dots, hyphens, underscores or at signs.", err=True)
        raise typer.Exit(2)
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not SHORTEST <= len(password) <= LONGEST:
        typer.echo(f"A password has at least {SHORTEST} characters and at most {LONGEST:,}.", err=True)
        raise typer.Exit(2)
    typer.echo(f"{user}:{hash_password(password)}")


if __name__ == "__main__":
    typer.run(main)
