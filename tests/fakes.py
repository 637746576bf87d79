"""Small stand-ins with predictable behaviour: an encoder of word counts and a reader that looks for shared words."""

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from qa.reader.backends import Batch, Logits
from qa.reader.calibration import Calibration
from qa.reader.reader import Reader, ReaderSettings
from qa.reader.windows import Windower

WORD = re.compile(r"\w+|[^\w\s]")
SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
BUCKETS = 4096


def bucket(word: str) -> int:
    """A number for a word that is the same in every process."""
    return int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4], "big") % BUCKETS


class FakeEncoder:
    """Texts that share words have similar vectors."""

    name = "fake"
    fingerprint = "0" * 64
    dimension = 64

    def __init__(self, fingerprint: str = "0" * 64) -> None:
        self.fingerprint = fingerprint
        self.encoded = 0

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, 0] = 0.1  # so that a text without words has a direction too
            for word in WORD.findall(text):
                vectors[row, bucket(word) % self.dimension] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self.encoded += len(texts)
        if on_progress is not None:
            on_progress(len(texts))
        return vectors

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in WORD.finditer(text)]


def fake_tokenizer() -> Tokenizer:
    """Words and punctuation marks as tokens, ids by hash, BERT's pair template."""
    vocabulary = {name: number for number, name in enumerate(SPECIAL)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return tokenizer


class FixedBackend:
    """Gives every window the logits that a function makes of its ids and shape."""

    batch_tokens = 4096

    def __init__(self, logits: Callable[[NDArray[np.int64], NDArray[np.int64]], Logits]) -> None:
        self._logits = logits
        self.batches: list[tuple[int, int]] = []

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        self.batches += [(int(batch.input_ids.shape[0]), int(batch.input_ids.shape[1])) for batch in batches]
        return [self._logits(batch.input_ids, batch.token_type_ids) for batch in batches]


class FakeReader(Reader):
    """Answers with the words after the last word shared with the question; confident when two words are shared."""

    def __init__(self) -> None:
        settings = ReaderSettings("fake", "1", "f" * 64, 30, Calibration(bias=0.0, weights={"span": 1.0}), 0.5)
        super().__init__(FixedBackend(_no_logits), Windower(fake_tokenizer(), 64, 16), settings)

    def logits(self, windows):  # type: ignore[no-untyped-def]
        raise AssertionError("the fake reader reads texts, not windows")

    def read(self, question, texts, *, top=5, **more):  # type: ignore[no-untyped-def]
        from qa.reader.calibration import probability
        from qa.reader.reading import Reading, ReadSpan

        asked = {word.lower() for word in WORD.findall(question) if len(word) > 3}
        spans = []
        for passage, text in enumerate(texts):
            words = list(WORD.finditer(text))
            shared = [place for place, word in enumerate(words) if word.group().lower() in asked]
            if words:
                place = min(shared[-1] + 1, len(words) - 1) if shared else 0
                score = 2.0 * len({words[at].group().lower() for at in shared}) - 3.0
                spans.append(ReadSpan(passage, *words[place].span(), score, probability(score)))
        spans.sort(key=lambda span: (-span.score, span.passage, span.start))
        confidence = spans[0].confidence if spans else 0.0
        return Reading(tuple(spans[:top]), confidence, confidence < self.threshold)


def _no_logits(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Logits:
    raise AssertionError("this backend is not meant to run")
