"""The run behind ``qa eval --mode conversation``: questions that follow others, and kinds that need more than one answer.

The file has one question a line, as :mod:`qa.evaluation.datasets` describes it, with further fields:

- ``follows``: id of the question before it, which may be a follow-up itself. Those before it are asked first, in their own
  conversation, then the question in its short form. Only the question itself is scored.
- ``standalone``: the same question in full. It is asked by itself too; its scores are the upper bound for the short form.
- ``kind``: what kind of question it is; those of kind ``opening`` are asked where others follow them, but not scored.

All other questions are asked as the first of a conversation.

**For further kinds** (lists, claims): a score of a kind is a function from the asked questions to a shape of
:mod:`qa.evaluation.report`, as :func:`follow_up_scores` is. Each :class:`Asked` has the whole
:class:`qa.models.Answer`, claims included, and in ``row.fields`` everything that the line of the file says (``set``,
``claims``, ``agree``). Add the function in a module of its own, a field for its shape to
:class:`qa.evaluation.report.Report`, and one line to :func:`_kind_scores`.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import DatasetError, QuestionError
from qa.evaluation import outcomes, scoring
from qa.evaluation.breakdown import with_breakdown
from qa.evaluation.claims import claim_scores, question_claims
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import LINE_SUFFIXES, Dataset, Question, read_text
from qa.evaluation.report import FollowUpScores, QuestionResult, Report
from qa.evaluation.runner import Progress, encoder_facts, score_answer
from qa.models import Answer

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.conversation import Conversation, ConversationalAssistant
    from qa.conversation.approaches import Approach

OPENING = "opening"
"""Kind of questions that are asked for the sake of those that follow them, and not scored."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What a line of the file says beyond the question itself.

    Attributes:
        kind: of the question; empty if the line does not say.
        follows: id of the question before it.
        standalone: the question in full.
        fields: the whole line, as decoded from JSON.
    """

    kind: str
    follows: str | None
    standalone: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked within its conversation.

    Attributes:
        changed: whether it was read as something else than was asked.
        result: its scores.
        full: the scores of its standalone form, if it has one.
        after_right: whether all answers before it in its conversation were right; ``None`` if one of them cannot be scored.
    """

    changed: bool
    result: QuestionResult
    full: QuestionResult | None
    after_right: bool | None


def load_rows(path: Path, dataset: Dataset) -> dict[str, ConversationRow]:
    """What the lines of ``path`` say beyond ``dataset``, which was read from it, by id.

    Raises:
        DatasetError: the file is not one of JSON lines; a question follows one that is not there, or itself, by whatever
            way; or it follows one and does not say what it means in full.
    """
    if path.suffix.lower() not in LINE_SUFFIXES:
        raise DatasetError(f"{path}: --mode conversation reads JSON lines (.jsonl), which say what follows what.")
    rows: dict[str, ConversationRow] = {}
    known = {question.id for question in dataset.questions}
    for line in read_text(path).split("\n"):
        fields = json.loads(line) if line.strip() else {}
        if str(fields.get("id")) in known:
            follows, full = fields.get("follows"), fields.get("standalone")
            rows[str(fields["id"])] = ConversationRow(
                kind=str(fields.get("kind", "")),
                follows=None if follows is None else str(follows),
                standalone=full if isinstance(full, str) and full.strip() else None,
                fields=fields,
            )
    for name, row in rows.items():
        if row.follows is not None and row.standalone is None:
            raise DatasetError(f"{path}: question {name} follows another and needs its full form in standalone.")
        _chain(path, name, rows)
    return rows


def _chain(path: Path, name: str, rows: Mapping[str, ConversationRow]) -> list[str]:
    """Ids of the questions before ``name``, the first one first."""
    chain: list[str] = []
    before = rows[name].follows
    while before is not None:
        if before not in rows:
            raise DatasetError(f"{path}: question {name} follows {before}, which is not in the file.")
        if before in chain or before == name:
            raise DatasetError(f"{path}: question {name} follows itself, by way of {before}.")
        chain.append(before)
        before = rows[before].follows
    return chain[::-1]


