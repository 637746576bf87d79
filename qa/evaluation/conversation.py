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

**For further kinds** (lists, claims): a score of a kind is a function from the asked questions to a shape of
:mod:`qa.evaluation.report`, as :func:`follow_up_scores` is. Each :class:`Asked` has the whole
:class:`qa.models.Answer`, claims included, and in ``row.fields`` everything that the line of the file says (``set``,
``claims``, ``agree``). Add the function in a module of its own, a field for its shape to
:class:`qa.evaluation.report.Report`, and one line to :func:`_kind_scores`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import DatasetError, QuestionError
from qa.evaluation import outcomes, scoring
from qa.evaluation.breakdown import with_breakdown
from qa.evaluation.claims import claim_scores, question_claims
from qa.evaluation.conversation_files import ConversationRow
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import Dataset, Question
from qa.evaluation.journal import Journal
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

    chosen = [question for question in dataset.sample(limit) if rows[question.id].kind != OPENING]
    if not chosen:
        asked_for = "none of its questions" if limit is None else "none of the questions that --limit leaves"
        raise DatasetError(
            f"{dataset.name}: {asked_for} can be scored: all are of kind {OPENING}. Ask for questions of other kinds too."
        )
    assistant.warm_up()
    talking = ConversationalAssistant(assistant) if approach is None else ConversationalAssistant(assistant, approach)
    run = _Run(talking, {question.id: question for question in dataset.questions}, rows, corpus, answer_all)
    earlier = 0.0
    began = time.perf_counter()
    asked: list[Asked] = []
    for question in chosen:
        one = None if journal is None else journal.get(question.id)
        if one is not None:
            earlier += one.seconds
        else:
            one = run.ask(question)
            if journal is not None:
                journal.add(one)
        asked.append(one)
        if progress is not None:
            progress(len(asked), len(chosen))
    seconds = earlier + time.perf_counter() - began
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
        """The conversation up to and with question ``last``, asked now if it was not before, and whether all its answers
        are right."""
        from qa.conversation import Conversation

        if last is None:
            return Conversation(), True
        if last not in self._before:
            earlier, right = self._conversation(self._rows[last].follows)
            question = self._questions[last]
            try:
                answer, conversation = self._assistant.ask(question.text, earlier, answer_all=self._answer_all)
            except QuestionError:
                self._before[last] = earlier, False
            else:
                result = score_answer(question, answer, 0.0, self._corpus)
                # What only opens a conversation has no answer in the file.
                known = None if self._rows[last].kind == OPENING else result.stage == "right"
                self._before[last] = conversation, right and known
        return self._before[last]
