"""What an LLM wrote, cut into sentences with the citation marks that belong to each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.sentences import sentence_spans
from qa.phrasing.verbatim import MARK

# List signs, numbers of a list, headings and quoted lines: layout that was not asked for.
_LAYOUT = re.compile(r"(?:(?:[-*•>]|#{1,6}|\d{1,2}[.)])\s+)*")
_FULL_STOPS = ".!?…。！？।"
_CLOSING = "\"'”’»)]*_」』`"
# What goes on with a sentence after a mark: a sign, or a quotation mark or emphasis that closes as no word follows it.
_GOING_ON = re.compile(r"[.,;:!?…)\]}、。，；：！？」』]|[\"'”’»`*_]+(?!\w)")
# The stop that a model sets after a mark though the sentence has one before it: "in the U.S. [1]."
_SECOND_STOP = re.compile(
    rf"(?<=[{_FULL_STOPS}])(?P<closing>[\"'”’»」』)\]*_`]*)(?P<marks>(?:{MARK.pattern})+)\s*\.(?!\.)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as it was written.

    Attributes:
        segments: its text cut at its citation marks, which are left out; at least one.
        numbers: what the marks cite, each number once, in order.
        line: number of its line.
    """

    segments: tuple[str, ...]
    numbers: tuple[int, ...]
    line: int

    @property
    def text(self) -> str:
        """The whole sentence, without its marks."""
        return "".join(self.segments).strip()

    def after(self, earlier: "Written") -> "Written":
        """This sentence with the one before it, which has no marks, as one."""
        first = f"{''.join(earlier.segments).strip()} {self.segments[0].lstrip()}"
        return Written((first, *self.segments[1:]), self.numbers, self.line)


def written_sentences(text: str) -> list[Written]:
    """Cut ``text`` into sentences, none of them empty.

    A line end always ends a sentence. So does a citation mark after a full stop, unless a small letter or a sign that goes
    on with the sentence follows; elsewhere the rules of :func:`index.sentences.sentence_spans` decide. A mark belongs to
    the sentence that it follows, and so do signs without a word.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [sentence for number, line in enumerate(lines) for sentence in _of_line(number, line)]


def _of_line(number: int, line: str) -> Iterator[Written]:
    line = " ".join(line.split())
    layout = _LAYOUT.match(line)
    if layout is not None:
        line = line[layout.end() :]
    line = _SECOND_STOP.sub(lambda match: match["closing"] + match["marks"], line)
    bare, marks = _without_marks(line)
    start = 0
    for end in _with_words(bare, _ends(bare, [place for place, _ in marks])):
        mine = [(place, cited) for place, cited in marks if start < place <= end or (start == 0 == place)]
        places = [start, *(place for place, _ in mine), end]
        segments = tuple(bare[low:high] for low, high in pairwise(places))
        numbers = tuple(dict.fromkeys(one for _, cited in mine for one in cited))
        yield Written(segments, numbers, number)
        start = end


def _with_words(bare: str, ends: Sequence[int]) -> list[int]:
    """``ends`` without those that cut off signs alone, which belong to the sentence before them, else to the next."""
    kept: list[int] = []
    start = 0
    for end in ends:
        if any(character.isalnum() for character in bare[start:end]):
            kept.append(end)
        elif kept:
            kept[-1] = end
        else:
            continue
        start = end
    return kept


def _ends(bare: str, places: Sequence[int]) -> list[int]:
    """Where the sentences of ``bare`` end, if marks stood at ``places``."""
    cuts: set[int] = set()
    start = 0
    # What a mark ends is cut by itself: quotation marks of another sentence would mislead the rules.
    for end in sorted({*(place for place in places if _ends_here(bare, place)), len(bare)}):
        cuts.update(start + span.end for span in sentence_spans(bare[start:end]))
        cuts.add(end)
        start = end
    return sorted(cuts)


def _without_marks(line: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """``line`` without citation marks, and for each mark its place in what is left and its numbers."""
    parts: list[str] = []
    marks: list[tuple[int, list[int]]] = []
    end = length = 0
    for mark in MARK.finditer(line):
        part = line[end : mark.start()]
        parts.append(part)
        length += len(part)
        marks.append((length, [int(number) for number in mark[1].split(",")]))
        end = mark.end()
    return "".join([*parts, line[end:]]), marks


def _ends_here(bare: str, place: int) -> bool:
    before = bare[:place].rstrip(_CLOSING)
    if not before or before[-1] not in _FULL_STOPS:
        return False
    following = bare[place:].lstrip()
    return bool(following) and not following[0].islower() and _GOING_ON.match(following) is None
