"""``report.html``: the outcome of a run as one page, to be read, passed on and cited.

The page is a single file. It asks nothing of any host and has a policy (CSP) that would not let it: only its own style and
its own script run, each named by its SHA-256. Question files are not to be trusted, so every text in them is escaped by the
template or handed to the script as data.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.breakdown import document_name
from qa.evaluation.columns import columns_of
from qa.evaluation.datasets import Dataset
from qa.evaluation.kinds import LENGTHS, TYPES
from qa.evaluation.page_data import REACH, TEXT_BUDGET, PageData
from qa.evaluation.plots import plots
from qa.evaluation.report import Report
from qa.evaluation.shapes import STAGES, Stage
from qa.evaluation.tiles import tiles

if TYPE_CHECKING:
    from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"

STAGE_MEANINGS: dict[Stage, str] = {
    "right": "A right answer was given, or none where there is none.",
    "not_asked": "The system would not take the question.",
    "not_retrieved": "No passage that the reader was given holds expected words.",
    "unplaced": "The answer is wrong, and the text that it should come from is not in the index.",
    "ranked_wrongly": "Another candidate was right, but not the best one.",
    "read_wrongly": "The reader had the expected words before it, and no candidate was right.",
    "wrongly_refused": "The best candidate was right, but held back by the threshold.",
    "wrongly_answered": "There is no answer, and one was given.",
}
"""What the stages of :mod:`qa.evaluation.stages` mean, in a sentence for the page."""

_LABELS: dict[str, str] = {stage: stage.replace("_", " ") for stage in STAGES}


def render(
    report: Report,
    dataset: Dataset,
    settings: Sequence[tuple[str, str]],
    when: datetime,
    *,
    text_budget: int = TEXT_BUDGET,
) -> str:
    """The page as one text; see :func:`pieces`."""
    return "".join(pieces(report, dataset, settings, when, text_budget=text_budget))


def pieces(
    report: Report,
    dataset: Dataset,
    settings: Sequence[tuple[str, str]],
    when: datetime,
    *,
    text_budget: int = TEXT_BUDGET,
) -> Iterator[str]:
    """The page piece by piece, so that the questions of a long run never are in memory together.

    Args:
        report: of a run over questions of ``dataset``, with the results.
        dataset: the question file.
        settings: what else was set, as names and values.
        when: the time of the run, with its time zone.
        text_budget: bytes of contexts beyond which they are shortened to the surroundings of their spans.

    Raises:
        ValueError: ``when`` has no time zone.
    """
    # Here, not at the top: only those who want a page need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from jinja2.utils import htmlsafe_json_dumps
    from markupsafe import Markup

    if when.tzinfo is None:
        raise ValueError("the time of a run needs its time zone")
    data = PageData(report, dataset, text_budget)
    columns = columns_of(report.results)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    style, script = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    page = environment.get_template("report.html").generate(
        report=report,
        date=when.isoformat(sep=" ", timespec="minutes"),
        tiles=tiles(report),
        facts=[*_facts(report), *settings],
        plots=plots(report),
        breakdown=report.breakdown,
        answered=bool(columns["answered"].any()),
        stage_labels=_LABELS,
        stage_meanings=STAGE_MEANINGS,
        types=_present(TYPES, columns["type"]),
        # Queries that documents were judged for have no expected answers.
        lengths=[] if columns.ranking else _present(LENGTHS, columns["length"]),
        documents=sorted({document_name(dataset.contexts, int(place)) for place in np.unique(columns["context"])}),
        shortened=REACH if data.shortened else None,
        data=_json(data, lambda value: htmlsafe_json_dumps(value, ensure_ascii=False, separators=(",", ":"))),
        # Ours, and not to be escaped: a browser reads no character references in styles and scripts.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=_version(),
    )
    # An id or a title may hold half a character, which no file in UTF-8 can; it becomes a question mark.
    return (piece.encode("utf-8", "replace").decode("utf-8") for piece in page)


def _json(data: PageData, dump: "Callable[[object], Markup]") -> "Iterator[Markup]":
    """The data of the page as JSON without a ``<``, value by value."""
    from markupsafe import Markup

    comma = Markup(",")
    yield Markup('{"contexts":{')
    for number, (position, context) in enumerate(data.contexts()):
        yield (comma if number else Markup("")) + dump(position) + Markup(":") + dump(context)
    yield Markup('},"questions":[')
    for number, question in enumerate(data.questions()):
        yield (comma if number else Markup("")) + dump(question)
    rest = dump({"ranked": data.ranked, "stages": _LABELS})
    yield Markup("],") + rest[1:]


def _facts(report: Report) -> list[tuple[str, str]]:
    """How the run was made, as far as the report itself tells."""
    told = report.model_dump(exclude_none=True)
    facts = [
        (f"Model: {name}", " · ".join(filter(None, described.values()))) for name, described in report.models.items()
    ]
    facts.append(("Seed", str(told["seed"]) if "seed" in told else "none: nothing here was drawn at random"))
    if (drawn := told.get("bootstrap")) is not None:
        how = f"{drawn['resamples']:,} bootstrap resamples of {drawn['units']:,} {drawn['unit']}s"
        facts.append(("Intervals", f"{drawn['level']:.0%}, from {how}"))
    if "seconds" in told:
        facts.append(("Duration", f"{told['seconds']:,.1f} s from the first question to the last"))
    if "peak_memory_mb" in told:
        facts.append(("Most memory held", f"{told['peak_memory_mb']:,.0f} MB"))
    if "versions" in told:
        facts.append(("Versions", ", ".join(f"{name} {number}" for name, number in told["versions"].items())))
    return facts


def _present(names: Sequence[str], places: NDArray[np.int8]) -> list[str]:
    """Those of ``names`` whose positions are among ``places``."""
    return [names[place] for place in np.unique(places).tolist()]


def _hash(text: str) -> str:
    """The digest that the page's policy names an inline text by."""
    return b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


def _version() -> str:
    try:
        return version("footnote-qa")
    except PackageNotFoundError:
        # Whoever runs from a plain checkout has no installed package to name.
        return "(not installed)"
