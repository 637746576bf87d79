"""Comparing two places by their words: windows of pairs, changes of low rank, and the comparer that ships."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from index.errors import ModelError
from qa.reader import load_bundle, load_reader
from qa.reader.adapting import PARTS, SCALE, adapted
from qa.reader.comparing import Comparer, Comparison, Head, Marked, Mixture, Pairing, batch_of
from qa.reader.loading import BUNDLED
from qa.reader.onnx import OnnxModel, StagedOnnxBackend
from qa.training.graph import build_stages
from qa.training.nodes import GraphOptions

TOKENIZER = Tokenizer.from_file(str(BUNDLED / "tokenizer.json"))
PAIRING = Pairing(TOKENIZER)
PLAIN = Mixture(constant=0.0, signals=0.0, network=1.0)
QUESTION = "How many soldiers were killed?"


def marked(text: str, words: str) -> Marked:
    start = text.index(words)
    return Marked(text, start, start + len(words))


@st.composite
def places(draw: st.DrawFn) -> Marked:
    text = draw(st.text(min_size=1, max_size=900))
    start = draw(st.integers(0, len(text) - 1))
    return Marked(text, start, draw(st.integers(start + 1, len(text))))


@given(st.text(max_size=600), places(), places())
def test_any_pair_fits_a_window_with_both_places_in_it(question: str, one: Marked, other: Marked) -> None:
    pair = PAIRING.pair(question, one, other)
    # The network has positions for 512 tokens.
    assert len(pair.ids) <= 512
    assert pair.asked <= 42
    for (start, end), mark in ((pair.first, "{"), (pair.second, "[")):
        assert pair.asked <= start < end < len(pair.ids)
        assert pair.ids[start] == TOKENIZER.token_to_id(mark)
    assert pair.ids[-1] == TOKENIZER.token_to_id("[SEP]")


def shown(question: str, one: Marked, other: Marked) -> str:
    return " ".join(TOKENIZER.id_to_token(number) for number in PAIRING.pair(question, one, other).ids)


def test_places_of_two_texts_stand_one_after_the_other() -> None:
    one, other = marked("The league said 40 sheep died.", "40"), marked("The vet put it at 65.", "65")
    assert shown("How many?", one, other) == (
        "[CLS] how many ? [SEP] the league said { 40 } sheep died . [SEP] the vet put it at [ 65 ] . [SEP]"
    )


def test_places_of_one_text_stand_in_it_once_whichever_comes_first() -> None:
    text = "The league said 40 sheep died, the vet 65."
    one, other = marked(text, "40"), marked(text, "65")
    assert shown("How many?", one, other) == (
        "[CLS] how many ? [SEP] the league said { 40 } sheep died , the vet [ 65 ] . [SEP]"
    )
    assert shown("How many?", other, one) == (
        "[CLS] how many ? [SEP] the league said [ 40 ] sheep died , the vet { 65 } . [SEP]"
    )
    far = Marked(f"40 died. {'It rained. ' * 60}65 died.", 0, 2)
    apart = shown("How many?", far, marked(far.text, "65"))
    assert apart.count("[SEP]") == 3


def test_the_kinds_of_tokens_tell_the_question_from_the_texts() -> None:
    pair = PAIRING.pair("How many?", marked("40 died.", "40"), marked("It was 65.", "65"))
    batch = batch_of(pair)
    assert batch.token_type_ids[0].tolist() == [0] * 5 + [1] * (len(pair.ids) - 5)
    assert batch.attention_mask.all()


def test_the_head_sees_the_first_token_and_the_means_of_both_places() -> None:
    pair = PAIRING.pair("How many?", marked("40 died.", "40"), marked("It was 65.", "65"))
    hidden = np.zeros((len(pair.ids), 1), dtype=np.float32)
    hidden[0], hidden[slice(*pair.first)], hidden[slice(*pair.second)] = 1, 2, 3
    head = Head(
        np.eye(3, dtype=np.float32),
        np.zeros(3, dtype=np.float32),
        np.array([[1, 0, 0], [0, 1, 1]], dtype=np.float32),
        np.array([0, 0.5], dtype=np.float32),
    )
    found = head.logits(hidden, pair)
    assert found.answers == pytest.approx(np.tanh(1))
    assert found.differs == pytest.approx(np.tanh(2) + np.tanh(3) + 0.5)


def weights(layers: int = 3) -> dict[str, Any]:
    """Random weights of a reader of 16 numbers a token, whose first stage has one layer."""
    rng = np.random.default_rng(5)

    def drawn(*shape: int) -> Any:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    found = {
        "bert.embeddings.word_embeddings.weight": drawn(len(TOKENIZER.get_vocab()), 16),
        "bert.embeddings.position_embeddings.weight": drawn(512, 16),
        "bert.embeddings.token_type_embeddings.weight": drawn(2, 16),
        "qa_outputs.weight": drawn(2, 16),
        "qa_outputs.bias": drawn(2),
        "early.weight": drawn(1, 64),
        "early.bias": drawn(1),
    }
    norms = ["bert.embeddings.LayerNorm"]
    for number in range(layers):
        name = f"bert.encoder.layer.{number}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            found |= {f"{name}.{part}.weight": drawn(16, 16), f"{name}.{part}.bias": drawn(16)}
        found |= {f"{name}.intermediate.dense.weight": drawn(32, 16), f"{name}.intermediate.dense.bias": drawn(32)}
        found |= {f"{name}.output.dense.weight": drawn(16, 32), f"{name}.output.dense.bias": drawn(16)}
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for name in norms:
        found |= {f"{name}.weight": np.ones(16, dtype=np.float32), f"{name}.bias": np.zeros(16, dtype=np.float32)}
    return found


def stages(folder: Path, made: dict[str, Any]) -> tuple[Path, Path]:
    for name, model in zip(("first", "rest"), build_stages(made, 2, 1e-12, GraphOptions()), strict=True):
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    return folder / "first.onnx", folder / "rest.onnx"


SIZES = {"qkv": (48, 16), "o": (16, 16), "up": (32, 16), "down": (16, 32)}


def changes(size: float) -> dict[str, Any]:
    rng = np.random.default_rng(6)
    found = {}
    for number in (1, 2):
        for part in PARTS:
            outputs, inputs = SIZES[part]
            name = f"bert.encoder.layer.{number}.{part}"
            found[f"{name}.a"] = rng.normal(0, 1, (2, inputs)).astype(np.float16)
            found[f"{name}.b"] = rng.normal(0, size, (outputs, 2)).astype(np.float16)
    return found


def last(model: bytes, hidden: Any) -> Any:
    return OnnxModel(model, 1).alone.run(["last"], {"hidden": hidden})[0]


def test_changes_are_added_to_the_products_of_the_second_stage(tmp_path: Path) -> None:
    made = weights()
    _, rest = stages(tmp_path, made)
    hidden = np.random.default_rng(7).normal(0, 1, (1, 9, 16)).astype(np.float32)
    arrays = changes(0.05)
    for number in (1, 2):
        name = f"bert.encoder.layer.{number}"
        parts = [f"{name}.attention.self.{which}.weight" for which in ("query", "key", "value")]
        added = SCALE * arrays[f"{name}.qkv.b"].astype(np.float32) @ arrays[f"{name}.qkv.a"].astype(np.float32)
        for part, change in zip(parts, np.split(added, 3), strict=True):
            made[part] = made[part] + change
        for short, part in (("o", "attention.output"), ("up", "intermediate"), ("down", "output")):
            b, a = (arrays[f"{name}.{short}.{which}"].astype(np.float32) for which in "ba")
            made[f"{name}.{part}.dense.weight"] = made[f"{name}.{part}.dense.weight"] + SCALE * b @ a
    (tmp_path / "changed").mkdir()
    _, changed = stages(tmp_path / "changed", made)
    expected = last(adapted(changed, {}), hidden)
    np.testing.assert_allclose(last(adapted(rest, arrays), hidden), expected, atol=0.1)
    assert np.abs(last(adapted(rest, {}), hidden) - expected).max() > 0.3


def test_what_comes_after_the_last_changed_layer_is_left_out(tmp_path: Path) -> None:
    import onnx

    _, rest = stages(tmp_path, weights())
    hidden = np.random.default_rng(7).normal(0, 1, (1, 9, 16)).astype(np.float32)
    arrays = {name: array for name, array in changes(0.05).items() if ".layer.1." in name}
    short = adapted(rest, arrays)
    kept = {tensor.name for tensor in onnx.load_from_string(short).graph.initializer}
    assert any(".layer.1." in name for name in kept)
    assert not any(".layer.2." in name for name in kept)
    # The same as where the whole of it runs, and its first layer is looked at.
    whole = onnx.load_from_string(
        adapted(rest, arrays | {n: 0 * a for n, a in changes(0.05).items() if ".layer.2." in n})
    )
    looked = onnx.helper.make_tensor_value_info("bert.encoder.layer.1.x2", onnx.TensorProto.FLOAT, None)
    whole.graph.output.append(looked)
    session = OnnxModel(whole.SerializeToString(), 1).alone
    np.testing.assert_allclose(
        last(short, hidden), session.run(["bert.encoder.layer.1.x2"], {"hidden": hidden})[0], atol=1e-5
    )


def test_changes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    _, rest = stages(tmp_path, weights())
    with pytest.raises(ModelError, match="do not fit"):
        adapted(rest, {"bert.encoder.layer.9.o.a": np.zeros((2, 16)), "bert.encoder.layer.9.o.b": np.zeros((16, 2))})
    with pytest.raises(ModelError, match="do not fit"):
        adapted(rest, {"bert.encoder.layer.1.o.a": np.zeros((2, 5)), "bert.encoder.layer.1.o.b": np.zeros((16, 2))})


@pytest.mark.parametrize("threads", [1, 2])
def test_a_pair_is_judged_alike_alone_and_among_others(tmp_path: Path, threads: int) -> None:
    first, rest = stages(tmp_path, weights())
    rng = np.random.default_rng(8)
    arrays = changes(0.05) | {"head.inner": rng.normal(0, 1, (4, 48)), "head.inner_bias": np.zeros(4)}
    arrays |= {"head.outer": rng.normal(0, 1, (2, 4)), "head.outer_bias": np.zeros(2)}
    comparer = Comparer(
        StagedOnnxBackend(first, rest, threads),
        adapted(rest, arrays),
        Head.of(arrays),
        TOKENIZER,
        Comparison(answers=PLAIN, differs=PLAIN),
        threads,
    )
    text = "The league said 40 sheep died. The vet put it at 65, and 12 cows."
    pairs = [(marked(text, "40"), marked(text, other)) for other in ("65", "12")]
    both = comparer.compare(QUESTION, pairs)
    assert both[0] != both[1]
    for pair, of in zip(pairs, both, strict=True):
        (alone,) = comparer.compare(QUESTION, [pair])
        assert (alone.answers, alone.differs) == pytest.approx((of.answers, of.differs), abs=1e-4)
    assert comparer.compare(QUESTION, []) == []


def test_damaged_changes_are_noticed_before_anything_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLED, folder)
    pairs = folder / "pairs.safetensors"
    content = bytearray(pairs.read_bytes())
    content[-1] ^= 1
    pairs.write_bytes(content)
    with pytest.raises(ModelError, match=r"pairs\.safetensors is damaged"):
        load_bundle(folder)
    # Files that fit each other, but lack a part.
    import hashlib

    arrays = {name: array for name, array in load_file(BUNDLED / "pairs.safetensors").items() if name != "head.outer"}
    save_file(arrays, pairs)
    info = json.loads((folder / "reader.json").read_text())
    info["files"]["pairs.safetensors"] = hashlib.sha256(pairs.read_bytes()).hexdigest()
    (folder / "reader.json").write_text(json.dumps(info))
    reader = load_bundle(folder)
    with pytest.raises(ModelError, match=r"pairs\.safetensors is damaged"):
        _ = reader.comparer


def test_a_bundle_without_changes_compares_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLED, folder)
    (folder / "pairs.safetensors").unlink()
    info = json.loads((folder / "reader.json").read_text())
    del info["files"]["pairs.safetensors"]
    (folder / "reader.json").write_text(json.dumps(info | {"comparison": None}))
    reader = load_bundle(folder)
    assert reader.comparer is None
    assert reader.facts() != load_bundle(BUNDLED).facts()


@pytest.mark.models
def test_what_ships_tells_another_figure_of_the_same_from_one_of_something_else() -> None:
    comparer = load_reader().comparer
    assert comparer is not None
    one = marked("Azerbaijan's defense ministry said 12 of its soldiers were killed in the fighting.", "12")
    claim = marked("Armenia put the number of Azeri soldiers killed at 30.", "30")
    other = marked("The president said he would fly to Moscow on Tuesday with 30 aides.", "30")
    differing, unrelated = comparer.compare("How many Azeri soldiers were killed?", [(one, claim), (one, other)])
    assert min(differing.answers, differing.differs) > 0.5
    assert max(unrelated.answers, unrelated.differs) < -2
