"""Two places beside each other: whether the second answers a question that the first does, and in another way.

The two are marked in their texts and read in one window, by the network that answers are read with: its first stage as it
is, its second with a small change to each product (:mod:`qa.reader.adapting`) and a head of its own over what both places
and the window as a whole look like at the end. So the words and what they mean are weighed, where the signals of
:mod:`qa.claims.signals` only count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from index.errors import ModelError
from index.runtime import processors
from qa.reader.backends import Batch, Floats, Int64s, Look, StagedBackend
from qa.reader.onnx import OnnxModel, spread

_ASKED = 40
_BEFORE, _PLACE, _AFTER, _BETWEEN = 100, 40, 60, 120
"""Most tokens of the question, before a place, of it, after it, and between two of one text."""
_MARKS = (("{", "}"), ("[", "]"))
"""What stands around the first and the second place. They are words that the first stage knows, and hardly any article has."""


class Mixture(BaseModel):
    """``p = 1 / (1 + exp(-(constant + signals * s + network * n)))``, ``s`` the logit of the signals, ``n`` the network's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    constant: float
    signals: float
    network: float


class Rival(BaseModel):
    """How much speaks for a place before the best one, by the reader's scores and by what the network says of either beside
    the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    constant: float
    behind: float
    other: float
    own: float

    def logit(self, ahead: float, other: float, own: float) -> float:
        """The logit that the other place is right and the best one is not, where one of them is.

        Args:
            ahead: by how much its score (a calibrated logit) is above that of the best; mostly negative.
            other: the logit that it answers, beside the best.
            own: the logit that the best answers, beside it.
        """
        return self.constant + self.behind * ahead + self.other * other + self.own * own


class Comparison(BaseModel):
    """What the network's logits count beside the signals of :mod:`qa.claims.signals`, and beside the reader's scores; fitted on
    pairs of places that neither was fitted on. Without ``rival`` the reader's scores alone say which place is the best."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Mixture
    differs: Mixture
    rival: Rival | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """Some text, and the place in it that counts: the characters ``[start, end)``, at least one."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Logits of the second of two places: ``answers`` that it answers the question too, in the same way or another;
    ``differs`` that it is another answer, which speaks against the first."""

    answers: float
    differs: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two marked places as tokens.

    Attributes:
        ids: of all tokens.
        asked: how many of them, from the first on, are the question's, with its special tokens.
        first, second: where in them the places are, with the mark in front: from, and up to but not including.
    """

    ids: list[int]
    asked: int
    first: tuple[int, int]
    second: tuple[int, int]


class Pairing:
    """Makes windows of pairs of places."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """``tokenizer`` is that of the network."""
        self._tokenizer = tokenizer
        self._marks = [(self._id(before), self._id(after)) for before, after in _MARKS]
        self._first, self._between = self._id("[CLS]"), self._id("[SEP]")

    def pair(self, question: str, one: Marked, other: Marked) -> Pair:
        """Both places in one window; once, where they stand in the same text with little between them."""
        ids = [self._first, *self._tokens(question)[:_ASKED], self._between]
        asked = len(ids)
        if one.text == other.text and (one.end <= other.start or other.end <= one.start):
            ahead, behind = sorted((0, 1), key=lambda which: (one, other)[which].start)
            places = (one, other)[ahead], (one, other)[behind]
            between = self._tokens(one.text[places[0].end : places[1].start])
            if len(between) <= _BETWEEN:
                found = {ahead: self._place(ids, places[0], ahead)}
                ids += between
                found[behind] = self._mark(ids, places[1], behind)
                ids += [*self._tokens(one.text[places[1].end :])[:_AFTER], self._between]
                return Pair(ids, asked, found[0], found[1])
        first = self._place(ids, one, 0)
        ids += [*self._tokens(one.text[one.end :])[:_AFTER], self._between]
        second = self._place(ids, other, 1)
        ids += [*self._tokens(other.text[other.end :])[:_AFTER], self._between]
        return Pair(ids, asked, first, second)

    def _place(self, ids: list[int], place: Marked, which: int) -> tuple[int, int]:
        ids += self._tokens(place.text[: place.start])[-_BEFORE:]
        return self._mark(ids, place, which)

    def _mark(self, ids: list[int], place: Marked, which: int) -> tuple[int, int]:
        before, after = self._marks[which]
        start = len(ids)
        ids += [before, *self._tokens(place.text[place.start : place.end])[:_PLACE]]
        end = len(ids)
        ids.append(after)
        return start, end

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelError(f"The tokenizer has no {token}, which pairs of places are marked with.")
        return int(found)


@dataclass(frozen=True)
class Head:
    """What makes logits of the last layer.

    Attributes:
        inner: float32 ``[n, 3 * hidden]``, and its ``inner_bias`` ``[n]``.
        outer: float32 ``[2, n]``, and its ``outer_bias`` ``[2]``.
    """

    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "Head":
        """The head among the arrays of ``pairs.safetensors``. Raises KeyError when it lacks a part."""
        return cls(
            *(arrays[f"head.{name}"].astype(np.float32) for name in ("inner", "inner_bias", "outer", "outer_bias"))
        )

    def logits(self, hidden: Floats, pair: Pair) -> Compared:
        """The logits of a window, ``hidden`` float32 ``[tokens, hidden]``: of [CLS] and the means of both places."""
        seen = [hidden[0], *(hidden[start:end].mean(axis=0) for start, end in (pair.first, pair.second))]
        answers, differs = self.outer @ np.tanh(self.inner @ np.concatenate(seen) + self.inner_bias) + self.outer_bias
        return Compared(float(answers), float(differs))


class Comparer:
    """Compares places with the network of a reader."""

    def __init__(
        self,
        backend: StagedBackend,
        rest: bytes,
        head: Head,
        tokenizer: Tokenizer,
        comparison: Comparison,
        threads: int | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            backend: of the reader, whose first stage is used.
            rest: an ONNX model that goes on from there: ``hidden`` in, ``last`` out, float32 ``[1, tokens, hidden]`` both.
            head: what its last layer is judged by.
            tokenizer: of the reader.
            comparison: what its logits count.
            threads: how many to use; one for each processor this process may use when ``None``.

        Raises:
            ModelError: ``rest`` is no such model.
        """
        self.comparison = comparison
        self._backend = backend
        self._head = head
        self._pairing = Pairing(tokenizer)
        self._threads = processors() if threads is None else threads
        self._rest = OnnxModel(rest, self._threads, "The network that compares places")
        self._rest.needs({"hidden"}, {"last"})

    def compare(self, question: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Compared]:
        """The logits of each pair's second place beside its first, for ``question``."""
        made = [self._pairing.pair(question, one, other) for one, other in pairs]
        looks = self._backend.look([batch_of(pair) for pair in made]) if made else []
        return spread(
            self._threads,
            [len(pair.ids) for pair in made],
            lambda place, alone: self._head.logits(self._finish(looks[place], alone=alone), made[place]),
        )

    def _finish(self, look: Look, *, alone: bool) -> Floats:
        session = self._rest.alone if alone else self._rest.sharing
        last: Floats = session.run(["last"], {"hidden": look.hidden})[0][0]
        return last


def batch_of(pair: Pair) -> Batch:
    """The window of a pair as the first stage takes it."""
    ids: Int64s = np.array([pair.ids], dtype=np.int64)
    kinds: Int64s = np.ones_like(ids)
    kinds[0, : pair.asked] = 0
    return Batch(ids, np.ones_like(ids), kinds)
