"""Example questions to click: read from a SQuAD data set or from a text file with one question a line."""

import json
from pathlib import Path

from index.errors import InputError

SHOWN = 3
_LONGEST = 70  # characters that fit on a button


def read_examples(path: Path, shown: int = SHOWN) -> list[str]:
    """A few short questions spread over ``path``; of a data set, only those that have an answer.

    Raises:
        InputError: the file cannot be read or is in neither form.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"The example questions in {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The example questions in {path} cannot be read: it is not UTF-8 text.") from error
    lines = _answerable(text, path) if text.lstrip().startswith("{") else text.splitlines()
    short = [line.strip() for line in lines if 0 < len(line.strip()) <= _LONGEST]
    return short[:: max(len(short) // shown, 1)][:shown]


def _answerable(text: str, path: Path) -> list[str]:
    """Questions of a SQuAD data set that have an answer, in the order of the file."""
    try:
        entries = [
            entry
            for article in json.loads(text)["data"]
            for paragraph in article["paragraphs"]
            for entry in paragraph["qas"]
        ]
        return [str(entry["question"]) for entry in entries if entry.get("answers")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is neither a SQuAD data set nor a text file with one question a line.") from error
