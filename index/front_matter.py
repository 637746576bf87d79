"""What a Markdown file says of itself before its text: a block of ``key: value`` lines between two lines of ``---``.

It is YAML, of which titles and dates need no more than plain and quoted values; a parser of all of it would be a dependency.
"""

import re

_FENCE = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_ENTRY = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]+(.*))?")
# Items of a list, values that go on, comments.
_MORE = re.compile(r"\s|-(?:\s|$)|#|[\]}]|$")
_QUOTED = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')\s*(?:#.*)?""")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_NULLS = frozenset({"~", "null"})
# Values that are not given on one line as they are: blocks, lists, references, tags.
_NOT_PLAIN = tuple("|>[{&*!%@`")


def split_front_matter(source: str) -> tuple[dict[str, str], str]:
    """Cut a block of ``key: value`` lines off the beginning of ``source``.

    Returns:
        Its plain and quoted values by their keys in lower case, without empty ones, and the text after it. No values, and
        all of ``source``, when it does not begin with such a block: two lines may stand around any other text.
    """
    match = _FENCE.match(source)
    # A blank line comes after a rule between paragraphs.
    if match is None or not match[1].partition("\n")[0].strip():
        return {}, source
    values: dict[str, str] = {}
    entries = 0
    for line in match[1].splitlines():
        entry = _ENTRY.fullmatch(line.rstrip())
        if entry is None:
            if _MORE.match(line) is None:
                return {}, source
            continue
        entries += 1
        value = _scalar("" if entry[2] is None else entry[2].strip())
        if value:
            values.setdefault(entry[1].lower(), value)
    return (values, source[match.end() :]) if entries else ({}, source)


def _scalar(value: str) -> str:
    """A value without its quotation marks and comment; ``""`` for one that is empty or no plain text."""
    quoted = _QUOTED.fullmatch(value)
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted[1] is not None else quoted[2].replace("''", "'")
    plain = _COMMENT.sub("", value).rstrip()
    return "" if plain.startswith(_NOT_PLAIN) or plain.lower() in _NULLS else plain
