"""A tiny random MPNet as a teacher: computed as the library does, trained, read with, and learned from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import MPNetConfig, MPNetModel

from qa.training.export import BundleSettings, export_bundle
from qa.training.loop import Trainer
from qa.training.model import load_model, make_batch, teach
from qa.training.mpnet import buckets, encode, translated
from qa.training.teachers import read_with
from qa.training.weights import WeightsError
from tests.qa.training.test_loop import SETTINGS, TEXT, quiet, stream, tokenizer

CONFIG = {
    "model_type": "mpnet",
    "vocab_size": 200,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 400,
    "layer_norm_eps": 1e-5,
    "relative_attention_num_buckets": 32,
    "pad_token_id": 1,
}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A bare encoder with random weights, named as the library names them."""
    torch.manual_seed(0)
    model = MPNetModel(MPNetConfig(**CONFIG))
    folder = tmp_path / "mpnet"
    folder.mkdir()
    state = {name: t * 8 if t.ndim == 2 else t for name, t in model.state_dict().items()}
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


def test_tokens_keep_their_meaning_in_the_other_vocabulary() -> None:
    # [PAD], [UNK], [CLS], [SEP], [MASK], "the" of BERT's uncased vocabulary; MPNet has <s>, <pad>, </s> and <unk> in front of
    # it, and <mask> behind it.
    assert translated(torch.tensor([[0, 100, 101, 102, 103, 1996]])).tolist() == [[1, 104, 0, 2, 30526, 2000]]


def test_states_are_those_of_the_library(start: Path) -> None:
    library = MPNetModel.from_pretrained(start).eval()
    ids = torch.randint(104, 196, (3, 300))
    ids[:, 0] = 101
    mask = torch.ones_like(ids)
    ids[1, 170:], mask[1, 170:] = 0, 0
    with torch.no_grad():
        first, last = encode(library, ids, mask, torch.float32, after=[1, 3])
        expected = library(input_ids=translated(ids), attention_mask=mask, output_hidden_states=True)
    seen = mask.bool()
    torch.testing.assert_close(last[seen], expected.last_hidden_state[seen], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(first[seen], expected.hidden_states[1][seen], atol=1e-5, rtol=1e-4)


def test_distances_share_a_bucket_when_they_are_far() -> None:
    found = buckets(400, 32, torch.device("cpu"))
    # Looking back: one bucket for each of 0 to 7, wider ones after; looking ahead the same, 16 higher.
    assert found[10, [10, 9, 3]].tolist() == [0, 1, 7]
    assert found[10, [11, 17]].tolist() == [17, 23]
    assert found[399, 0] == found[399, 100] == 15
    assert found[0, 399] == 31


def test_frozen_layers_stay_and_the_others_learn(start: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, frozen_layers=2, max_steps=3)
    run = Trainer(load_model(start)[0], stream(settings), settings, tmp_path / "run", torch.device("cpu"))
    learned = load_file(run.run(quiet, lambda: False) / "model.safetensors")
    before = load_file(start / "model.safetensors")
    for name, tensor in before.items():
        if "pooler" in name:
            continue
        frozen = "embeddings" in name or ".layer.0." in name or ".layer.1." in name
        # What is added for the distance is never learned, see encode.
        same = frozen or "relative_attention_bias" in name
        assert torch.equal(learned[f"bert.{name}"], tensor) == same, name


def test_its_lesson_is_about_the_students_own_positions(start: Path) -> None:
    batch = make_batch(next(iter(stream().batches(0, 0))), torch.device("cpu"))
    teacher = load_model(start)[0].eval()
    lesson = teach([teacher], batch)
    assert lesson.start.shape == batch.ids.shape
    torch.testing.assert_close(lesson.start.sum(-1), torch.ones(len(batch.ids)))
    assert (lesson.start[~batch.allowed] == 0).all()


def test_it_is_read_with_as_it_is_and_never_exported(start: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    tokenizer().save(str(file))
    spans = read_with(start, file, 32, 8).read("When?", [TEXT]).spans
    assert spans
    assert all(0 <= span.start < span.end <= len(TEXT) for span in spans)
    with pytest.raises(WeightsError, match="teacher"):
        export_bundle(start, file, tmp_path / "out", BundleSettings("x"))
