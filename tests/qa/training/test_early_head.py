"""The early look is fitted to weights that stay as they are."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from qa.reader.calibration import probability
from qa.training.early_head import draw, fit_head, looks, write_with_head
from qa.training.features import Featurizer, WindowSettings
from qa.training.model import ReaderModel, load_model, make_batch
from qa.training.records import DataError, Prepared, Question, write_prepared
from qa.training.running import fit_early, make_stream
from qa.training.settings import LoopSettings
from qa.training.weights import average_weights
from tests.qa.training.test_loop import TEXT, tokenizer

CONFIG = {
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 384,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
}
OTHER = "Rome was founded by settlers long ago. Its oldest city dates from Trade."


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "weights"
    folder.mkdir()
    save_file(
        {name: t * 8 if t.ndim == 2 else t for name, t in ReaderModel(CONFIG).state_dict().items()},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


def prepared() -> Prepared:
    place = TEXT.index("800")
    return Prepared([TEXT, OTHER], [Question("x", "", 0, "When?", [[place, place + 3]], [1])] * 200)


def test_the_head_has_the_odds_of_what_it_sees() -> None:
    random = np.random.default_rng(1)
    rows = random.normal(5.0, 2.0, size=(4000, 6))
    rows[:, 5] = 7.0
    logits = 2.0 * (rows[:, 0] - 5.0) - 1.0 * (rows[:, 1] - 5.0) - 1.0
    right = (random.uniform(size=4000) < [probability(logit) for logit in logits]).astype(np.float64)
    weight, bias = fit_head(rows, right)
    assert (weight.shape, weight.dtype, bias.shape) == ((1, 6), np.float32, (1,))
    given = rows @ weight[0] + bias[0]
    assert np.corrcoef(given, logits)[0, 1] > 0.99
    # The penalty takes some of the slope; a column that never differs says nothing.
    assert 0.2 < np.polyfit(logits, given, 1)[0] < 1.0
    assert abs(weight[0, 5]) < 1e-6


def test_windows_are_drawn_of_both_kinds_and_never_of_unknown_relevance() -> None:
    drawn = draw(prepared(), Featurizer(tokenizer(), WindowSettings(32, 8)), 120, seed=3)
    assert len(drawn) == 120
    assert {feature.relevance for feature in drawn} == {0.0, 1.0}
    assert 0.3 < np.mean([feature.relevance for feature in drawn]) < 0.7
    assert drawn == draw(prepared(), Featurizer(tokenizer(), WindowSettings(32, 8)), 120, seed=3)


def test_only_the_early_look_changes_and_it_tells_the_passages_apart(weights: Path, tmp_path: Path) -> None:
    featurizer = Featurizer(tokenizer(), WindowSettings(32, 8))
    model = load_model(weights)[0].eval()
    features = draw(prepared(), featurizer, 120, seed=3)
    write_with_head(weights, tmp_path / "out", *fit_head(*looks(model, features)))
    before, after = (load_file(folder / "model.safetensors") for folder in (weights, tmp_path / "out"))
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"early.weight", "early.bias"}
    with torch.no_grad():
        batch = make_batch(features, torch.device("cpu"))
        early = load_model(tmp_path / "out")[0].eval()(batch).early
    high, low = early[batch.relevance == 1], early[batch.relevance == 0]
    assert float(torch.stack([(one > low).float().mean() for one in high]).mean()) > 0.95


def test_a_mean_leaves_out_an_early_look_that_not_all_have(weights: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    arrays = load_file(weights / "model.safetensors")
    kept = {name: torch.from_numpy(array) for name, array in arrays.items() if not name.startswith("early")}
    save_file(kept, plain / "model.safetensors")
    (plain / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    average_weights([weights, weights], tmp_path / "both")
    average_weights([weights, plain], tmp_path / "one")
    assert load_file(tmp_path / "both" / "model.safetensors").keys() == arrays.keys()
    assert load_file(tmp_path / "one" / "model.safetensors").keys() == kept.keys()


def test_it_is_fitted_from_folders(weights: Path, tmp_path: Path) -> None:
    write_prepared(prepared(), tmp_path / "data")
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    fit_early(weights, tmp_path / "data", weights, 100, tmp_path / "tokenizer.json", 5)
    assert load_model(weights)[1] == []


def test_a_weight_for_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_prepared(prepared(), tmp_path / "data")
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    stream = make_stream(tmp_path / "data", tmp_path / "tokenizer.json", LoopSettings(weights={"x": 3.0}))
    assert len(stream.sampler.order(0)) == 600
    with pytest.raises(DataError, match="no questions of y"):
        make_stream(tmp_path / "data", tmp_path / "tokenizer.json", LoopSettings(weights={"x": 1.0, "y": 2.0}))
