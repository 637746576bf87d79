"""A tiny random reader is trained, cut off, resumed and exported."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.errors import ModelError
from index.runtime import onnx_runtime
from qa.reader.backends import Batch
from qa.reader.onnx import OnnxBackend, StagedOnnxBackend
from qa.training.checkpoints import RunState, checkpoints
from qa.training.encoder import encode
from qa.training.export import BundleSettings, export_bundle
from qa.training.features import Featurizer, WindowSettings
from qa.training.graph import build_graph, build_stages
from qa.training.loop import Stream, Trainer, rate_factor
from qa.training.model import Lesson, ReaderModel, load_model, losses, make_batch, teach, together
from qa.training.nodes import GraphOptions, Precision
from qa.training.records import Prepared, Question
from qa.training.sampling import Mixture, Sampler
from qa.training.settings import LoopSettings
from qa.training.weights import WeightsError, average_weights, read_weights

TEXT = "Rome was founded by settlers long ago. Its oldest bridge dates from 800. Trade made the city rich and proud."
SETTINGS = LoopSettings(budget=128, chunk=7, warmup_steps=2, rate=1e-2, freeze_words=False, keep=2)


def tokenizer() -> Tokenizer:
    words = sorted(set(TEXT.lower().replace(".", " .").split()) | {"when", "who", "?"})
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def stream(settings: LoopSettings = SETTINGS) -> Stream:
    start = TEXT.index("800")
    questions = [Question("x", "", 0, "When?", [[start, start + 3]]), Question("x", "", 0, "Who?", [])] * 6
    sampler = Sampler(Prepared([TEXT], questions), Mixture(), seed=1)
    return Stream(sampler, Featurizer(tokenizer(), WindowSettings(24, 8)), settings)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Random weights of a reader of two layers of 16, without the heads that are optional."""
    config = {
        "vocab_size": 64,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 32,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
    torch.manual_seed(0)
    model = ReaderModel(config)
    folder = tmp_path / "start"
    folder.mkdir()
    kept = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith(("relevance", "early"))}
    # Random weights of BERT's usual 0.02 give next to equal logits; these are spread out.
    save_file({name: t * 8 if t.ndim == 2 else t for name, t in kept.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def trainer(start: Path, run: Path, settings: LoopSettings) -> Trainer:
    torch.manual_seed(0)
    found = checkpoints(run / "checkpoints")
    made = Trainer(load_model(found[-1] if found else start)[0], stream(settings), settings, run, torch.device("cpu"))
    if found:
        made.restore(found[-1])
    return made


def quiet(_line: dict[str, float]) -> None:
    """Report nothing."""


def test_a_resumed_run_gives_the_same_batches() -> None:
    whole = stream().from_position(RunState())
    expected = [next(whole) for _ in range(12)]
    state = RunState()
    first = stream().from_position(state)
    head = [next(first) for _ in range(5)]
    tail = stream().from_position(replace(state))
    assert head + [next(tail) for _ in range(7)] == expected


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_run_that_is_cut_off_ends_with_the_same_weights(start: Path, tmp_path: Path, dropout: float) -> None:
    settings = replace(SETTINGS, dropout=dropout)
    whole = trainer(start, tmp_path / "whole", replace(settings, max_steps=6)).run(quiet, lambda: False)
    trainer(start, tmp_path / "parts", replace(settings, max_steps=3)).run(quiet, lambda: False)
    parts = trainer(start, tmp_path / "parts", replace(settings, max_steps=6)).run(quiet, lambda: False)
    for file in ("model.safetensors", "optimizer.safetensors"):
        one, two = load_file(whole / file), load_file(parts / file)
        assert one.keys() == two.keys()
        for name, tensor in one.items():
            assert torch.equal(tensor, two[name]), name
    assert [path.name for path in checkpoints(tmp_path / "parts" / "checkpoints")] == ["step-00000003", "step-00000006"]
    lines = [json.loads(line) for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [3, 6]


def test_a_run_that_is_done_leaves_its_checkpoint_as_it_is(start: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, max_steps=3)
    last = trainer(start, tmp_path / "run", settings).run(quiet, lambda: False)
    before = {file.name: file.stat() for file in last.iterdir()}
    (last.parent / ".partial-00000002").mkdir()
    again = trainer(start, tmp_path / "run", settings)
    assert again.run(quiet, lambda: False) == last
    assert {file.name: file.stat() for file in last.iterdir()} == before
    # Saved anew all the same, and with what a save that was cut off has left.
    assert again.save() == last
    assert [path.name for path in last.parent.iterdir()] == [last.name]


def test_a_save_that_fails_leaves_the_checkpoint_of_its_step(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=3))
    last = again.run(quiet, lambda: False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qa.training.checkpoints.save_file", full)
    with pytest.raises(OSError, match="No space"):
        again.save()
    assert checkpoints(last.parent) == [last]
    assert load_file(last / "model.safetensors")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("left", [0, 30])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_is_gone_on_from(
    start: Path, tmp_path: Path, name: str, left: int
) -> None:
    for steps in (1, 2):
        last = trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=steps)).run(quiet, lambda: False)
    (last / name).write_bytes((last / name).read_bytes()[:left])
    with pytest.raises(WeightsError, match=r"is damaged .* remove the folder .*step-00000002") as caught:
        trainer(start, tmp_path / "run", SETTINGS)
    assert str(last / name) in str(caught.value)
    shutil.rmtree(last)
    assert trainer(start, tmp_path / "run", SETTINGS).state.step == 1


def test_training_lowers_the_loss(start: Path, tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    settings = replace(SETTINGS, log_every=1, max_steps=60)
    trainer(start, tmp_path / "run", settings).run(lines.append, lambda: False)
    assert sum(line["span_loss"] for line in lines[-10:]) < sum(line["span_loss"] for line in lines[:10]) / 2


def test_a_cooldown_branches_and_leaves_the_run_alone(start: Path, tmp_path: Path) -> None:
    stable = trainer(start, tmp_path / "stable", replace(SETTINGS, max_steps=3)).run(quiet, lambda: False)
    settings = replace(SETTINGS, cooldown_steps=4)
    branch = Trainer(load_model(stable)[0], stream(settings), settings, tmp_path / "cool", torch.device("cpu"))
    branch.restore(stable, branch=True)
    last = branch.run(quiet, lambda: False)
    assert last.name == "step-00000007"
    assert checkpoints(tmp_path / "stable" / "checkpoints")[-1] == stable
    assert branch.optimizer.param_groups[0]["lr"] == pytest.approx(branch.optimizer.param_groups[0]["full"] / 4)


def test_a_student_comes_to_answer_as_its_teacher_does(start: Path, tmp_path: Path) -> None:
    taught = replace(SETTINGS, max_steps=60)
    teacher = load_model(trainer(start, tmp_path / "teacher", taught).run(quiet, lambda: False))[0]
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    # All of the loss is the teacher's: marked answers are not looked at.
    settings = replace(SETTINGS, max_steps=60, teaching=1.0)
    torch.manual_seed(0)
    student = Trainer(
        load_model(start)[0], stream(settings), settings, tmp_path / "student", torch.device("cpu"), teachers=[teacher]
    )
    batch = make_batch(features(9), torch.device("cpu"))
    lesson = teach([teacher], batch)

    def distance() -> float:
        return float((teach([student.model], batch).start - lesson.start).abs().sum(-1).mean())

    first = distance()
    student.run(quiet, lambda: False)
    assert distance() < first / 4
    assert all(torch.equal(before[name], tensor) for name, tensor in teacher.state_dict().items())


def test_a_lesson_is_the_mean_of_the_teachers_where_a_span_may_be(start: Path) -> None:
    one, two = load_model(start)[0].eval(), load_model(start)[0].eval()
    with torch.no_grad():
        two.qa_outputs.weight.mul_(-1)
    batch = make_batch(features(5), torch.device("cpu"))
    both = teach([one, two], batch)
    for row in (both.start, both.end):
        torch.testing.assert_close(row.sum(-1), torch.ones(5))
        assert not row[~batch.allowed].any()
    torch.testing.assert_close(both.start, (teach([one], batch).start + teach([two], batch).start) / 2)
    with pytest.raises(ValueError, match="teacher"):
        teach([], batch)


def test_the_loss_with_a_lesson_is_the_cross_entropy_of_both(start: Path) -> None:
    model = load_model(start)[0].eval()
    batch = make_batch(features(5), torch.device("cpu"))
    marked = torch.zeros(batch.ids.shape).scatter_(1, batch.start[:, None], 1.0)
    ends = torch.zeros(batch.ids.shape).scatter_(1, batch.end[:, None], 1.0)
    plain = losses(model, batch).span
    torch.testing.assert_close(losses(model, batch, lesson=Lesson(marked, ends), share=1.0).span, plain)
    even = batch.allowed / batch.allowed.sum(-1, keepdim=True)
    log_start, log_end = (logits.masked_fill(~batch.allowed, -1e4).log_softmax(-1) for logits in model(batch)[:2])
    told = -((even * log_start).sum(-1) + (even * log_end).sum(-1)).mean() / 2
    mixed = losses(model, batch, lesson=Lesson(even, even), share=0.25).span
    torch.testing.assert_close(mixed, 0.75 * plain + 0.25 * told)


def test_passages_of_one_question_share_one_loss() -> None:
    # Window 0 stands alone; 1 holds the answer at position 2, 3 does not. Odds against each window's position 0.
    odds = torch.tensor([[1.0, 7.0, 7.0], [2.0, 2.0, 8.0], [1.0, 9.0, 9.0], [5.0, 10.0, 5.0]])
    group, target = torch.tensor([0, 1, 2, 1]), torch.tensor([1, 2, 0, 0])
    # (1 + 4) of the window with the answer, (2 + 1) of the other, and 1 for none of them.
    expected = -torch.log(torch.tensor(4.0 / (5.0 + 3.0 + 1.0)))
    torch.testing.assert_close(together(odds.log(), target, group), expected)
    # The same logit more at every position of a window says nothing else.
    torch.testing.assert_close(
        together(odds.log() + torch.tensor([[0.0], [3.0], [0.0], [-2.0]]), target, group), expected
    )
    # Nowhere: 1 of 9.
    nowhere = together(odds.log(), torch.zeros_like(target), group)
    torch.testing.assert_close(nowhere, torch.log(torch.tensor(9.0)))
    assert together(odds.log(), target, torch.arange(4)) == 0.0


def test_of_a_window_by_itself_the_shared_loss_is_the_usual_one() -> None:
    logits, target = torch.randn(1, 5, generator=torch.Generator().manual_seed(3)), torch.tensor([3])
    # A second window that offers nothing.
    pair = torch.cat([logits, torch.tensor([[0.0, -1e4, -1e4, -1e4, -1e4]])])
    shared = together(pair, torch.tensor([3, 0]), torch.tensor([0, 0]))
    torch.testing.assert_close(shared, torch.nn.functional.cross_entropy(logits, target))


def test_a_model_learns_to_put_the_passage_that_answers_first(start: Path, tmp_path: Path) -> None:
    place = TEXT.index("800")
    texts = [TEXT, "Rome was founded by settlers long ago. Its oldest city dates from Trade."]
    questions = [Question("x", "", 0, "When?", [[place, place + 3]], [1])] * 12
    settings = replace(SETTINGS, max_steps=60, rivals=1.0)
    sampler = Sampler(Prepared(texts, questions), Mixture(retrieved=0.0, removed=0.0, misled=0.0, rivals=1.0), seed=1)
    drawn = Stream(sampler, Featurizer(tokenizer(), WindowSettings(32, 8)), settings)
    batch = make_batch(drawn.batches(0, 0)[0], torch.device("cpu"))
    torch.manual_seed(0)
    runner = Trainer(load_model(start)[0], drawn, settings, tmp_path / "run", torch.device("cpu"))
    before = losses(runner.model, batch).together.item()
    runner.run(quiet, lambda: False)
    after = losses(runner.model.eval(), batch).together.item()
    assert before > 0.5
    assert after < before / 3


def test_the_rate_warms_up_stays_and_falls() -> None:
    settings = LoopSettings(warmup_steps=4, cooldown_steps=10)
    assert [rate_factor(step, settings, None) for step in (0, 1, 3, 4, 999)] == [0.25, 0.5, 1.0, 1.0, 1.0]
    assert [rate_factor(step, settings, 100) for step in (100, 105, 110, 120)] == [1.0, 0.5, 0.0, 0.0]


def test_weights_without_an_encoder_are_refused(start: Path) -> None:
    save_file({"qa_outputs.bias": torch.zeros(2)}, start / "model.safetensors")
    with pytest.raises(WeightsError, match="lacks encoder weights"):
        load_model(start)


def features(count: int) -> list[Any]:
    made: list[Any] = []
    for batch in stream().from_position(RunState()):
        made.extend(batch)
        if len(made) >= count:
            return made[:count]
    return made


def test_the_fast_encoder_agrees_with_the_library(start: Path) -> None:
    model = load_model(start)[0].eval()
    batch = make_batch(features(9), torch.device("cpu"))
    expected = model.bert(batch.ids, batch.mask, batch.kinds).last_hidden_state
    wanted = model.qa_outputs(expected)[..., 0].masked_fill(batch.mask == 0, 0.0)
    given = model(batch)[0].masked_fill(batch.mask == 0, 0.0)
    torch.testing.assert_close(given, wanted, rtol=1e-4, atol=1e-4)
    found = losses(model, batch)
    assert torch.isfinite(found.span)
    assert torch.isfinite(found.relevance)


def test_dropout_is_for_training_alone_and_keeps_the_mean(start: Path) -> None:
    model, batch = load_model(start)[0], make_batch(features(9), torch.device("cpu"))
    plain = model.eval()(batch)[0]
    model.dropout = 0.2
    assert torch.equal(model(batch)[0], plain)
    model.train()
    torch.manual_seed(0)
    drawn = [model(batch)[0] for _ in range(2)]
    assert not torch.equal(drawn[0], drawn[1])
    # What is kept of a vector is made larger, so that its sum stays what it was on average.
    inputs = batch.ids[:1], batch.mask[:1], batch.kinds[:1]
    dropped = torch.stack([encode(model.bert, *inputs, torch.float32, 0.01)[0] for _ in range(300)])
    torch.testing.assert_close(dropped.mean(0), encode(model.bert, *inputs, torch.float32)[0], atol=0.1, rtol=0.1)


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-4), ("rows", 0.15), ("dynamic", 0.3), ("mixed", 0.3)])
def test_the_exported_model_gives_the_logits_of_torch(
    start: Path, tmp_path: Path, precision: Precision, tolerance: float
) -> None:
    onnxruntime = onnx_runtime()

    checkpoint = trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=1)).run(quiet, lambda: False)
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    options = GraphOptions(precision, padding=True, int8_embeddings=precision != "fp32")
    out = tmp_path / "bundle"
    manifest = export_bundle(checkpoint, tmp_path / "tokenizer.json", out, BundleSettings("1"), options)
    assert manifest["outputs"] == ["start_logits", "end_logits", "relevance"]
    first, rest = (onnxruntime.InferenceSession(out / name) for name in ("first.onnx", "rest.onnx"))

    def run(inputs: dict[str, Any]) -> list[Any]:
        (hidden,) = first.run(["hidden"], inputs)
        found: list[Any] = rest.run(manifest["outputs"], {"hidden": hidden, "attention_mask": inputs["attention_mask"]})
        return found

    model = load_model(checkpoint)[0].eval()
    batch = make_batch(features(5), torch.device("cpu"))
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = {name: part.numpy() for name, part in zip(names, (batch.ids, batch.mask, batch.kinds), strict=True)}
    given = run(inputs)
    with torch.inference_mode():
        expected = [part.numpy() for part in model(batch)]
    real = batch.mask.numpy() == 1
    scale = np.abs(expected[0][real]).max()
    for ours, theirs in zip(given[:2], expected[:2], strict=True):
        assert np.abs(ours - theirs)[real].max() <= tolerance * max(1.0, scale)
    assert np.abs(given[2] - expected[2]).max() <= tolerance * max(1.0, scale)
    if precision == "rows":
        alone = run({name: part[:1] for name, part in inputs.items()})
        np.testing.assert_allclose(alone[0][0], given[0][0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", [False, True])
def test_two_stages_give_what_the_whole_network_gives(start: Path, tmp_path: Path, padding: bool) -> None:
    checkpoint = trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=1)).run(quiet, lambda: False)
    weights = read_weights(checkpoint)
    how = weights.arrays, weights.heads, weights.epsilon, GraphOptions("fp32", padding, int8_embeddings=False)
    models = {"whole": build_graph(*how), **dict(zip(("first", "rest"), build_stages(*how), strict=True))}
    for name, made in models.items():
        (tmp_path / f"{name}.onnx").write_bytes(made.SerializeToString())
    parts = make_batch(features(5) if padding else features(1), torch.device("cpu"))
    batch = Batch(parts.ids.numpy(), parts.mask.numpy(), parts.kinds.numpy())
    sessions = {name: onnx_runtime().InferenceSession(tmp_path / f"{name}.onnx") for name in models}
    inputs = {put.name: getattr(batch, put.name) for put in sessions["first"].get_inputs()}
    hidden, early = sessions["first"].run(["hidden", "early"], inputs)
    masks = {"attention_mask": batch.attention_mask} if padding else {}
    staged = sessions["rest"].run(None, {"hidden": hidden, **masks})
    for ours, theirs in zip(staged, sessions["whole"].run(None, inputs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    with torch.inference_mode():
        expected = load_model(checkpoint)[0].eval()(parts).early.numpy()
    np.testing.assert_allclose(early, expected, rtol=1e-4, atol=1e-4)
    if not padding:
        backend = StagedOnnxBackend(tmp_path / "first.onnx", tmp_path / "rest.onnx", threads=2)
        looks = backend.look([batch, batch])
        assert [float(look.early[0]) for look in looks] == [float(early[0])] * 2
        for logits in (*backend.finish(looks), *backend.run([batch, batch]), *backend.run([batch])):
            np.testing.assert_allclose(logits.start, staged[0], rtol=1e-5, atol=1e-5)


def test_a_graph_without_padding_gives_a_window_the_same_logits(start: Path, tmp_path: Path) -> None:
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    for name, padding in (("alone", False), ("any", True)):
        export_bundle(
            start, tmp_path / "tokenizer.json", tmp_path / name, BundleSettings("1"), GraphOptions(padding=padding)
        )
    parts = make_batch(features(1), torch.device("cpu"))
    batch = Batch(parts.ids.numpy(), parts.mask.numpy(), parts.kinds.numpy())
    alone, whole = (OnnxBackend(tmp_path / name / "model.onnx") for name in ("alone", "any"))
    np.testing.assert_allclose(alone.run([batch])[0].start, whole.run([batch])[0].start, rtol=1e-5, atol=1e-5)
    padded = Batch(
        *(np.pad(part, ((0, 0), (0, 3))) for part in (batch.input_ids, batch.attention_mask, batch.token_type_ids))
    )
    assert whole.run([padded])[0].start.shape == (1, padded.input_ids.shape[1])
    with pytest.raises(ModelError, match="one window at a time"):
        alone.run([padded])


def test_the_exported_reader_needs_no_relevance_head_and_names_its_files(start: Path, tmp_path: Path) -> None:
    import hashlib

    made = tokenizer()
    made.enable_truncation(8)
    made.enable_padding()
    made.save(str(tmp_path / "tokenizer.json"))
    out = tmp_path / "bundle"
    manifest = export_bundle(start, tmp_path / "tokenizer.json", out, BundleSettings("1"))
    assert manifest == json.loads((out / "reader.json").read_text(encoding="utf-8"))
    assert manifest["outputs"] == ["start_logits", "end_logits"]
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    plain = json.loads((out / "tokenizer.json").read_text(encoding="utf-8"))
    assert plain["truncation"] is None
    assert plain["padding"] is None


def test_averaged_weights_are_the_mean(start: Path, tmp_path: Path) -> None:
    trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=1)).run(quiet, lambda: False)
    trainer(start, tmp_path / "run", replace(SETTINGS, max_steps=2)).run(quiet, lambda: False)
    found = checkpoints(tmp_path / "run" / "checkpoints")
    average_weights(found, tmp_path / "mean")
    parts = [read_weights(path).arrays for path in found]
    for name, mean in read_weights(tmp_path / "mean").arrays.items():
        np.testing.assert_allclose(mean, (parts[0][name] + parts[1][name]) / 2, rtol=1e-6, atol=1e-9)
    with pytest.raises(WeightsError, match="other weights"):
        average_weights([found[0], start], tmp_path / "mean")
