"""Txtai's extractive question answering with its defaults: ``python -m benchmarks.peers.txtai_questions CHECKPOINT``.

One passage goes to the pipeline Questions. Several go to the pipeline RAG over it, which joins the best three and reads them
as one text. Neither tells a score or a place, and answers whose score is below 0.05 are left out by a fixed rule.

Where the best start or end is no token of the passage (a model that was trained to refuse points to the first token then),
the pipeline fails; that counts as a refusal, which is what the model meant.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks.peers.serving import Found, Task, serve


def main(checkpoint: str) -> None:
    """Load the weights and serve."""
    # Defaults of its parts, not of the package: importing all of that needs what nobody needs here.
    questions = importlib.import_module("txtai.pipeline").Questions(checkpoint, gpu=False)
    passages: list[str] = []

    def search(queries: list[str], _limit: int) -> list[list[dict[str, object]]]:
        ranked = [{"id": rank, "text": text, "score": 1 / (1 + rank)} for rank, text in enumerate(passages)]
        return [ranked for _ in queries]

    chain = importlib.import_module("txtai.pipeline").RAG(search, questions, output="flatten")

    def answer(task: Task) -> Found:
        passages[:] = task["passages"]
        try:
            if len(passages) == 1:
                (given,) = questions([task["question"]], passages)
            else:
                given = chain(task["question"])
        except TypeError as error:
            return Found(refused=True, error=f"TypeError: {error}")
        return Found(answer=given if given else "", refused=not given)

    serve(("txtai", "transformers", "torch"), answer)


if __name__ == "__main__":
    main(sys.argv[1])
