"""The parts of an enumeration: "A, B and C" is three answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import Span
from qa.claims.patterns import FINITE
from qa.claims.unlisted import is_cut_short, is_made_of, is_other_deed, is_range, tells_deed
from qa.claims.words import WORD

_JOIN = r"(?:and|or|but also|as well as|together with|along with)"
# "rents, noise and, above all, debts": what stands between the commas only weighs the part after it.
_WEIGHED = r"(?:,\s+(?!and\b|or\b)[a-z][^,;.]{0,70},)?"
_DIVIDER = re.compile(
    rf",\s+(?:{_JOIN}{_WEIGHED}\s+)?(?:a (?:second|third|fourth|fifth), )?|\s+{_JOIN}{_WEIGHED}\s+|;\s+(?:{_JOIN}\s+)?"
)
_CONJUNCTION = re.compile(rf"\b{_JOIN}\b")
_OPENING = re.compile(r"(?:both|either|not only|the following:)\s+", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|said|says|which|who|that|not)\b|[A-Z][\w’-]+\s[a-z]{2,}ed\b"
)
# At the beginning of a sentence it is written with a capital, and makes no name.
_DETERMINER = re.compile(r"^(?:The|An?|His|Her|Its|Their|Our)\s(?=[a-z])")
_DETERMINED = re.compile(r"(?:the|a|an|his|her|its|their|our|former|once|now|\w+['’]s)\s")
_PERSON = (
    r"(?:\w+(?:er|or|ist|man|woman|ian|ee|smith|ent|ant)|head|chief|bishop|judge|king|queen|deputy|captain|general|colonel|aide"
    r"|envoy|guard|chair|coach|boss|cousin|wife|husband|son|friend|pilot|nurse|secretary|colleague|counterpart)"
)
# "The bishop of Rovanka", "a surveyor": what a person is, perhaps with the name of a place.
_ROLE = re.compile(
    rf"(?:the|a|an|his|her|its|their|our|[\w ]+['’]s)\s(?:[\w-]+\s){{0,2}}?{_PERSON}\b(?:\s(?:of|for|from|in|at)\b.*)?$"
)
_NAMED_ROLE = re.compile(rf"(?:(?:the|a|an|his|her|its|their|our)\s)?(?:[\w-]+\s){{0,2}}?{_PERSON}(?:\s[A-Z][\w'’-]+)+")
_ASIDE = re.compile(r"(?:who|which|whose|whom|where|when|according to|both of whom|once|now|then)\b")
_BARRIER = re.compile(r"[;:()\"“”—–]|\s-\s|[.!?]\s")
_AND = re.compile(r"\b(?:and|or|as well as)\b|;")
_APART = 120
"""Most characters between two parts."""
_LONGEST = 8
"""Most words of one part."""
_TWO_PAIRS = 4
_AGE = re.compile(r"(?:aged )?\d{1,3}")
_MORE = re.compile(rf",?\s+{_JOIN}\s+(?P<part>[^,.;:()\"“”\n]+)(?=[,.;](?!\w)|\s*$)")


def parts_of(text: str, start: int, end: int) -> list[Span]:
    """The parts of the characters ``[start, end)`` of ``text``, if these are an enumeration; else an empty list.

    None is long or has a verb of its own. A comma alone makes no enumeration ("Oslen, the capital"); its last part comes
    after "and" or the like. What only describes a name beside it is no part ("Anna Stone, the mayor, and Paul Reed").
    """
    chunks = _chunks(text, start, end)
    spans = [Span(chunk.start, chunk.end) for chunk in chunks]
    if is_range(text, spans) or is_made_of(text, spans):
        return []
    if any(chunk.joined and is_other_deed(text, spans[0], span) for chunk, span in zip(chunks, spans, strict=True)):
        return []
    if any(not _may_be_part(text[chunk.start : chunk.end]) for chunk in chunks):
        return []
    return _items(text, chunks)


def _chunks(text: str, start: int, end: int) -> list["_Chunk"]:
    """What stands between the dividers in ``[start, end)``."""
    cuts = list(_DIVIDER.finditer(text, start, end))
    begins = [_opened(text, low, end) for low in (start, *(cut.end() for cut in cuts))]
    ends = [*(cut.start() for cut in cuts), end]
    joints = ["", *(cut.group() for cut in cuts)]
    return [_Chunk(low, high, joint) for low, high, joint in zip(begins, ends, joints, strict=True)]


def _opened(text: str, start: int, end: int) -> int:
    """``start``, or where the words go on after "both" and the like."""
    opening = _OPENING.match(text, start, end)
    return start if opening is None else opening.end()


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Characters ``[start, end)`` and the divider before them, empty before the first."""

    start: int
    end: int
    joint: str

    @property
    def joined(self) -> bool:
        """Whether it comes after "and" or the like."""
        return _CONJUNCTION.search(self.joint) is not None


