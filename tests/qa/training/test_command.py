"""The command from data to a reader, with a tiny random model."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from typer.testing import CliRunner

from qa.training.__main__ import app

TEXT = "Rome was founded by settlers long ago. Its oldest bridge dates from 800. Trade made the city rich and proud."


def squad(question: str, answer: str, text: str = TEXT) -> str:
    answers = [{"text": answer, "answer_start": text.index(answer)}] if answer else []
    entry = {"id": question, "question": question, "is_impossible": not answer, "answers": answers}
    return json.dumps({"version": "x", "data": [{"title": "T", "paragraphs": [{"context": text, "qas": [entry]}]}]})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """``data/``, ``start/`` (weights of one layer of 16) and ``tokenizer.json``."""
    from qa.training.model import ReaderModel

    for name, content in {
        "train/a": squad("when ?", "800"),
        "train/b": squad("who ?", ""),
        "dev/answerable": squad("who came ?", "settlers", "The first settlers came late."),
        "dev/mixed": squad("why ?", "", "The first settlers came late."),
    }.items():
        file = tmp_path / "data" / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    signs = sorted({*TEXT.lower().replace(".", " .").split(), "when", "who", "?"})
    vocabulary = {sign: number for number, sign in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *signs])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.save(str(tmp_path / "tokenizer.json"))
    config = {
        "vocab_size": 64,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 384,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
    torch.manual_seed(0)
    (tmp_path / "start").mkdir()
    save_file(ReaderModel(config).state_dict(), tmp_path / "start" / "model.safetensors")
    (tmp_path / "start" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return tmp_path


def test_one_command_goes_from_data_to_a_reader_and_can_be_repeated(work: Path) -> None:
    from qa.reader import load_reader

    options = {
        "--data": work / "data",
        "--start": work / "start",
        "--out": work / "out",
        "--tokenizer": work / "tokenizer.json",
        "--version": "1",
        "--steps": 2,
        "--cooldown-steps": 2,
        "--threads": 1,
    }
    command = ["all", "--no-calibrated", *(str(part) for pair in options.items() for part in pair)]
    for _ in range(2):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        assert [path.name for path in (work / "out" / "cooldown" / "checkpoints").iterdir()] == ["step-00000004"]
    scores, _ = json.JSONDecoder().raw_decode(result.stdout[result.stdout.index("{") :])
    assert scores["answerable"].keys() == {"questions", "exact_match", "f1"}
    assert "best_f1" in scores["mixed"]
    reader = load_reader(str(work / "out" / "reader"))
    assert reader.read("when ?", [TEXT]).spans


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What a command that fails says on standard error, on one line."""
    from qa.training.__main__ import main

    monkeypatch.setattr("sys.argv", ["training", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    return " ".join(capsys.readouterr().err.split())


def test_a_cooldown_of_a_former_branch_is_not_taken_for_another(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["all", "--no-calibrated", "--data", work / "data", "--start", work / "start", "--out", work / "out"]
    command += ["--tokenizer", work / "tokenizer.json", "--version", "1", "--threads", "1", "--cooldown-steps", "2"]
    first = CliRunner().invoke(app, [*map(str, command), "--steps", "2"])
    assert first.exit_code == 0, first.output
    said = told(monkeypatch, capsys, *command, "--steps", "4")
    assert "branched at step 2, before the 4 steps asked for. Remove that folder" in said


def test_fresh_heads_follow_from_the_seed(work: Path) -> None:
    from safetensors.torch import load_file

    found = load_file(work / "start" / "model.safetensors")
    save_file(
        {name: tensor for name, tensor in found.items() if name.startswith("bert.")},
        work / "start" / "model.safetensors",
    )
    runner = CliRunner()
    assert runner.invoke(app, ["prepare", "--data", str(work / "data"), "--out", str(work / "p")]).exit_code == 0
    for number in range(2):
        torch.manual_seed(number)
        command = ["train", "--prepared", work / "p", "--run", work / f"run{number}", "--start", work / "start"]
        command += ["--tokenizer", work / "tokenizer.json", "--threads", 1, "--max-steps", 2, "--seed", 5]
        result = runner.invoke(app, [*map(str, command)])
        assert result.exit_code == 0, result.output
    one, two = (
        load_file(work / f"run{number}" / "checkpoints" / "step-00000002" / "model.safetensors") for number in range(2)
    )
    assert all(torch.equal(tensor, two[name]) for name, tensor in one.items())


def test_slips_of_a_run_are_told_in_a_line(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert CliRunner().invoke(app, ["prepare", "--data", str(work / "data"), "--out", str(work / "p")]).exit_code == 0
    common = ["train", "--prepared", work / "p", "--run", work / "run", "--start", work / "start", "--max-steps", 1]
    said = told(monkeypatch, capsys, *common, "--tokenizer", work / "nothere.json")
    assert "is no tokenizer (No such file or directory" in said
    sources = json.loads((work / "p" / "report.json").read_text(encoding="utf-8"))["by_source"]
    weights = [word for name in sources for word in ("--weight", f"{name}=0")]
    said = told(monkeypatch, capsys, *common, "--tokenizer", work / "tokenizer.json", *weights)
    assert "the prepared data gives no example at all" in said


def test_faults_of_the_data_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qa.training.__main__ import main

    monkeypatch.setattr("sys.argv", ["training", "prepare", "--data", str(tmp_path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
