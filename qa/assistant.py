"""From a question to a cited answer: retrieve passages, read them, and carry the span back to the document."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from index import (
    Document,
    Filter,
    IndexBusy,
    IndexMissing,
    MiniLMEncoder,
    Passage,
    PassageIndex,
    QuestionError,
    open_index,
)
from qa.candidates import Candidate, Sources, cite, different_answers, in_document, surroundings, unclaimed
from qa.choosing import Remembering, chosen
from qa.claims import any_of, make_claims, some_is_right, wider_behind
from qa.claims.words import asks_for_several
from qa.models import Agreement, Answer, Claim, PassageHit, Timings
from qa.reader import Reader, load_reader
from qa.reader.comparing import Marked
from qa.tidying import whole_marks, worth_showing

MAX_QUESTION = 1000
"""Longest question in characters."""
# How often passages are searched for and read, at the most, while documents that answers are in change meanwhile.
_READINGS = 3


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    """How much is searched and shown.

    Attributes:
        passages: how many passages are read for a question.
        candidates: how many spans the reader puts forward as answers.
        claim_candidates: how many it puts forward to find what others say.
        alternatives: how many other answers are shown at the most.
        claims: whether it is worked out what else is said, and by whom; off only to measure what that costs.
    """

    passages: int = 10
    candidates: int = 20
    claim_candidates: int = 120
    alternatives: int = 4
    claims: bool = True


class Assistant:
    """Answers questions about the documents of one index."""

    def __init__(
        self, index: PassageIndex, load: Callable[[], Reader], settings: AssistantSettings | None = None
    ) -> None:
        """Answer from ``index``; ``load`` is called once, when the reader is first needed."""
        self.index = index
        self.settings = AssistantSettings() if settings is None else settings
        self._load = load

    @cached_property
    def reader(self) -> Reader:
        """The reader, loaded when first asked for."""
        return self._load()

    def warm_up(self) -> None:
        """Load the encoder and the reader now instead of with the first question."""
        self.index.encoder.encode(["warm up"])
        # Two texts: one alone would be read in another way than the passages of a question are.
        self.reader.read("Is it warm?", ["It is warm.", "It is cold."])
        if self.reader.comparer is not None:
            self.reader.comparer.compare("Is it warm?", [(Marked("It is warm.", 0, 10), Marked("It is cold.", 0, 10))])

    def ask(
        self,
        question: str,
        *,
        wording: str | None = None,
        within: Filter | None = None,
        answer_all: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer one question.

        Args:
            question: what to look for, at most :data:`MAX_QUESTION` characters.
            wording: what is searched for and read in its place, as "47. How many were children?" is for a question that
                comes after an answer; the question itself when ``None``.
            within: which documents to look at; all when ``None``.
            answer_all: give the best span even when it is probably wrong.
            on_stage: called with ``"searching"`` and ``"reading"`` as these begin, again where documents change meanwhile.

        Raises:
            QuestionError: the question is empty or too long.
            IndexMissing: the index holds no documents, or none that ``within`` takes in.
            UnknownDocument: ``within`` names one that is not in the index.
            IndexBusy: all that was found has changed each time before it was read.
        """
        asked = check_question(question)
        text = asked if wording is None else check_question(wording)
        began = time.perf_counter()
        passages, found, documents, retrieving = self._look(text, within, asks_for_several(asked), on_stage)
        found = wider_behind(asked, found, documents)
        comparer = None if self.reader.comparer is None else Remembering(self.reader.comparer)
        if comparer is not None:
            found = chosen(asked, found, documents, comparer)
        answers = different_answers(found[: self.settings.candidates], documents)

        confidence = answers[0].confidence if answers else 0.0
        threshold = 0.0 if answer_all else self.reader.threshold
        claims: list[Claim] = []
        agreement: Agreement = "single"
        # Two claims may be given where neither would be by itself; one as likely as the best is the most that is hoped for.
        if answers and self.settings.claims and any_of([confidence, confidence]) >= threshold:
            claims, agreement = make_claims(asked, found, documents, cite, comparer)
        likely = max(confidence, some_is_right(asked, claims, agreement))
        abstained = not answers or likely < threshold
        if abstained:
            claims, agreement = [], "single"
        shown = [] if abstained else answers[:1]
        done = time.perf_counter()
        return Answer(
            question=question,
            standalone_question=asked,
            answer=shown[0].answer if shown else None,
            confidence=confidence,
            abstained=abstained,
            reason=self._reason(confidence) if abstained else None,
            citations=shown[0].citations if shown else [],
            alternatives=unclaimed(answers[len(shown) :], claims, documents)[: self.settings.alternatives],
            passages=[
                PassageHit(document_id=hit.document_id, start=hit.start, end=hit.end, score=hit.score, text=hit.text)
                for hit in passages
            ],
            timings_ms=Timings(
                retrieve=retrieving * 1000, read=(done - began - retrieving) * 1000, total=(done - began) * 1000
            ),
            claims=claims,
            agreement=agreement,
        )

    def candidates(self, question: str) -> list[Candidate]:
        """What the reader puts forward for ``question``, best first, before claims are made of it.

        Raises:
            QuestionError: the question is too long.
        """
        passages = self.index.search(question, top=self.settings.passages)
        sources = Sources(self.index, passages)
        several = asks_for_several(question)
        found = self._read(question, passages, self.index.passage_count(None), sources, several=several)
        return self._shown(found, sources)

    def _look(
        self, question: str, within: Filter | None, several: bool, on_stage: Callable[[str], None] | None
    ) -> tuple[list[Passage], list[Candidate], dict[str, Document], float]:
        """Search and read, once more where documents have changed or gone meanwhile.

        Returns:
            What was searched out, what was found in it, the documents of the latter by id, and how many seconds searching took.
        """
        retrieving = 0.0
        for left in reversed(range(_READINGS)):
            began = time.perf_counter()
            _tell(on_stage, "searching")
            passages = self.index.search(question, top=self.settings.passages, within=within)
            if not passages:
                raise _nothing_to_read(within)
            retrieving += time.perf_counter() - began
            _tell(on_stage, "reading")
            sources = Sources(self.index, passages)
            found = self._read(question, passages, self.index.passage_count(within), sources, several=several)
            for one in found:
                sources.get(one.document_id)
            if not sources.changed or not left:
                break
            within = self._remaining(within)
        changed = sources.changed
        unchanged = [passage for passage in passages if passage.document_id not in changed]
        if not unchanged:
            raise IndexBusy("The articles were changed again and again while they were read. Ask again in a moment.")
        return (
            unchanged,
            self._shown(found, sources),
            sources.fetched,
            retrieving,
        )

    def _remaining(self, within: Filter | None) -> Filter | None:
        """``within`` without documents that it names and that are gone."""
        if within is None or within.documents is None:
            return within
        there = {summary.id for summary in self.index.documents()}
        return replace(within, documents=tuple(name for name in within.documents if name in there))

    def _read(
        self, question: str, passages: Sequence[Passage], collection: int, sources: Sources, *, several: bool
    ) -> list[Candidate]:
        """Candidates in document offsets, best first; each place of a document once, with its best score. ``collection`` is
        how many passages ``passages`` were chosen from, ``sources`` gives the documents that these are from, ``several`` tells
        whether several answers are asked for."""

        def around(place: int, offset: int) -> tuple[str, int] | None:
            document = sources.get(passages[place].document_id)
            return None if document is None else surroundings(document.text, passages[place], offset)

        reading = self.reader.read(
            question,
            [passage.text for passage in passages],
            top=max(self.settings.candidates, self.settings.claim_candidates if self.settings.claims else 0),
            retrieval=[passage.score for passage in passages],
            documents=[passage.document_id for passage in passages],
            collection=max(collection, len(passages)),  # documents may have been removed since the search
            surroundings=around,
            several=several,
        )
        places: dict[tuple[str, int, int], Candidate] = {}
        for span in reading.spans:
            passage = passages[span.passage]
            start, end = whole_marks(passage.text, span.start, span.end)
            found = in_document(replace(span, start=start, end=end), passage)
            # Spans come best first, so the first one at a place is the best one there.
            places.setdefault((found.document_id, found.start, found.end), found)
        return list(places.values())

    def _shown(self, found: Sequence[Candidate], sources: Sources) -> list[Candidate]:
        """Those of ``found`` whose documents are as they were, and that say something."""
        there = [(one, document) for one in found if (document := sources.get(one.document_id)) is not None]
        return worth_showing(
            [one for one, _ in there],
            [document.text[one.start : one.end] for one, document in there],
            self.reader.threshold,
        )

    def _reason(self, confidence: float) -> str:
        return (
            f"Nothing in the articles answers this clearly enough: the best guess reaches a confidence of "
            f"{confidence:.0%}, and {self.reader.threshold:.0%} is needed."
        )


