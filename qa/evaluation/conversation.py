"""The run behind ``qa eval --mode conversation``: questions that follow others, and kinds that need more than one answer.

The file has one question a line, as :mod:`qa.evaluation.datasets` describes it, with further fields:

- ``follows``: id of the question before it, which may be a follow-up itself. Those before it are asked first, in their own
  conversation, then the question in its short form. Only the question itself is scored.
- ``standalone``: the same question in full. It is asked by itself too; its scores are the upper bound for the short form.
- ``kind``: what kind of question it is; those of kind ``opening`` are asked where others follow them, but not scored.

All other questions are asked as the first of a conversation. :mod:`qa.evaluation.conversation_files` reads the file.

**A run that was cut off** has in its journal what every scored question came to, each with its standalone form. The answers
before a follow-up are not kept: where it was not reached, those before it are asked again, from the first of its
conversation, as a run in one go asks them too, apart from scoring them. So it stands after the same turns.

**Memory** holds ids and some hundred bytes of numbers a question, and the last conversations that were gone on with; one that
is longer ago is asked again when another question follows it.

**For further kinds** (lists, claims): the scores of a single question come from its line and its whole answer
(:func:`qa.evaluation.claims.question_claims`), those of the file from the results.
"""

import time
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter

from index.errors import DatasetError, QuestionError
from qa.evaluation import outcomes, scoring
from qa.evaluation.breakdown import with_breakdown
from qa.evaluation.claims import claim_scores, question_claims
from qa.evaluation.columns import Results
from qa.evaluation.conversation_files import ConversationRow
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import Dataset, Question
from qa.evaluation.journal import Journal
from qa.evaluation.report import FollowUpScores, QuestionResult, Report
from qa.evaluation.runner import Progress, encoder_facts, score_answer
from qa.evaluation.spool import Selected, Spool
from qa.models import Answer

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.conversation import Conversation, ConversationalAssistant
    from qa.conversation.approaches import Approach

OPENING = "opening"
"""Kind of questions that are asked for the sake of those that follow them, and not scored."""

REMEMBERED = 64
"""How many conversations are kept for further questions that follow them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked within its conversation.

    Attributes:
        changed: whether it was read as something else than was asked.
        result: its scores.
        full: the scores of its standalone form, if it has one.
        after_right: whether all answers before it in its conversation were right; ``None`` if one of them cannot be scored.
        seconds: how long it took to ask it, its standalone form, and those before it that had not been asked yet.
    """

    changed: bool
    result: QuestionResult
    full: QuestionResult | None
    after_right: bool | None
    seconds: float

    @property
    def id(self) -> str:
        """Of the question."""
        return self.result.id


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
    journal: Journal[Asked] | None = None,
) -> Report:
    """Ask each question within its conversation, over everything in the index.

    The time of a question is that of its own answer, without those before it.

    Args:
        dataset: the questions, as :func:`qa.evaluation.conversation_files.load_rows` leaves them.
        rows: of the same function.
        assistant: what to measure.
        corpus: where the contexts stand in the assistant's index.
        approach: how follow-ups are read; the default of :class:`qa.conversation.ConversationalAssistant` for ``None``.
        answer_all: always give the best span, however doubtful.
        limit: ask this many questions, spread evenly over the file, and those before them; all for ``None``.
        progress: told about every question.
        journal: keeps the results as they come; questions that it has are asked again only where others follow them.

    Raises:
        DatasetError: none of the questions chosen is to be scored.
    """
    from qa.conversation import ConversationalAssistant

    sample = dataset.sample(limit)
    scored = array("Q", (place for place, question in enumerate(sample) if rows[question.id].kind != OPENING))
    if not scored:
        asked_for = "none of its questions" if limit is None else "none of the questions that --limit leaves"
        raise DatasetError(
            f"{dataset.name}: {asked_for} can be scored: all are of kind {OPENING}. Ask for questions of other kinds too."
        )
    assistant.warm_up()
    talking = ConversationalAssistant(assistant) if approach is None else ConversationalAssistant(assistant, approach)
    run = _Run(talking, dataset, rows, corpus, answer_all)
    results, shape = Results(), TypeAdapter(Asked)
    follow_ups: Spool[Asked] = Spool(shape.dump_python, shape.validate_python)
    earlier = 0.0
    began = time.perf_counter()
    for question in Selected(sample, scored):
        one = None if journal is None else journal.get(question.id)
        if one is not None:
            earlier += one.seconds
        else:
            one = run.ask(question)
            if journal is not None:
                journal.add(one)
        if one.full is not None:
            follow_ups.append(one)
        located = corpus.document_ids[one.result.context] is not None
        results.append(one.result.model_copy(update={"located": located}))
        if progress is not None:
            progress(len(results), len(scored))
    seconds = earlier + time.perf_counter() - began
    threshold = None if answer_all else assistant.reader.threshold
    models = {"encoder": encoder_facts(assistant.index), "reader": assistant.reader.describe()}
    report = scoring.answer_report(dataset.name, "conversation", results, seconds, threshold, models)
    of_kinds = {"follow_ups": follow_up_scores(follow_ups), "claims": claim_scores(results)}
    return with_breakdown(report.model_copy(update=of_kinds), dataset)


