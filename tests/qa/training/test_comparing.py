"""A tiny reader is taught to compare places, cut off, gone on with, and put into a bundle."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from qa.reader import load_bundle
from qa.reader.adapting import adapted
from qa.reader.comparing import Comparer, Comparison, Head, Marked, Mixture, Pairing, batch_of
from qa.reader.loading import BUNDLED, onnx_backend, read_bundle
from qa.training.comparing import CompareModel, CompareSettings, Example, loss_of, train
from qa.training.export import BundleSettings, export_bundle, put_comparison
from qa.training.model import ReaderModel
from qa.training.nodes import GraphOptions
from qa.training.records import DataError

TOKENIZER_FILE = BUNDLED / "tokenizer.json"
SETTINGS = CompareSettings(epochs=4, rate=2e-2, warmup=2, budget=200, chunk=8, dropout=0.0, rank=2, save_every=3)
PLAIN = Mixture(constant=0.0, signals=0.0, network=1.0)


@pytest.fixture(scope="module")
def pairing() -> Pairing:
    from tokenizers import Tokenizer

    return Pairing(Tokenizer.from_file(str(TOKENIZER_FILE)))


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Random weights of a reader of three layers of 16, of which the first stage has one."""
    config = {
        "vocab_size": 30522,
        "hidden_size": 16,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
    torch.manual_seed(0)
    model = ReaderModel(config)
    folder = tmp_path / "start"
    folder.mkdir()
    save_file({name: 3 * part for name, part in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def marked(text: str, words: str) -> Marked:
    place = text.index(words)
    return Marked(text, place, place + len(words))


def examples() -> list[Example]:
    """Sheep answer, and differ where the numbers do; cows do neither."""
    one = marked("The league said 40 sheep died.", "40")
    found = []
    for number in range(50, 60):
        sheep, cows = (marked(f"The vet counted {number} {animals}.", str(number)) for animals in ("sheep", "cows"))
        found.append(Example("How many sheep died?", one, sheep, answers=True, differs=True))
        found.append(Example("How many sheep died?", one, cows, answers=False, differs=False))
    return found


def test_the_loss_counts_each_answer_by_its_weight_and_only_known_differences() -> None:
    one = examples()[0]
    some = [one, replace(one, answers=False, differs=None, weight=0.5)]
    logits = torch.zeros(2, 2)
    # Each cross-entropy is log 2: both of the first, and half of one of the second.
    assert float(loss_of(logits, some)) == pytest.approx(2.5 * np.log(2) / 2)
    sure = torch.tensor([[9.0, 9.0], [-9.0, 99.0]])
    assert float(loss_of(sure, some)) == pytest.approx(0, abs=1e-3)


def test_it_learns_and_goes_on_where_it_was_cut_off(start: Path, pairing: Pairing, tmp_path: Path) -> None:
    losses: list[float] = []
    whole = train(examples(), start, pairing, tmp_path / "whole", replace(SETTINGS, epochs=40, rate=5e-3, rank=8))
    with torch.inference_mode():
        pairs = [pairing.pair(one.question, one.one, one.other) for one in examples()]
        right = [one.answers for one in examples()]
        assert [bool(logit > 0) for logit in whole(pairs, torch.float32)[:, 0]] == right

    full = train(examples(), start, pairing, tmp_path / "full", SETTINGS, lambda *_: losses.append(0))

    class Ended(Exception):
        pass

    real, steps = torch.optim.AdamW.step, []

    def ending(self: torch.optim.AdamW, *more: object) -> object:
        steps.append(1)
        if len(steps) > 4:
            raise Ended
        return real(self, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", ending)
        with pytest.raises(Ended):
            train(examples(), start, pairing, tmp_path / "cut", SETTINGS)
    again = train(examples(), start, pairing, tmp_path / "cut", SETTINGS)
    for name, array in full.arrays().items():
        np.testing.assert_allclose(again.arrays()[name], array, atol=2e-3)
    # Finished, it is only loaded.
    done = train(examples(), start, pairing, tmp_path / "cut", SETTINGS)
    assert all(np.array_equal(done.arrays()[name], array) for name, array in again.arrays().items())
    with pytest.raises(DataError, match="Name an empty folder"):
        train(examples()[:2], start, pairing, tmp_path / "cut", replace(SETTINGS, epochs=1))
    with pytest.raises(DataError, match="no pairs"):
        train([], start, pairing, tmp_path / "none", SETTINGS)


@pytest.mark.parametrize("layers", [1, 2])
def test_what_is_exported_gives_the_logits_of_what_was_trained(
    start: Path, pairing: Pairing, tmp_path: Path, layers: int
) -> None:
    model: CompareModel = train(examples(), start, pairing, tmp_path / "run", replace(SETTINGS, layers=layers))
    assert len(model.layers) == layers
    export_bundle(start, TOKENIZER_FILE, tmp_path / "bundle", BundleSettings("1"), GraphOptions("rows"))
    comparison = Comparison(answers=PLAIN, differs=Mixture(constant=1.0, signals=2.0, network=3.0))
    put_comparison(tmp_path / "bundle", model.arrays(), comparison)
    comparer = load_bundle(tmp_path / "bundle").comparer
    assert comparer is not None
    assert comparer.comparison == comparison
    some = examples()[:4]
    found = comparer.compare("How many sheep died?", [(one.one, one.other) for one in some])
    pairs = [pairing.pair(one.question, one.one, one.other) for one in some]
    with torch.inference_mode():
        expected = model(pairs, torch.float32).numpy()
    np.testing.assert_allclose([(one.answers, one.differs) for one in found], expected, atol=0.15)
    # A window by itself and one that is padded are the same to what is trained.
    with torch.inference_mode():
        alone = np.concatenate([model([pair], torch.float32).numpy() for pair in pairs])
    np.testing.assert_allclose(alone, expected, atol=1e-4)


def test_without_changes_the_second_stage_ends_as_the_reader_does(pairing: Pairing) -> None:
    """On the weights that ship: the relevance that the reader gives is that of the first token of the last layer."""
    from onnx import load, numpy_helper

    backend = onnx_backend(BUNDLED, read_bundle(BUNDLED), 1)
    arrays = {name: np.zeros(shape) for name, shape in (("head.inner", (2, 1152)), ("head.inner_bias", (2,)))}
    head = Head.of(arrays | {"head.outer": np.zeros((2, 2)), "head.outer_bias": np.zeros(2)})
    plain = Comparison(answers=PLAIN, differs=PLAIN)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER_FILE))
    comparer = Comparer(backend, adapted(BUNDLED / "rest.onnx", {}), head, tokenizer, plain, 1)  # type: ignore[arg-type]
    one = examples()[0]
    batch = batch_of(pairing.pair(one.question, one.one, one.other))
    (look,) = backend.look([batch])  # type: ignore[attr-defined]
    last = comparer._finish(look, alone=True)
    stored = {tensor.name: tensor for tensor in load(str(BUNDLED / "rest.onnx")).graph.initializer}
    weight, bias = (numpy_helper.to_array(stored[f"relevant.{part}"]) for part in ("weight", "bias"))
    (logits,) = backend.run([batch])
    assert logits.relevance is not None
    assert float(last[0] @ weight[:, 0] + bias[0]) == pytest.approx(float(logits.relevance[0]), abs=1e-3)
