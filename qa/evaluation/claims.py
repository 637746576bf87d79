"""Scores of claims: lists as sets, who says so, and whether differing claims are shown as differing.

A line of the question file may have these fields, with spans of the form ``{"text", "answer_start"}``:

- ``set``: the items of a list, each a list of accepted spans of the line's text, or of the documents that it names in
  ``also_in``, ``{"document"}`` each, where the list goes on;
- ``claims``: ``{"document", "speaker": [span], "answers": [span]}`` each, where several speak about one thing, and
  ``agree``: whether they say the same; ``speaker`` is empty, or left out, where nobody is named.

**Lists.** An answer of the list given fits an item when its token F1 (:func:`qa.evaluation.squad.f1`) against an accepted
span of the item is at least 0.5. Answers and items are paired one to one, the best fit first. With n pairs, precision is
n over the answers, recall n over the items, and F1 their harmonic mean; a question that is refused scores 0.

**Attribution.** A claim of the file is found when a citation shares characters with one of its answers, in its document.
Its speaker is right when the speaker shown for that citation shares characters with one of its speaker spans.
``attribution`` is the share of right ones among those found, ``attribution_recall`` among all; claims that nobody is
named for are left out. Both are means over questions, of the shares within a question.

**Differing.** ``differing_shown`` is the share of the questions with ``agree`` false that are shown as differing, and
``differing_both`` of those where two claims of the file are also found in two different claims shown, and
``differing_found`` the share shown as differing among those whose answer is one of the claims of the file: what finding
other claims loses, without what reading and refusing lose.
``agreeing_as_differing`` is the share of the questions with ``agree`` true that are shown as differing, and
``plain_as_differing`` that of all answerable questions with neither field. Refused questions count as not shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qa.evaluation.columns import columns_of
from qa.evaluation.report import ClaimScores, QuestionResult
from qa.evaluation.squad import f1
from qa.models import Answer, Citation

FITS = 0.5
"""Least token F1 of an answer that fits an item of a list."""

NAMES = (
    "list_precision",
    "list_recall",
    "list_f1",
    "attribution",
    "attribution_recall",
    "differing_shown",
    "differing_both",
    "differing_found",
    "agreeing_as_differing",
    "plain_as_differing",
)
"""The scores, each of the questions that it applies to."""

_Spans = Sequence[Mapping[str, Any]]


def question_claims(
    fields: Mapping[str, Any], answer: Answer | None, documents: Mapping[str, str | None]
) -> dict[str, float]:
    """The scores of one question by name, each in 0..1; those that do not apply to it are left out.

    Args:
        fields: its line in the file.
        answer: the answer given; ``None`` if the question could not be asked.
        documents: ids in the index of the documents that the file names.
    """
    differing = float(answer is not None and answer.agreement == "differing")
    if "set" in fields:
        given = [] if answer is None or answer.answer is None else _answers(answer)
        return list_scores(given, [[span["text"] for span in item] for item in fields["set"]])
    if "claims" in fields:
        shown = _pairs(answer)
        scores = _attribution(fields["claims"], shown, documents)
        if fields.get("agree") is True:
            return scores | {"agreeing_as_differing": differing}
        both = _differ(fields["claims"], shown, documents)
        scores |= {"differing_shown": differing, "differing_both": differing * both}
        return scores | {"differing_found": differing} if _answers_one(fields["claims"], shown, documents) else scores
    return {"plain_as_differing": differing} if fields.get("answers") else {}


def list_scores(given: Sequence[str], items: Sequence[Sequence[str]]) -> dict[str, float]:
    """Precision, recall and F1 of a list of answers against the items of the file, as told above."""
    fits = sorted(
        (
            (-fit, place, number)
            for place, text in enumerate(given)
            for number, item in enumerate(items)
            if (fit := f1(text, item)) >= FITS
        ),
    )
    used: set[int] = set()
    found: set[int] = set()
    for _, place, number in fits:
        if place not in used and number not in found:
            used.add(place)
            found.add(number)
    precision = len(found) / len(given) if given else 0.0
    recall = len(found) / len(items)
    both = 2 * len(found) / (len(given) + len(items))
    return {"list_precision": precision, "list_recall": recall, "list_f1": both}


def claim_scores(results: Sequence[QuestionResult]) -> ClaimScores | None:
    """The means over all questions that a score applies to; ``None`` if there are no lists and no claims."""
    columns = columns_of(results).claims
    if not columns.keys() & {"list_f1", "attribution_recall", "differing_shown"}:
        return None
    scores = {name: np.array(column) for name, column in columns.items()}
    known = {name: column[~np.isnan(column)] for name, column in scores.items()}
    counts = {name: len(column) for name, column in known.items()}
    return ClaimScores(
        lists=counts.get("list_f1", 0),
        differing=counts.get("differing_shown", 0),
        agreeing=counts.get("agreeing_as_differing", 0),
        plain=counts.get("plain_as_differing", 0),
        **{name: float(np.mean(known[name])) for name in NAMES if name in known},
    )


def _answers(answer: Answer) -> list[str]:
    return [claim.answer for claim in answer.claims] if answer.claims else [str(answer.answer)]


def _pairs(answer: Answer | None) -> list[tuple[int, Citation, Citation | None]]:
    """Every citation of every claim shown: number of the claim, the citation, and that of its speaker."""
    if answer is None:
        return []
    return [
        (number, citation, speaker)
        for number, claim in enumerate(answer.claims)
        for citation, speaker in zip(claim.citations, claim.speakers, strict=True)
    ]


def _attribution(
    claims: Sequence[Mapping[str, Any]],
    shown: Sequence[tuple[int, Citation, Citation | None]],
    documents: Mapping[str, str | None],
) -> dict[str, float]:
    found: list[bool] = []
    named = 0
    for claim in claims:
        spans = claim.get("speaker", ())
        if not spans:
            continue
        named += 1
        place = documents.get(claim["document"])
        beside = [speaker for _, citation, speaker in shown if _overlaps(citation, place, claim["answers"])]
        if beside:
            found.append(any(_overlaps(speaker, place, spans) for speaker in beside if speaker is not None))
    if not named:
        return {}
    scores = {"attribution_recall": sum(found) / named}
    return scores | {"attribution": sum(found) / len(found)} if found else scores


def _differ(
    claims: Sequence[Mapping[str, Any]],
    shown: Sequence[tuple[int, Citation, Citation | None]],
    documents: Mapping[str, str | None],
) -> bool:
    """Whether two claims of the file are found in two different claims shown."""
    found = [
        {
            number
            for number, citation, _ in shown
            if _overlaps(citation, documents.get(claim["document"]), claim["answers"])
        }
        for claim in claims
    ]
    return any(
        one and other and len(one | other) > 1 for place, one in enumerate(found) for other in found[place + 1 :]
    )


def _answers_one(
    claims: Sequence[Mapping[str, Any]],
    shown: Sequence[tuple[int, Citation, Citation | None]],
    documents: Mapping[str, str | None],
) -> bool:
    """Whether the answer, which is the first claim shown, is one of the claims of the file."""
    return any(
        number == 0 and _overlaps(citation, documents.get(claim["document"]), claim["answers"])
        for claim in claims
        for number, citation, _ in shown
    )


def _overlaps(citation: Citation, document_id: str | None, spans: _Spans) -> bool:
    return citation.document_id == document_id and any(
        citation.start < span["answer_start"] + len(span["text"]) and span["answer_start"] < citation.end
        for span in spans
    )
