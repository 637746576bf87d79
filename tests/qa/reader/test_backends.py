"""The runtimes of the shipped reader: the same file, nearly the same numbers, and clear words about files that are none."""

import threading
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from qa.reader import load_reader
from qa.reader.backends import OnnxBackend, OpenVinoBackend
from qa.reader.loading import BUNDLED, runtime_name

ARTICLE = (
    "The harbour of Aldmoor was closed on Monday, said harbour master Jane Coates. Two ships waited outside for six hours. "
    "The town's mayor, Tom Reed, denied that the lock had been damaged. It was built in 1932 and cost two million pounds."
)
QUESTIONS = {
    "Who is the mayor?": "Tom Reed",
    "When was the lock built?": "1932",
    "How many ships waited outside?": "Two",
    "Who is the harbour master?": "Jane Coates",
}


@pytest.mark.models
def test_both_runtimes_read_the_shipped_file_alike() -> None:
    reader = load_reader()
    answers: dict[str, list[tuple[str, float]]] = {}
    for name, backend in (("openvino", OpenVinoBackend), ("onnxruntime", OnnxBackend)):
        reader._backend = backend(BUNDLED / "model.onnx", threads=1)
        readings = [reader.read(question, [ARTICLE]).spans[0] for question in QUESTIONS]
        answers[name] = [(ARTICLE[span.start : span.end], span.score) for span in readings]
    assert [text for text, _ in answers["openvino"]] == list(QUESTIONS.values())
    assert [text for text, _ in answers["onnxruntime"]] == list(QUESTIONS.values())
    for (_, one), (_, other) in zip(*answers.values(), strict=True):
        assert one == pytest.approx(other, abs=0.5)


@pytest.mark.models
def test_threads_that_share_a_backend_get_their_own_results() -> None:
    backend = OpenVinoBackend(BUNDLED / "model.onnx", threads=1)
    rng = np.random.default_rng(3)
    feeds = [rng.integers(1000, 20_000, (2, length)) for length in (20, 30, 40, 50)]

    def run(ids: np.ndarray) -> np.ndarray:
        return backend.run(ids, np.ones_like(ids), np.zeros_like(ids)).start

    expected = [run(ids) for ids in feeds]
    got: list[list[np.ndarray]] = [[] for _ in feeds]
    threads = [
        threading.Thread(target=lambda at=at: got[at].extend(run(feeds[at]) for _ in range(5)))
        for at in range(len(feeds))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for wanted, results in zip(expected, got, strict=True):
        assert len(results) == 5
        for result in results:
            np.testing.assert_allclose(result, wanted, atol=1e-4)


@pytest.mark.parametrize("backend", [OnnxBackend, OpenVinoBackend])
def test_a_file_that_is_no_model_is_named(backend: type[OnnxBackend | OpenVinoBackend], tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"this is no model")
    with pytest.raises(ModelError, match=r"model\.onnx"):
        backend(path)


def test_the_faster_runtime_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime_name() == "openvino"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert runtime_name() == "onnxruntime"
