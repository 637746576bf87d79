"""Making text that comes from documents, file names and questions inert.

Two places show such text: the source panel, which is HTML, and the chat, whose messages are Markdown with some HTML in
it. Both functions turn every character that could mean something there into a character reference, which a browser
shows as that very character and interprets as nothing else. A third makes text fit to be written at all.
"""

import re

# Beyond what HTML itself needs: braces, the dollar sign, the backquote and the backslash mean something to the page's
# template engines, and a bare carriage return would become a line feed while the browser parses it.
_HTML_SPECIAL = re.compile(r"[&<>\"'{}$`\\\r]")
# Every ASCII sign except a few that mean nothing in Markdown. The dot, the colon and the at sign are among the escaped
# ones because web and mail addresses would become links, the brackets because "2024)" would begin a list.
_MARKDOWN_SPECIAL = re.compile(r"[!-&(-+\--/:<-@\[-`{-~]")
_SPACE = re.compile(r"\s+")
# HTML cannot hold a NUL at all, not even as a character reference.
_NUL, _NUL_SHOWN = "\0", "\N{REPLACEMENT CHARACTER}"


def _as_reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def html_text(text: str) -> str:
    """``text`` for the inside of an HTML element or a quoted attribute, character for character."""
    return _HTML_SPECIAL.sub(_as_reference, text.replace(_NUL, _NUL_SHOWN))


def markdown_text(text: str) -> str:
    """``text`` for one line of Markdown or of HTML within it; runs of white space become one space."""
    one_line = _SPACE.sub(" ", text.replace(_NUL, _NUL_SHOWN))
    return _MARKDOWN_SPECIAL.sub(_as_reference, one_line)


def writable(text: str) -> str:
    """``text`` with question marks in place of half characters, which JSON can carry and no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
