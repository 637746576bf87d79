"""The sentence encoder: its graph against plain numpy, what is kept of it, and the real model against sentence-transformers."""

import hashlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from index.batching import batch_rows
from index.encoder import MiniLMEncoder, SentenceTransformersEncoder
from index.encoder import network as encoder_network
from index.encoder.cache import kept_graph
from index.encoder.graph import BertShape, Precision, build_graph
from index.encoder.int8 import PROBE_RESULT, quantize_columns
from index.encoder.network import SentenceNetwork, exact_int8, load_tokenizer
from index.errors import ModelError

ROOT = Path(__file__).parent.parent.parent
WORDS = ["the", "ship", "sail", "##s", "##ing", "harbour", "a", "storm", "came", "."]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
LAYERS, HIDDEN, HEADS, INNER, POSITIONS, LIMIT = 2, 32, 4, 64, 24, 16

Tensors = dict[str, NDArray[np.float32]]


def make_tensors() -> Tensors:
    """Random weights, large enough that attention is far from uniform."""
    random = np.random.default_rng(7)

    def draw(*shape: int, scale: float = 0.5) -> NDArray[np.float32]:
        return (random.standard_normal(shape) * scale).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": draw(len(VOCABULARY), HIDDEN, scale=1),
        "embeddings.position_embeddings.weight": draw(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": draw(2, HIDDEN),
    }

    def norm(name: str) -> None:
        tensors.update({f"{name}.weight": 1 + draw(HIDDEN, scale=0.2), f"{name}.bias": draw(HIDDEN)})

    def linear(name: str, inputs: int, outputs: int) -> None:
        tensors.update({f"{name}.weight": draw(outputs, inputs), f"{name}.bias": draw(outputs)})

    norm("embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{layer}.attention.{part}", HIDDEN, HIDDEN)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", HIDDEN, INNER)
        linear(f"{layer}.output.dense", INNER, HIDDEN)
        norm(f"{layer}.output.LayerNorm")
    return tensors


def make_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    # As the packaged one does, whose settings must not be obeyed.
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    return tokenizer


@dataclass(frozen=True)
class Tiny:
    """A model in a folder."""

    folder: Path
    fingerprint: str
    tensors: Tensors

    def network(self, cache: Path, threads: int = 1, precision: Precision = "fp32") -> SentenceNetwork:
        tokenizer = load_tokenizer(self.folder)
        return SentenceNetwork(
            self.folder, self.fingerprint, tokenizer, precision=precision, threads=threads, cache=cache
        )


