"""The simplest baseline: the sentence with the highest BM25 score is the answer.

    python -m benchmarks.peers.bm25_sentences SENTENCES

SENTENCES is a file with one JSON string a line. A task may name the sentences that come into question; all do otherwise.
The scores are those of bm25s with its defaults and English stop words. The confidence is score / (score + 10), which has no
meaning beyond its order.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from benchmarks.peers.serving import Found, Task, serve

_HALF = 10.0


def main(file: str) -> None:
    """Index the sentences and serve."""
    bm25s = importlib.import_module("bm25s")
    with Path(file).open(encoding="utf-8") as lines:
        sentences = [json.loads(line) for line in lines]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(sentences, stopwords="en", show_progress=False), show_progress=False)

    def answer(task: Task) -> Found:
        (words,) = bm25s.tokenize([task["question"]], stopwords="en", return_ids=False, show_progress=False)
        known = [word for word in words if word in index.vocab_dict]
        if not known:
            return Found(refused=True, confidence=0.0)
        scores = index.get_scores(known)
        within = task.get("within")
        best = int(scores.argmax()) if within is None else max(within, key=lambda number: float(scores[number]))
        score = float(scores[best])
        if score <= 0:
            return Found(refused=True, confidence=0.0)
        text = sentences[best]
        return Found(text, False, score / (score + _HALF), passage=best, start=0, end=len(text))

    serve(("bm25s",), answer)


if __name__ == "__main__":
    main(sys.argv[1])