def _may_be_part(words: str) -> bool:
    if WORD.search(words) is None or len(words.split()) > _LONGEST or _VERB.search(words):
        return False
    # 'took "two heights and a village"': what is quoted as a whole is one part.
    return words.count('"') % 2 == 0 and words.count("“") == words.count("”")


def _items(text: str, chunks: Sequence[_Chunk]) -> list[Span]:
    """The chunks that are items, if together they are an enumeration; else an empty list."""
    words = [text[chunk.start : chunk.end] for chunk in chunks]
    described = {place for place in range(len(chunks)) if _describes(words, chunks, place)}
    kept = [chunk for place, chunk in enumerate(chunks) if place not in described]
    # "Tom and a neighbour, Ida Haan": the last one's description came after the "and".
    last = [chunk for chunk in chunks if chunk.start >= kept[-2].end] if len(kept) > 1 else []
    if not any(chunk.joined for chunk in last):
        return []
    # "Cats, dogs and cats" are two.
    items: dict[str, Span] = {}
    for one in kept:
        items.setdefault(" ".join(WORD.findall(text[one.start : one.end].lower())), Span(one.start, one.end))
    return list(items.values()) if len(items) > 1 else []


def _describes(words: Sequence[str], chunks: Sequence[_Chunk], place: int) -> bool:
    """Whether the chunk at ``place`` only describes the name beside it: "Bram Istvek, the commander, and Daro"."""
    mine = words[place]
    if place > 0 and chunks[place].joint.strip() == "," and _AGE.fullmatch(mine) and _is_named(words[place - 1]):
        return True
    if _alternate(words, chunks):
        return place % 2 == 1
    if _is_named(mine) and _ROLE.match(mine) is None:
        return False
    if place + 1 < len(words) and chunks[place + 1].joint.strip() == "," and _is_name(words[place + 1]):
        return True
    closed = place + 1 == len(words) or chunks[place + 1].joint.lstrip().startswith(",")
    # "Two of his teachers" do not describe him.
    return (
        place > 0
        and closed
        and chunks[place].joint.strip() == ","
        and _DETERMINED.match(mine) is not None
        and (_is_name(words[place - 1]) or _NAMED_ROLE.fullmatch(words[place - 1]) is not None)
    )


def _alternate(words: Sequence[str], chunks: Sequence[_Chunk]) -> bool:
    """Whether every second name tells where the one before it is: "Rome, Italy, and Paris, France"."""
    joints = [chunk.joint.strip() for chunk in chunks]
    return (
        len(words) >= _TWO_PAIRS
        and len(words) % 2 == 0
        and all(_is_name(one) for one in words)
        and set(joints[1::2]) == {","}
        and chunks[-2].joined
        and joints[-2].startswith(",")
    )


def enumeration_at(text: str, sentence: Span, start: int, end: int) -> list[Span]:
    """The items of the enumeration that the characters ``[start, end)`` begin, or are one item of.

    Unlike :func:`parts_of` this looks beyond them, within their sentence and its commas: over relative clauses and other
    asides, up to the item after "and", which ends before the next verb.
    """
    low = max((match.end() for match in _BARRIER.finditer(text, sentence.start, start)), default=sentence.start)
    barrier = _BARRIER.search(text, end, sentence.end)
    high = sentence.end if barrier is None else barrier.start()
    while high > end and not text[high - 1].isalnum():
        high -= 1
    chunks = _chunks(text, low, high)
    here = max(place for place, chunk in enumerate(chunks) if chunk.start <= start)
    items = [replace(chunks[here], start=start)]
    if not _may_be_part(text[start : chunks[here].end]):
        items = [_Chunk(start, end, "")] if _may_be_part(text[start:end]) else []
    else:
        items += _following(text, items[0], chunks[here + 1 :])
    if not items:
        return []
    for chunk in reversed(chunks[:here] if start == chunks[here].start else []):
        if not _may_be_part(text[chunk.start : chunk.end]) or chunk is chunks[0]:
            break
        items.insert(0, chunk)
    return _items(text, items)