def evaluate_conversation(
    dataset: Dataset,
    rows: Mapping[str, ConversationRow],
    assistant: "Assistant",
    corpus: Corpus,
    *,
    approach: "Approach | None" = None,
    answer_all: bool = False,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Ask each question within its conversation, over everything in the index.

    The time of a question is that of its own answer, without those before it.

    Args:
        dataset: the questions.
        rows: of :func:`load_rows`.
        assistant: what to measure.
        corpus: where the contexts stand in the assistant's index.
        approach: how follow-ups are read; the default of :class:`qa.conversation.ConversationalAssistant` for ``None``.
        answer_all: always give the best span, however doubtful.
        limit: ask this many questions, spread evenly over the file, and those before them; all for ``None``.
        progress: told about every question.
    """
    from qa.conversation import ConversationalAssistant

    assistant.warm_up()
    talking = ConversationalAssistant(assistant) if approach is None else ConversationalAssistant(assistant, approach)
    run = _Run(talking, {question.id: question for question in dataset.questions}, rows, corpus, answer_all)
    chosen = [question for question in dataset.sample(limit) if rows[question.id].kind != OPENING]
    began = time.perf_counter()
    asked: list[Asked] = []
    for question in chosen:
        asked.append(run.ask(question))
        if progress is not None:
            progress(len(asked), len(chosen))
    seconds = time.perf_counter() - began
    results = [one.result for one in asked]
    located = [corpus.document_ids[result.context] is not None for result in results]
    threshold = None if answer_all else assistant.reader.threshold
    models = {"encoder": encoder_facts(assistant.index), "reader": assistant.reader.describe()}
    report = scoring.answer_report(dataset.name, "conversation", results, seconds, located, threshold, models)
    return with_breakdown(report.model_copy(update=_kind_scores(asked)), dataset)


def _kind_scores(asked: Sequence[Asked]) -> dict[str, object]:
    """The scores of kinds of questions, by their field of the report."""
    return {"follow_ups": follow_up_scores(asked), "claims": claim_scores([one.result for one in asked])}


def follow_up_scores(asked: Sequence[Asked]) -> FollowUpScores | None:
    """Scores of the questions that follow another one, beside those of their standalone forms; ``None`` if there are none."""
    pairs = [(one, one.full) for one in asked if one.full is not None]
    if not pairs:
        return None
    f1 = _percent([one.result.f1 for one, _ in pairs])
    full_f1 = _percent([full.f1 for _, full in pairs])
    grounded = [(one, full) for one, full in pairs if one.after_right]
    return FollowUpScores(
        questions=len(pairs),
        exact_match=_percent([one.result.exact_match for one, _ in pairs]),
        f1=f1,
        standalone_exact_match=_percent([full.exact_match for _, full in pairs]),
        standalone_f1=full_f1,
        ratio=f1 / full_f1 if full_f1 else None,
        changed=sum(one.changed for one, _ in pairs) / len(pairs),
        after_right=len(grounded),
        after_right_ratio=_ratio(grounded),
    )


def _ratio(pairs: Sequence[tuple[Asked, QuestionResult]]) -> float | None:
    """F1 of the questions over that of their standalone forms; ``None`` without any, or if the latter is 0."""
    full = sum(of_full.f1 for _, of_full in pairs if of_full.f1 is not None)
    return sum(one.result.f1 for one, _ in pairs if one.result.f1 is not None) / full if full else None


def _percent(scores: Sequence[float | None]) -> float:
    known = [score for score in scores if score is not None]
    return 100 * sum(known) / len(known)


def _tidy(text: str) -> str:
    return " ".join(text.split())


class _Run:
    """Asks the questions of a file, those before a follow-up first; a question that several follow is asked once."""

    def __init__(
        self,
        assistant: "ConversationalAssistant",
        questions: Mapping[str, Question],
        rows: Mapping[str, ConversationRow],
        corpus: Corpus,
        answer_all: bool,
    ) -> None:
        self._assistant = assistant
        self._questions = questions
        self._rows = rows
        self._corpus = corpus
        self._answer_all = answer_all
        self._documents = {
            str(row.fields.get("document")): corpus.document_ids[questions[name].context] for name, row in rows.items()
        }
        self._before: dict[str, tuple[Conversation, bool | None]] = {}

    def ask(self, question: Question) -> Asked:
        row = self._rows[question.id]
        conversation, after_right = self._conversation(row.follows)
        answer, result = self._timed(question, question.text, conversation)
        full = None
        if row.follows is not None and row.standalone is not None:
            _, full = self._timed(question, row.standalone, self._conversation(None)[0])
        scores = question_claims(row.fields, answer, self._documents)
        read_as = None if answer is None else answer.standalone_question
        changed = read_as is not None and read_as != _tidy(question.text)
        more = {"claims": scores, "read_as": read_as if changed else None}
        return Asked(changed, result.model_copy(update=more), full, after_right)

    def _timed(
        self, question: Question, text: str, conversation: "Conversation"
    ) -> tuple[Answer | None, QuestionResult]:
        began = time.perf_counter()
        try:
            answer, _ = self._assistant.ask(text, conversation, answer_all=self._answer_all)
        except QuestionError as error:
            return None, outcomes.not_asked(question, time.perf_counter() - began, error)
        return answer, score_answer(question, answer, time.perf_counter() - began, self._corpus)

    def _conversation(self, last: str | None) -> tuple["Conversation", bool | None]:
        """The conversation up to and with question ``last``, asked now if it was not before, and whether all its answers
        are right."""
        from qa.conversation import Conversation

        if last is None:
            return Conversation(), True
        if last not in self._before:
            earlier, right = self._conversation(self._rows[last].follows)
            question = self._questions[last]
            try:
                answer, conversation = self._assistant.ask(question.text, earlier)
            except QuestionError:
                self._before[last] = earlier, False
            else:
                result = score_answer(question, answer, 0.0, self._corpus)
                # What only opens a conversation has no answer in the file.
                known = None if self._rows[last].kind == OPENING else result.stage == "right"
                self._before[last] = conversation, right and known
        return self._before[last]
