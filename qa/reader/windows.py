"""From texts to model inputs, keeping for every token the characters it stands for.

A window is the question together with as much of one passage as fits; a longer passage is read in several windows that
overlap. Token offsets are widened to whole character clusters, so a span can never begin or end inside a letter with its
combining marks or an emoji sequence.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import regex
from numpy.typing import NDArray

from index.errors import QuestionError
from index.sentences import sentence_spans

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_CLUSTER = regex.compile(r"\X")
# Characters that belong to no word: those around which BERT's tokenizers cut.
_BETWEEN_WORDS = regex.compile(r"[\t\n\r\p{Z}\p{P}$+<=>^`|~]")


@dataclass(frozen=True, slots=True)
class Window:
    """One model input and its way back to the text.

    Attributes:
        passage: which of the given texts it reads.
        ids, type_ids: token ids and segment ids, of equal length.
        tokens: positions in ``ids`` of the text's tokens, int64 of shape (n,), ascending.
        starts, ends: character offsets into the text for each of these tokens, int64 of shape (n,).
        begins_word, ends_word: bool of shape (n,), whether a word begins or ends with the token.
        segments: int64 of shape (n,), ascending: the number of the sentence that the token stands in.
    """

    passage: int
    ids: list[int]
    type_ids: list[int]
    tokens: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    begins_word: NDArray[np.bool_]
    ends_word: NDArray[np.bool_]
    segments: NDArray[np.int64]


class Windower:
    """Makes windows with one tokenizer."""

    def __init__(self, tokenizer: "Tokenizer", max_length: int, stride: int) -> None:
        """Use a copy of ``tokenizer``.

        Args:
            tokenizer: a fast tokenizer whose pair template is (question, text).
            max_length: most tokens of a window, special tokens included.
            stride: how many tokens of the text two neighbouring windows share.
        """
        # Two copies, because truncation is a state of a tokenizer and windows are made in several threads at once.
        self._whole, self._windowed = (type(tokenizer).from_str(tokenizer.to_str()) for _ in range(2))
        for copy in (self._whole, self._windowed):
            copy.no_padding()
            copy.no_truncation()
        self._windowed.enable_truncation(max_length, stride=stride, strategy="only_second")
        # A third of the window stays for the question at the most, so that windows move on.
        self.max_question_tokens = max_length // 3

    @property
    def fingerprint(self) -> str:
        """The SHA-256, in hexadecimal, of what decides the windows: the tokenizer, their length and the stride."""
        return hashlib.sha256(self._windowed.to_str().encode("utf-8", "surrogatepass")).hexdigest()

    def windows(self, question: str, texts: Sequence[str]) -> list[Window]:
        """Windows for ``question`` over each of ``texts``, in order.

        Raises:
            QuestionError: the question has more than a third of a window's tokens.
        """
        length = len(self._whole.encode(question, add_special_tokens=False).ids)
        if length > self.max_question_tokens:
            raise QuestionError(
                f"The question is too long for the reader: {length} tokens, at most {self.max_question_tokens} can be read. "
                "Ask a shorter one."
            )
        encodings = self._windowed.encode_batch([(question, text) for text in texts])
        return [
            window
            for passage, (text, encoding) in enumerate(zip(texts, encodings, strict=True))
            for window in _windows(passage, text, encoding)
        ]


def _windows(passage: int, text: str, encoding: "Encoding") -> Iterator[Window]:
    edges = cluster_edges(text)
    word_edges = _word_edges(text)
    # A passage begins where a sentence does, which is in the middle of a line where lines are wrapped by hand.
    sentences = np.array([span.start for span in sentence_spans(text, part=True)], dtype=np.int64)
    for part in (encoding, *encoding.overflowing):
        # Each is a list made anew whenever it is asked for.
        all_offsets, all_words = part.offsets, part.word_ids
        kept: list[int] = []
        spans: list[tuple[int, int]] = []
        for position, (sequence, (start, end)) in enumerate(zip(part.sequence_ids, all_offsets, strict=True)):
            if sequence != 1:
                continue
            begin = start
            # Of some tokens the space before a word is part.
            while begin < end and text[begin].isspace():
                begin += 1
            if begin < end:
                kept.append(position)
                spans.append((begin, end))
        if not kept:
            continue
        offsets = np.array(spans, dtype=np.int64)
        words = [all_words[position] for position in kept]
        changes = np.array(
            [True, *(before is None or before != after for before, after in pairwise(words)), True], dtype=np.bool_
        )
        yield Window(
            passage=passage,
            ids=part.ids,
            type_ids=part.type_ids,
            tokens=np.array(kept, dtype=np.int64),
            starts=edges[np.searchsorted(edges, offsets[:, 0], side="right") - 1],
            ends=edges[np.searchsorted(edges, offsets[:, 1], side="left")],
            # To tokenizers that keep the spaces all that stands between two of them is one word, commas and all. Of several
            # tokens for one character only the first begins a word, and the last ends one.
            begins_word=changes[:-1] | word_edges[offsets[:, 0]] & (np.diff(offsets[:, 0], prepend=-1) != 0),
            ends_word=changes[1:] | word_edges[offsets[:, 1]] & (np.diff(offsets[:, 1], append=-1) != 0),
            segments=np.searchsorted(sentences, offsets[:, 0], side="right"),
        )


def _word_edges(text: str) -> NDArray[np.bool_]:
    """For every offset into ``text``, its length included, whether what stands on one side of it belongs to no word."""
    edges = np.zeros(len(text) + 1, dtype=np.bool_)
    between = np.array([match.start() for match in _BETWEEN_WORDS.finditer(text)], dtype=np.int64)
    edges[between] = edges[between + 1] = True
    edges[[0, -1]] = True
    return edges


def cluster_edges(text: str) -> NDArray[np.int64]:
    """Offsets at which ``text`` may be cut: between grapheme clusters (Unicode UAX 29), 0 and its length included.

    Returns:
        int64, ascending, of shape (clusters + 1,).
    """
    if text.isascii() and "\r" not in text:
        return np.arange(len(text) + 1, dtype=np.int64)
    return np.array([0, *(cluster.end() for cluster in _CLUSTER.finditer(text))], dtype=np.int64)
