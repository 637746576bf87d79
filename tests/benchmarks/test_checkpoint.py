"""A tiny reader goes from weights to a bundle and back to a Hugging Face checkpoint."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from benchmarks.checkpoint import CheckpointError, compare, recover, write_checkpoint, write_fp32_graph
from benchmarks.systems import SYSTEMS, Material, System
from qa.reader import load_reader
from qa.training.export import BundleSettings, export_bundle
from qa.training.nodes import GraphOptions, Precision

PASSAGES = ["the bridge over the river was built in 1874 .", "it rained ."]
QUESTION = "when was the bridge built ?"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = SPECIAL + sorted(set(" ".join([QUESTION, *PASSAGES]).split()))
HIDDEN, WIDE, LAYERS = 16, 32, 2
CONFIG = {
    "vocab_size": len(WORDS),
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": WIDE,
    "max_position_embeddings": 64,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}


def random_weights(relevance: bool) -> dict[str, npt.NDArray[np.float32]]:
    random = np.random.default_rng(0)
    weights: dict[str, npt.NDArray[np.float64]] = {}

    def linear(name: str, outputs: int, inputs: int) -> None:
        weights[f"{name}.weight"] = random.normal(0, 0.3, (outputs, inputs))
        weights[f"{name}.bias"] = random.normal(0, 0.3, outputs)

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = random.normal(1, 0.1, HIDDEN)
        weights[f"{name}.bias"] = random.normal(0, 0.1, HIDDEN)

    for name, count in (("word", len(WORDS)), ("position", 64), ("token_type", 2)):
        weights[f"bert.embeddings.{name}_embeddings.weight"] = random.normal(0, 1, (count, HIDDEN))
    norm("bert.embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"bert.encoder.layer.{number}"
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", HIDDEN, HIDDEN)
        linear(f"{layer}.attention.output.dense", HIDDEN, HIDDEN)
        linear(f"{layer}.intermediate.dense", WIDE, HIDDEN)
        linear(f"{layer}.output.dense", HIDDEN, WIDE)
        norm(f"{layer}.attention.output.LayerNorm")
        norm(f"{layer}.output.LayerNorm")
    linear("qa_outputs", 2, HIDDEN)
    if relevance:
        linear("relevance", 1, HIDDEN)
    return {name: array.astype(np.float32) for name, array in weights.items()}


def make_bundle(folder: Path, precision: Precision = "rows", relevance: bool = False, early: bool = False) -> Path:
    start = folder / "weights"
    start.mkdir()
    look = {"early.weight": np.ones((1, 4 * HIDDEN), np.float32), "early.bias": np.zeros(1, np.float32)}
    save_file(random_weights(relevance) | (look if early else {}), start / "model.safetensors")
    (start / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(start / "tokenizer.json"))
    settings = BundleSettings(version="0", max_length=48, stride=8)
    export_bundle(start, start / "tokenizer.json", folder / "bundle", settings, GraphOptions(precision=precision))
    return folder / "bundle"


@pytest.mark.parametrize(
    ("precision", "relevance", "early"), [("rows", True, True), ("dynamic", False, True), ("fp32", False, False)]
)
def test_weights_come_back_within_the_rounding_of_int8(
    tmp_path: Path, precision: Precision, relevance: bool, early: bool
) -> None:
    bundle = make_bundle(tmp_path, precision, relevance, early)
    assert (bundle / ("first.onnx" if early else "model.onnx")).is_file()
    recovered = recover(bundle)
    before = random_weights(False)
    assert recovered.arrays.keys() == before.keys()
    assert (recovered.heads, recovered.layers) == (2, LAYERS)
    for name, array in before.items():
        step = np.abs(array).max() / 100 if array.ndim == 2 else 1e-7
        np.testing.assert_allclose(recovered.arrays[name], array, rtol=0, atol=step)


def test_the_checkpoint_computes_what_the_bundle_does(tmp_path: Path) -> None:
    bundle, checkpoint, graph = make_bundle(tmp_path, relevance=True), tmp_path / "checkpoint", tmp_path / "fp32.onnx"
    write_fp32_graph(write_checkpoint(bundle, checkpoint), graph)
    found = compare(
        bundle, checkpoint, graph, [[2, 5, 6, 7, 8, 16, 3, 7, 8, 9, 7, 10, 3], [2, 5, 5, 5, 5, 5, 3, 14]], 7
    )
    assert found.exact < 1e-4
    assert found.int8 < 0.5
    assert found.correlation > 0.99


def test_every_system_that_needs_no_peer_reads_a_tiny_bundle(tmp_path: Path) -> None:
    bundle, checkpoint, graph = make_bundle(tmp_path), tmp_path / "checkpoint", tmp_path / "fp32.onnx"
    write_fp32_graph(write_checkpoint(bundle, checkpoint), graph)
    material = Material(bundle, checkpoint, graph, 1)
    for system in SYSTEMS:
        if system.key in {"footnote", "loop", "torch", "ort-fp32"}:
            answer = system.load(material)(QUESTION, PASSAGES)
            assert answer
            assert any(answer in passage for passage in PASSAGES)


def test_the_reader_option_takes_the_checkpoint_and_agrees_with_the_bundle(tmp_path: Path) -> None:
    bundle, checkpoint = make_bundle(tmp_path), tmp_path / "checkpoint"
    write_checkpoint(bundle, checkpoint)
    shipped, loaded = load_reader(str(bundle)), load_reader(str(checkpoint))
    ours, theirs = (reader.read(QUESTION, PASSAGES, top=1000).spans for reader in (shipped, loaded))
    assert {(s.passage, s.start, s.end) for s in ours} == {(s.passage, s.start, s.end) for s in theirs}
    scores = {(s.passage, s.start, s.end): s.score for s in ours}
    assert all(abs(scores[s.passage, s.start, s.end] - s.score) < 0.5 for s in theirs)


def test_another_model_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import helper

    bundle = make_bundle(tmp_path)
    path = bundle / "model.onnx"
    graph = helper.make_graph([], "other", [], [])
    path.write_bytes(helper.make_model(graph).SerializeToString())
    assert onnx.load(str(path)).graph.name == "other"
    with pytest.raises(CheckpointError, match="another exporter"):
        recover(bundle)


def test_the_checkpoint_folder_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "checkpoint"
    write_checkpoint(make_bundle(tmp_path), out)
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert {key: config[key] for key in CONFIG if key != "layer_norm_eps"} == {
        key: value for key, value in CONFIG.items() if key != "layer_norm_eps"
    }
    assert config["layer_norm_eps"] == pytest.approx(1e-12)
    assert load_file(out / "model.safetensors")["qa_outputs.weight"].shape == (2, HIDDEN)
    assert (out / "tokenizer.json").is_file()


def test_a_missing_package_is_noticed() -> None:
    assert not System("x", "x", ("no_such_module_here",), "x", lambda _: lambda _q, _p: "").installed()
    assert not System("x", "x", ("no_such_module_here.part",), "x", lambda _: lambda _q, _p: "").installed()
    assert System("x", "x", ("json", "email.mime"), "x", lambda _: lambda _q, _p: "").installed()
