"""Fit what tells whether a place answers too, and in another way: ``qa/claims/evidence.json``.

    python -m benchmarks.development.evidence [--reader FOLDER] [--write]

Every question of the files it is fitted on is asked of all articles of its file. Each pair of the best place, where that is
right, and another place that could answer, in whatever article, is one row: the signals of :mod:`qa.claims.signals`, whether
the other place is a marked answer, and whether it is one that differs from the best. Two models of boosted trees are fitted
with scikit-learn (which comes with the sentence encoder) and stored as plain numbers.

Some of these articles were written for training the reader. A reader that learned from them reads them too well, so the
reader to fit with is the last one that did not: 0.8.0, from the history of the repository.
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
    from qa.claims.signals import Asked

FOLDER = Path(__file__).resolve().parent
QUESTIONS = FOLDER.parents[1] / "qa" / "training" / "questions"
FITTED_ON = ("written.jsonl", "events.jsonl", "questions.jsonl")
LEARNED = ("written-claims-8.json", "written-claims-9.json")
"""Files of training questions, in the form of SQuAD, that are fitted on too. Their questions with several answers have a
field ``agree``: whether these are the same or differ."""
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
_OTHERS = 3
"""How many places of a question that are right, beside the best one, are taken to be it in turn."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A place beside the best one: its ``signals``, whether it ``answers`` too, and whether that ``differs``."""

    signals: dict[str, float]
    answers: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A place beside another one of a question, ``asked``, mostly the best: whether it ``answers`` too, whether that
    ``differs``, and whether the other one is ``right``."""

    asked: Asked
    best: Place
    place: Place
    answers: bool
    differs: bool
    right: bool


def beside(
    row: Mapping[str, Any],
    found: Sequence[Found],
    documents: Mapping[str, Document],
    ids: Mapping[str, str],
    *,
    others: bool = False,
) -> Iterator[Beside]:
    """The places beside the best one of a question that could answer it.

    Args:
        row: its line in the file.
        found: what the reader puts forward, best first.
        documents: by id.
        ids: of the documents by the names that the file has for them.
        others: also the places beside others that are right, as if these had been the best.
    """
    from qa.claims import wider_behind
    from qa.claims.equality import equal
    from qa.claims.making import compared
    from qa.claims.relating import comparable

    if not found or row["kind"] in _SKIPPED or not row["answers"]:
        return
    question = row["question"]
    asked, _, places = compared(question, wider_behind(question, found, documents), documents)
    claims = row.get("claims", [{"document": row["document"], "answers": row["answers"]}])
    told = [{at for at, claim in enumerate(claims) if is_at(place, claim, ids)} for place in places]
    right = [at for at in range(1, len(places)) if told[at]] if others else []
    for first in (0, *right[:_OTHERS]):
        best = places[first]
        for place, theirs in zip(places, told, strict=True):
            if place is best or not comparable(asked, best, place):
                continue
            # Two places of one claim say the same, in whatever words.
            apart = row.get("agree") is False and not theirs & told[first] and not equal(best.value, place.value)
            yield Beside(asked, best, place, bool(theirs), bool(theirs) and apart, bool(told[first]))


def pairs_of(
    row: Mapping[str, Any],
    found: Sequence[Found],
    documents: Mapping[str, Document],
    ids: Mapping[str, str],
) -> Iterator[Pair]:
    """The pairs of one question; none when its best place is not right.

    Args:
        row, found, documents, ids: as for :func:`beside`.
    """
    from qa.claims.signals import signals

    for one in beside(row, found, documents, ids):
        if one.right:
            yield Pair(signals(one.asked, one.best, one.place), one.answers, one.differs)


def is_at(place: Place, claim: Mapping[str, Any], ids: Mapping[str, str]) -> bool:
    """Whether a place overlaps an answer of a claim, ``ids`` the documents by the names that the file has for them."""
    return place.document.id == ids.get(claim["document"]) and any(
        place.start < span["answer_start"] + len(span["text"]) and span["answer_start"] < place.end
        for span in claim["answers"]
    )


def development(file: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The lines of a file of development questions, and the articles that these are about, by the names they have there."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    names = sorted({row["document"] for row in rows} | {c["document"] for row in rows for c in row.get("claims", [])})
    return rows, {name: (file.parent / name).read_text(encoding="utf-8") for name in names}


def learned(file: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The answerable questions of a file of training questions, in the form of development questions, and its articles."""
    rows, texts = [], {}
    parts = [part for article in json.loads(file.read_text(encoding="utf-8"))["data"] for part in article["paragraphs"]]
    for number, part in enumerate(parts):
        name = f"{file.stem}-{number:03d}"
        texts[name] = part["context"]
        for asked in part["qas"]:
            if asked["is_impossible"]:
                continue
            row = {"question": asked["question"], "document": name, "answers": asked["answers"], "kind": "plain"}
            if "agree" in asked:
                claims = [{"document": name, "answers": [answer]} for answer in asked["answers"]]
                row |= {"kind": "conflict", "agree": asked["agree"], "claims": claims}
            rows.append(row)
    return rows, texts


def read(rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str], reader: str | None) -> list[Pair]:
    """The pairs of ``rows``, asked of all ``texts`` (by name) with the reader in a folder; ``None`` is the shipped one."""
    return [pair for asked in readings(rows, texts, reader) for pair in pairs_of(*asked)]


def readings(
    rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str], reader: str | None
) -> Iterator[tuple[Mapping[str, Any], Sequence[Found], Mapping[str, Document], Mapping[str, str]]]:
    """For each of ``rows`` what :func:`beside` takes, asked of all ``texts`` as by :func:`read`."""
    from index import MiniLMEncoder, add_texts, create_index
    from qa.assistant import Assistant
    from qa.reader import load_reader

    with tempfile.TemporaryDirectory() as folder:
        index = create_index(folder, MiniLMEncoder())
        add_texts(index, [(name, name, text) for name, text in texts.items()])
        ids = {summary.source: summary.id for summary in index.documents()}
        documents = {name: index.document(name) for name in ids.values()}
        loaded = load_reader(reader)
        assistant = Assistant(index, lambda: loaded)
        for row in rows:
            yield row, assistant.candidates(row["question"]), documents, ids


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
) -> None:
    """Fit, and show how well the models tell the places of other files apart."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    from qa.claims.evidence import FITTED
    from qa.claims.trees import Trees

    known = [pair for name in FITTED_ON for pair in read(*development(FOLDER / name), reader)]
    told = [learned(QUESTIONS / name) for name in LEARNED]
    known += read(
        [row for rows, _ in told for row in rows], {k: v for _, texts in told for k, v in texts.items()}, reader
    )
    new = [pair for name in CHECKED_ON for pair in read(*development(FOLDER / name), reader)]
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