def _following(text: str, first: _Chunk, chunks: Sequence[_Chunk]) -> list[_Chunk]:
    """The chunks that go on with an enumeration, which begins with ``first``."""
    found: list[_Chunk] = []
    joined = False
    for chunk in chunks:
        words = text[chunk.start : chunk.end]
        if not chunk.joined and _ASIDE.match(words):
            continue
        if chunk.joined and is_other_deed(text, Span(first.start, first.end), Span(chunk.start, chunk.end)):
            break
        if joined and not chunk.joined:
            # After the last item nothing but its description can follow.
            before = text[found[-1].start : found[-1].end]
            names = _is_name(words)
            whole = [first, *found, chunk]
            if _alternate([text[one.start : one.end] for one in whole], whole):
                found.append(chunk)
                break
            if _is_name(before) == names or not (names or _DETERMINED.match(words)) or not _may_be_part(words):
                break
            found.append(chunk)
            continue
        if not _may_be_part(words):
            verb = FINITE.search(words)
            if chunk.joined and verb is not None and _may_be_part(words[: verb.start()].rstrip()):
                found.append(replace(chunk, end=chunk.start + len(words[: verb.start()].rstrip())))
            break
        found.append(chunk)
        joined = joined or chunk.joined
    return found


def divided(text: str, start: int, end: int) -> bool:
    """Whether what may be a divider of an enumeration stands within the characters ``[start, end)``."""
    return _DIVIDER.search(text, start, end) is not None


def more_after(text: str, end: int) -> Span | None:
    """A last part that is joined to an enumeration, or to one answer, which ends at ``end``; ``None`` if there is none.

    "A recount and new maps, together with her resignation": the reader often stops before what is added.
    """
    match = _MORE.match(text, end)
    if match is None or len(match["part"].split()) > _LONGEST or _VERB.search(match["part"]):
        return None
    # "He bought a yacht, and sold two fields" has no third thing that he bought.
    if tells_deed(match["part"]):
        return None
    if text.startswith(".", match.end()) and is_cut_short(match["part"]):
        return None
    return Span(match.start("part"), match.start("part") + len(match["part"].rstrip()))


def _is_named(part: str) -> bool:
    """Whether a part has a capitalised word."""
    return any(word[0].isupper() for word in WORD.findall(_DETERMINER.sub("", part)))


def _is_name(part: str) -> bool:
    """Whether a part is nothing but a name: "General Bram Istvek", "Oslen"."""
    return all(word[0].isupper() for word in WORD.findall(part))


def is_one_name(text: str, parts: Sequence[Span]) -> bool:
    """Whether two parts may be one name: "Trinidad and Tobago", "Marks and Spencer", but not "Anna Stone and Paul Reed"."""
    if len(parts) != 2:
        return False
    first, second = (text[part.start : part.end] for part in parts)
    if "," in text[parts[0].end : parts[1].start] or not _is_named(first) or not _is_name(second):
        return False
    return not _is_name(first) or min(len(first.split()), len(second.split())) < 2


def coordinated(text: str, first: Span, second: Span) -> bool:
    """Whether two spans of one sentence stand side by side in an enumeration.

    "And" or "or" stands between them, with no sentence's end, or a comma with an "and" soon after: "X with A and Y with B",
    "A, B and C". A comma alone may be an apposition ("the president, Hana Rusk").
    """
    one, other = sorted((first, second), key=lambda span: span.start)
    between = text[one.end : other.start]
    if len(between) > _APART or re.search(r"[.!?]\s", between):
        return False
    if _AND.search(between) is not None:
        return True
    following = re.split(r"[.!?;]", text[other.end : other.end + _APART])[0]
    return "," in between and _AND.search(following) is not None