def follow_up_scores(asked: Iterable[Asked]) -> FollowUpScores | None:
    """Scores of the questions that follow another one, beside those of their standalone forms; ``None`` if there are none."""
    numbers = np.fromiter(
        (
            (*_scores(one.result), *_scores(one.full), one.changed, one.after_right is True)
            for one in asked
            if one.full is not None
        ),
        dtype=np.dtype((np.float64, 6)),
    )
    if not len(numbers):
        return None
    exact_match, f1, full_exact_match, full_f1, changed = (float(mean) for mean in numbers[:, :5].mean(axis=0))
    grounded = numbers[numbers[:, 5] == 1]
    grounded_full = float(grounded[:, 3].sum())
    return FollowUpScores(
        questions=len(numbers),
        exact_match=100 * exact_match,
        f1=100 * f1,
        standalone_exact_match=100 * full_exact_match,
        standalone_f1=100 * full_f1,
        ratio=f1 / full_f1 if full_f1 else None,
        changed=changed,
        after_right=len(grounded),
        after_right_ratio=float(grounded[:, 1].sum()) / grounded_full if grounded_full else None,
    )


def _scores(result: QuestionResult) -> tuple[float, float]:
    """Exact match and F1, each in 0..1."""
    if result.exact_match is None or result.f1 is None:
        raise ValueError("a follow-up without an exact match or an F1 cannot be scored")
    return result.exact_match, result.f1


def _tidy(text: str) -> str:
    return " ".join(text.split())


class _Run:
    """Asks the questions of a file, those before a follow-up first; a question that several follow is asked once."""

    def __init__(
        self,
        assistant: "ConversationalAssistant",
        dataset: Dataset,
        rows: Mapping[str, ConversationRow],
        corpus: Corpus,
        answer_all: bool,
    ) -> None:
        self._assistant = assistant
        self._questions = dataset.questions
        self._rows = rows
        self._corpus = corpus
        self._answer_all = answer_all
        self._places: dict[str, int] = {}
        self._documents: dict[str, str | None] = {}
        for place, question in enumerate(dataset.questions):
            self._places[question.id] = place
            self._documents[str(rows[question.id].fields.get("document"))] = corpus.document_ids[question.context]
        self._before: OrderedDict[str, tuple[Conversation, bool | None]] = OrderedDict()

    def ask(self, question: Question) -> Asked:
        began = time.perf_counter()
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
        return Asked(changed, result.model_copy(update=more), full, after_right, time.perf_counter() - began)

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
        """The conversation up to and with question ``last``, and whether all its answers are right; what is not remembered
        of it is asked now."""
        from qa.conversation import Conversation

        unasked: list[str] = []
        while last is not None and last not in self._before:
            unasked.append(last)
            last = self._rows[last].follows
        conversation, right = (Conversation(), True) if last is None else self._before[last]
        if last is not None:
            self._before.move_to_end(last)
        for name in reversed(unasked):
            conversation, right = self._before[name] = self._gone_on(name, conversation, right)
            if len(self._before) > REMEMBERED:
                self._before.popitem(last=False)
        return conversation, right

    def _gone_on(
        self, name: str, conversation: "Conversation", right: bool | None
    ) -> tuple["Conversation", bool | None]:
        """``conversation`` after this question of the file, and whether all its answers are right."""
        question = self._questions[self._places[name]]
        try:
            answer, longer = self._assistant.ask(question.text, conversation, answer_all=self._answer_all)
        except QuestionError:
            return conversation, False
        # What only opens a conversation has no answer in the file.
        opens = self._rows[name].kind == OPENING
        known = None if opens else score_answer(question, answer, 0.0, self._corpus).stage == "right"
        return longer, right and known
