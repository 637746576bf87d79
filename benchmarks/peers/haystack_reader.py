"""Haystack's extractive reader with its defaults: ``python -m benchmarks.peers.haystack_reader CHECKPOINT``.

Its first answer counts. Where that is the one that says "none" the reader refuses; the best span is told all the same.
"""

from __future__ import annotations

import importlib
import os
import sys

from benchmarks.peers.serving import Found, Task, serve


def main(checkpoint: str) -> None:
    """Load the weights and serve."""
    # No figures about this run are anyone else's business.
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    document = importlib.import_module("haystack").Document
    module = importlib.import_module("haystack_integrations.components.readers.transformers")
    reader = module.TransformersExtractiveReader(model=checkpoint)
    reader.warm_up()

    def answer(task: Task) -> Found:
        # The number tells passages with the same words apart.
        documents = [document(content=text, meta={"number": number}) for number, text in enumerate(task["passages"])]
        answers = reader.run(query=task["question"], documents=documents)["answers"]
        best = next((found for found in answers if found.data), None)
        if best is None:
            return Found(refused=True, confidence=0.0)
        return Found(
            answer=best.data,
            refused=not answers[0].data,
            confidence=float(best.score),
            passage=best.document.meta["number"],
            start=best.document_offset.start,
            end=best.document_offset.end,
        )

    serve(("haystack-ai", "transformers-haystack", "transformers", "torch"), answer)


if __name__ == "__main__":
    main(sys.argv[1])