def check_question(question: str) -> str:
    """``question`` with its white space tidied.

    Raises:
        QuestionError: it has no word character, more than :data:`MAX_QUESTION` characters, or a lone surrogate.
    """
    tidy = " ".join(question.split())
    # So Python hands on bytes of a command line that are no text in its encoding.
    if any("\ud800" <= character <= "\udfff" for character in tidy):
        raise QuestionError(
            "The question holds bytes that are no letters. Write it in UTF-8, as the terminal should be."
        )
    if not any(character.isalnum() for character in tidy):
        raise QuestionError("The question is empty. Ask something about the articles.")
    if len(tidy) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(tidy):,} characters; at most {MAX_QUESTION:,} can be read. Ask a shorter one."
        )
    return tidy


def open_assistant(location: str | Path, reader: str | None = None) -> Assistant:
    """An assistant for the index at ``location``; models load when they are first needed.

    Args:
        location: an existing index.
        reader: another reader than the bundled one; see :func:`qa.reader.load_reader`.

    Raises:
        IndexStateError: there is no index there, or it cannot be used.
    """
    return Assistant(open_index(location, MiniLMEncoder()), lambda: load_reader(reader))


def _nothing_to_read(within: Filter | None) -> IndexMissing:
    """The error that says why a search gave nothing."""
    if within is not None and not within.everything:
        return IndexMissing(
            "No document of the index is in what the question was confined to (a document without a date is in no "
            "period). See: qa list"
        )
    return IndexMissing("The index holds no documents to look in. Add some with: qa add PATH")


def _tell(on_stage: Callable[[str], None] | None, stage: str) -> None:
    if on_stage is not None:
        on_stage(stage)
