"""Fit what tells whether a place answers too, and in another way: ``qa/claims/evidence.json``.

    python -m benchmarks.development.evidence [--also FOLDER] [--write]

Every question of the files it is fitted on is asked of all articles of its file, by the shipped reader and by others that are
named: what they read differently makes the models depend less on the habits of one. Each pair of the best place, where that is
right, and another place that could answer, in whatever article, is one row: the signals of :mod:`qa.claims.signals`, whether
the other place is a marked answer, and whether it is one that differs from the best. Two models of boosted trees are fitted
with scikit-learn (which comes with the sentence encoder) and stored as plain numbers.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index import Document
    from qa.claims.places import Found, Place

FOLDER = Path(__file__).resolve().parent
FITTED_ON = ("written.jsonl", "events.jsonl", "questions.jsonl")
CHECKED_ON = ("second.jsonl", "checking.jsonl", "apart.jsonl")
_SKIPPED = {"list", "followup"}
_TREES = {
    "n_estimators": 300,
    "max_depth": 6,
    "learning_rate": 0.05,
    "subsample": 0.7,
    "max_features": 0.2,
    "min_samples_leaf": 40,
}
_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """A place beside the best one: its ``signals``, whether it ``answers`` too, and whether that ``differs``."""

    signals: dict[str, float]
    answers: bool
    differs: bool


def pairs_of(
    row: Mapping[str, Any],
    found: Sequence[Found],
    documents: Mapping[str, Document],
    ids: Mapping[str, str],
) -> Iterator[Pair]:
    """The pairs of one question; none when its best place is not right.

    Args:
        row: its line in the file.
        found: what the reader puts forward, best first.
        documents: by id.
        ids: of the documents by the names that the file has for them.
    """
    from qa.claims import wider_behind
    from qa.claims.equality import equal
    from qa.claims.making import comparable, compared
    from qa.claims.signals import signals

    if not found or row["kind"] in _SKIPPED or not row["answers"]:
        return
    question = row["question"]
    asked, _, places = compared(question, wider_behind(question, found, documents), documents)
    best = places[0]
    claims = row.get("claims", [{"document": row["document"], "answers": row["answers"]}])
    mine = [claim for claim in claims if _is_at(best, claim, ids)]
    if not mine:
        return
    for place in places[1:]:
        answers = any(_is_at(place, claim, ids) for claim in claims)
        differs = answers and row.get("agree") is False and not equal(best.value, place.value)
        if comparable(asked, best, place):
            yield Pair(signals(asked, best, place), answers, differs)


def _is_at(place: Place, claim: Mapping[str, Any], ids: Mapping[str, str]) -> bool:
    return place.document.id == ids.get(claim["document"]) and any(
        place.start < span["answer_start"] + len(span["text"]) and span["answer_start"] < place.end
        for span in claim["answers"]
    )


def read(file: Path, reader: str | None) -> list[Pair]:
    """The pairs of all questions of ``file``, over all its articles."""
    from index import MiniLMEncoder, add_texts, create_index
    from qa.assistant import Assistant
    from qa.reader import load_reader

    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    names = sorted({row["document"] for row in rows} | {c["document"] for row in rows for c in row.get("claims", [])})
    with tempfile.TemporaryDirectory() as folder:
        index = create_index(folder, MiniLMEncoder())
        add_texts(index, [(name, name, (file.parent / name).read_text(encoding="utf-8")) for name in names])
        ids = {summary.source: summary.id for summary in index.documents()}
        documents = {name: index.document(name) for name in ids.values()}
        loaded = load_reader(reader)
        assistant = Assistant(index, lambda: loaded)
        asked = [(row, assistant.candidates(row["question"])) for row in rows]
        return [pair for row, found in asked for pair in pairs_of(row, found, documents, ids)]


def fitted(pairs: Sequence[Pair], names: Sequence[str], target: str) -> Any:
    """A scikit-learn model of ``target`` (``answers`` or ``differs``) given the signals ``names``."""
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(**_TREES, random_state=0).fit(_table(pairs, names), _column(pairs, target))


def fields_of(model: Any) -> dict[str, Any]:
    """A model as :meth:`qa.claims.trees.Trees.from_fields` reads it."""
    trees = []
    for (estimator,) in model.estimators_:
        tree = estimator.tree_
        inner = tree.children_left >= 0
        own = np.arange(tree.node_count)
        leaf = np.where(inner, 0.0, tree.value[:, 0, 0] * model.learning_rate)
        trees.append(
            {
                "feature": np.where(inner, tree.feature, -1).tolist(),
                # Half way between two numbers of so many digits, which takes one more.
                "threshold": [round(float(value), _DIGITS + 1) for value in np.where(inner, tree.threshold, 0.0)],
                "left": np.where(inner, tree.children_left, own).tolist(),
                "right": np.where(inner, tree.children_right, own).tolist(),
                "leaf": [round(float(value), _DIGITS) for value in leaf],
            }
        )
    share = model.init_.class_prior_[1]
    return {"start": round(float(np.log(share / (1 - share))), _DIGITS), "trees": trees}


def _table(pairs: Sequence[Pair], names: Sequence[str]) -> NDArray[np.float64]:
    # Rounded, so that thresholds can be stored with few digits and still send every row where the fitted tree does.
    return np.array([[round(pair.signals[name], _DIGITS) for name in names] for pair in pairs])


def _column(pairs: Sequence[Pair], target: str) -> NDArray[np.bool_]:
    return np.array([getattr(pair, target) for pair in pairs])


def main(
    write: Annotated[bool, typer.Option(help="Write the models into qa/claims/evidence.json.")] = False,
    reader: Annotated[str | None, typer.Option(help="Folder of a reader; default: the shipped one.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="Folder of a further reader to fit on; repeatable.")] = None,
) -> None:
    """Fit, and show how well the models tell the places of other files apart."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    from qa.claims.evidence import FITTED
    from qa.claims.trees import Trees

    readers = [reader, *([] if also is None else also)]
    known = [pair for asked in readers for name in FITTED_ON for pair in read(FOLDER / name, asked)]
    new = [pair for name in CHECKED_ON for pair in read(FOLDER / name, reader)]
    names = sorted(known[0].signals)
    made: dict[str, Any] = {"signals": names}
    for target in ("answers", "differs"):
        made[target] = fields_of(fitted(known, names, target))
        trees = Trees.from_fields(made[target])
        right = _column(new, target)
        said = [trees.value(row) for row in _table(new, names)]
        typer.echo(
            f"{target}: {int(_column(known, target).sum())} of {len(known)} pairs; on {', '.join(CHECKED_ON)} "
            f"{int(right.sum())} of {len(new)}, AUROC {roc_auc_score(right, said):.3f}, "
            f"average precision {average_precision_score(right, said):.3f}"
        )
    if write:
        FITTED.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