def make_tiny(folder: Path, config: dict[str, object] | None = None, limit: object = LIMIT) -> Tiny:
    tensors = make_tensors()
    save_file(tensors, folder / "model.safetensors")
    make_tokenizer().save(str(folder / "tokenizer.json"))
    sizes = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "num_hidden_layers": LAYERS,
        "hidden_size": HIDDEN,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "vocab_size": len(VOCABULARY),
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(sizes | ({} if config is None else config)), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": limit}), encoding="utf-8")
    fingerprint = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    return Tiny(folder, fingerprint, tensors)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def network(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> SentenceNetwork:
    return tiny.network(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def int8_network(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> SentenceNetwork:
    return tiny.network(tmp_path_factory.mktemp("cache"), precision="int8")


@pytest.fixture(scope="module")
def three_threads(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> SentenceNetwork:
    return tiny.network(tmp_path_factory.mktemp("cache"), threads=3)


@contextmanager
def small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder_network, "_BATCH_TOKENS", 24)
        patch.setattr(encoder_network, "_SLICE_TEXTS", 5)
        yield


def in_numpy(tensors: Tensors, ids: list[int]) -> NDArray[np.float64]:
    """The vector of one text without padding, as the papers define it, in float64."""

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ tensors[f"{name}.weight"].T.astype(np.float64) + tensors[f"{name}.bias"]

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(axis=-1, keepdims=True)
        unit = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return unit * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def split(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x.reshape(len(ids), HEADS, -1).transpose(1, 0, 2)

    words, places = (tensors[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position"))
    kind = tensors["embeddings.token_type_embeddings.weight"][0]
    x = norm(words[ids].astype(np.float64) + places[: len(ids)] + kind, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        q, k, v = (split(linear(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(HIDDEN / HEADS))
        mixed = (scores / scores.sum(axis=-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
        x = norm(x + linear(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        wide = linear(x, f"{layer}.intermediate.dense")
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        x = norm(x + linear(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


texts = st.lists(
    st.lists(
        st.sampled_from(["the", "ship", "sails", "sailing", "Harbour", "a", "storm", "unheard", "."]), max_size=20
    ).map(" ".join),
    max_size=12,
)


class TestGraph:
    @given(texts)
    @example([])
    @example([""])
    @example(["", "ship " * 40, "a"])
    def test_is_the_network_that_numpy_computes(self, tiny: Tiny, network: SentenceNetwork, given: list[str]) -> None:
        tokenizer = make_tokenizer()
        tokenizer.enable_truncation(LIMIT)
        tokenizer.no_padding()
        found = network.encode(given)
        assert found.dtype == np.float32
        assert found.shape == (len(given), HIDDEN)
        for text, vector in zip(given, found, strict=True):
            np.testing.assert_allclose(vector, in_numpy(tiny.tensors, tokenizer.encode(text).ids), atol=1e-5)

    @given(texts)
    def test_a_vector_depends_on_its_own_text_only(
        self, network: SentenceNetwork, three_threads: SentenceNetwork, given: list[str]
    ) -> None:
        alone = [network.encode([text])[0] for text in given]
        counts: list[int] = []
        with small_batches():
            together = three_threads.encode(given, counts.append)
        assert sum(counts) == len(given)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)

    @pytest.mark.parametrize("precision", ["fp32", "int8"])
    def test_is_built_the_same_every_time_and_holds_no_weights(self, tiny: Tiny, precision: Precision) -> None:
        shape = BertShape.read(tiny.folder)
        assert build_graph(shape, precision) == build_graph(shape, precision)
        assert len(build_graph(shape, precision)) < 15_000

    def test_serves_several_threads_at_once(self, network: SentenceNetwork) -> None:
        given = [" ".join(WORDS[: 1 + number % 7]) for number in range(40)]
        expected = network.encode(given)
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda _: network.encode(given), range(12)):
                np.testing.assert_array_equal(found, expected)

    def test_an_interrupt_stops_the_work(self, three_threads: SentenceNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
        run, begun = three_threads._run, []

        def slow(ids: list[list[int]]) -> NDArray[np.float32]:
            begun.append(len(ids))
            time.sleep(0.02)
            return run(ids)

        def interrupt(count: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(three_threads, "_run", slow)
        monkeypatch.setattr(encoder_network, "_BATCH_TOKENS", 1)
        with pytest.raises(KeyboardInterrupt):
            three_threads.encode(["the ship sails"] * 50, interrupt)
        assert 1 <= len(begun) < 25
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]


@pytest.fixture(scope="module")
def suitable_network(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> SentenceNetwork:
    """As the encoder runs on this processor: in int8 if its sums are exact."""
    cache = tmp_path_factory.mktemp("cache")
    return tiny.network(cache, precision=MiniLMEncoder(cache=cache).precision)


class TestInt8:
    @given(texts)
    @example(["", "ship " * 40, "a"])
    def test_is_close_to_fp32_where_it_is_used(
        self, network: SentenceNetwork, suitable_network: SentenceNetwork, given: list[str]
    ) -> None:
        found = suitable_network.encode(given)
        assert found.dtype == np.float32
        # The middle of random networks is worse than a trained one, but no other text's vector is as near.
        assert ((found * network.encode(given)).sum(axis=1) > 0.98).all()

    @given(texts)
    def test_a_vector_depends_on_its_own_text_only(self, int8_network: SentenceNetwork, given: list[str]) -> None:
        alone = [int8_network.encode([text])[0] for text in given]
        with small_batches():
            together = int8_network.encode(given)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)

    @given(arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-9, 9, width=32)))
    @example(np.array([[1e-45], [2e-43]], dtype=np.float32))
    def test_weights_are_within_half_a_step(self, matrix: NDArray[np.float32]) -> None:
        rounded, scale = quantize_columns(matrix)
        assert rounded.dtype == np.int8
        assert (np.abs(rounded * scale - matrix) <= scale / 2 * 1.001).all()

    def test_the_probe_tells_saturating_products(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class Saturating:
            """As processors without VNNI: a pair of products holds 32,767 at the most."""

            def run(self, names: list[str], given: dict[str, NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
                pairs = (given["x"].astype(np.int64) * 127).reshape(1, -1, 2).sum(axis=2)
                return [np.minimum(pairs, 32_767).sum(axis=1, keepdims=True).astype(np.float32)]

        exact = np.full((1, 64), 255) @ np.full((64, 1), 127)
        assert float(exact[0, 0]) == PROBE_RESULT
        monkeypatch.setattr(encoder_network, "_session", lambda graph, weights: Saturating())
        assert not exact_int8(tmp_path)
        assert MiniLMEncoder(cache=tmp_path).precision == "fp32"
        assert MiniLMEncoder(cache=tmp_path, precision="int8").precision == "int8"


class TestBatches:
    @given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 600))
    def test_every_row_once_within_the_budget_in_order_of_length(self, lengths: list[int], budget: int) -> None:
        batches = batch_rows(lengths, budget)
        rows = [row for batch in batches for row in batch]
        assert sorted(rows) == list(range(len(lengths)))
        assert [lengths[row] for row in rows] == sorted(lengths)
        for batch in batches:
            assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget


class TestDamage:
    def test_other_weights_are_refused(self, tiny: Tiny, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="not the official ones"):
            SentenceNetwork(tiny.folder, "0" * 64, load_tokenizer(tiny.folder), precision="fp32", cache=tmp_path)

    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ({"model_type": "roberta"}, "model_type must be bert"),
            ({"hidden_act": "relu"}, "hidden_act must be gelu"),
            ({"hidden_size": None}, "does not tell the encoder's sizes"),
            ({"intermediate_size": 65}, "should be float32 of shape"),
            ({"num_hidden_layers": 3}, "missing"),
        ],
    )
    def test_a_config_of_another_network_is_refused(
        self, tmp_path: Path, config: dict[str, object], message: str
    ) -> None:
        with pytest.raises(ModelError, match=message):
            make_tiny(tmp_path, config).network(tmp_path / "cache")

    @pytest.mark.parametrize("limit", [None, "16", 1, POSITIONS + 1])
    def test_an_impossible_limit_is_refused(self, tmp_path: Path, limit: object) -> None:
        with pytest.raises(ModelError, match="max_seq_length"):
            make_tiny(tmp_path, limit=limit).network(tmp_path / "cache")

    @pytest.mark.parametrize("name", ["model.safetensors", "config.json", "sentence_bert_config.json"])
    def test_a_missing_file_is_named(self, tmp_path: Path, name: str) -> None:
        model = make_tiny(tmp_path)
        (tmp_path / name).unlink()
        with pytest.raises(ModelError, match=f"{name} cannot be read"):
            model.network(tmp_path / "cache")

    def test_a_damaged_tokenizer_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
        with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
            load_tokenizer(tmp_path)

    @pytest.mark.parametrize("content", ["{", "[]"])
    def test_a_damaged_config_is_named(self, tmp_path: Path, content: str) -> None:
        model = make_tiny(tmp_path)
        (tmp_path / "config.json").write_text(content, encoding="utf-8")
        with pytest.raises(ModelError, match=r"config\.json"):
            model.network(tmp_path / "cache")

    def test_bytes_that_are_no_safetensors_are_refused(self, tmp_path: Path) -> None:
        model = make_tiny(tmp_path)
        (tmp_path / "model.safetensors").write_bytes(b"no weights")
        fingerprint = hashlib.sha256(b"no weights").hexdigest()
        with pytest.raises(ModelError, match="no safetensors file"):
            SentenceNetwork(model.folder, fingerprint, load_tokenizer(model.folder), precision="fp32", cache=tmp_path)


class TestKeptGraph:
    def test_is_built_once(self, tmp_path: Path) -> None:
        builds: list[bytes] = []

        def build() -> bytes:
            builds.append(b"graph")
            return builds[-1]

        for _ in range(3):
            assert kept_graph(tmp_path / "new" / "folder", "g.onnx", build) == b"graph"
        assert len(builds) == 1
        assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["g.onnx", "g.onnx.sha256"]

    @pytest.mark.parametrize("name", ["g.onnx", "g.onnx.sha256"])
    @pytest.mark.parametrize("content", [b"", b"grapf", b"\xff" * 64, None])
    def test_is_built_anew_when_damaged(self, tmp_path: Path, name: str, content: bytes | None) -> None:
        kept_graph(tmp_path, "g.onnx", lambda: b"graph")
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(content)
        assert kept_graph(tmp_path, "g.onnx", lambda: b"graph") == b"graph"
        assert (tmp_path / "g.onnx").read_bytes() == b"graph"
        assert (tmp_path / "g.onnx.sha256").read_text() == hashlib.sha256(b"graph").hexdigest()

    def test_a_folder_that_cannot_be_written_is_no_error(self, tiny: Tiny, tmp_path: Path) -> None:
        # A file in its place: also an administrator, whom no permission stops, cannot make that folder.
        (tmp_path / "cache").write_bytes(b"")
        assert tiny.network(tmp_path / "cache").encode(["the ship"]).shape == (1, HIDDEN)
        assert (tmp_path / "cache").read_bytes() == b""

    def test_a_full_disk_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        assert kept_graph(tmp_path, "g.onnx", lambda: b"graph") == b"graph"
        assert list(tmp_path.iterdir()) == []

    def test_the_network_uses_it(self, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = tiny.network(tmp_path).encode(["the ship"])
        (name,) = (path.name for path in tmp_path.glob("*.onnx"))
        assert name.startswith(f"encoder-{tiny.fingerprint[:12]}-fp32-")
        monkeypatch.setattr(encoder_network, "build_graph", lambda shape, precision: pytest.fail("built again"))
        np.testing.assert_array_equal(tiny.network(tmp_path).encode(["the ship"]), first)


def test_importing_loads_no_library() -> None:
    heavy = {"torch", "transformers", "sentence_transformers", "onnx", "onnxruntime", "tokenizers", "safetensors"}
    code = (
        "import sys, index.encoder.graph; from index.encoder import MiniLMEncoder; MiniLMEncoder(); "
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_runtime_keeps_no_record_of_its_use(tiny: Tiny, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from index.encoder.network import SentenceNetwork, load_tokenizer; "
        f"folder = Path({str(tiny.folder)!r}); "
        f"SentenceNetwork(folder, {tiny.fingerprint!r}, load_tokenizer(folder), precision='int8').encode(['the ship'])"
    )
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | homes
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment)
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all("footnote" in path.parts for path in files)


def varied_texts() -> list[str]:
    """Two hundred texts: sentences and passages of articles, and what no article holds."""
    odd = [
        "",
        " ",
        "\n\t ",
        "a",
        "?",
        "[SEP] [MASK]",
        "[PAD] [PAD]",
        "\x00",
        "\u0301",
        "İstanbul naïve ﬁ ß",
        "日本語のテキスト",
    ]
    odd += [
        "👩‍👩‍👧‍👦 family",
        "x" * 150,
        "word " * 1000,
        "don't U.S.A. 3.14 %",
        "Кто призвал к прекращению огня?",
        "עברית",
        "हिन्दी",
    ]
    odd += [" ".join(["ship"] * count) for count in (252, 253, 254, 255, 256)]
    found = [*odd]
    for path in sorted((ROOT / "benchmarks" / "news" / "articles").glob("*.txt")):
        words = path.read_text(encoding="utf-8").split()
        found += [" ".join(words[first : first + 3 + first % 50]) for first in range(0, len(words), 31)]
    return found[:200]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> MiniLMEncoder:
    return MiniLMEncoder(cache=tmp_path_factory.mktemp("cache"), precision="fp32")


@pytest.mark.models
class TestRealModel:
    def test_vectors_are_those_of_sentence_transformers(self, encoder: MiniLMEncoder) -> None:
        reference = SentenceTransformersEncoder()
        given = varied_texts()
        assert len(given) == 200
        cosines = (encoder.encode(given) * reference.encode(given)).sum(axis=1)
        assert cosines.min() >= 0.9999
        assert (encoder.name, encoder.fingerprint) == (reference.name, reference.fingerprint)
        assert encoder.dimension == reference.dimension == encoder.encode(["a"]).shape[1]
        for text in given:
            assert encoder.token_spans(text) == reference.token_spans(text)

    def test_int8_stays_near_where_it_is_used(self, encoder: MiniLMEncoder, tmp_path: Path) -> None:
        fast = MiniLMEncoder(cache=tmp_path)
        given = [text for text in varied_texts() if len(text.split()) > 4]
        assert len(given) > 100
        cosines = (fast.encode(given) * encoder.encode(given)).sum(axis=1)
        assert cosines.min() >= 0.995
        assert cosines.mean() >= 0.998

    def test_a_vector_does_not_depend_on_the_batch(self, encoder: MiniLMEncoder) -> None:
        given = varied_texts()[::9]
        alone = np.concatenate([encoder.encode([text]) for text in given])
        np.testing.assert_allclose(encoder.encode(given), alone, atol=1e-5)

    def test_token_spans_leave_special_tokens_out(self, encoder: MiniLMEncoder) -> None:
        assert encoder.token_spans("Ships, sailing") == [(0, 5), (5, 6), (7, 14)]
        assert len(encoder.token_spans("ship " * 300)) == 300

    def test_neither_loading_nor_encoding_imports_torch(self, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from index.encoder import MiniLMEncoder; "
            f"MiniLMEncoder(cache=Path({str(tmp_path)!r})).encode(['a question']); "
            "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stdout.strip() == "[]"
