"""The structure that the project promises: imports run one way, and each heavy library has one door."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = {"index": set(), "qa": {"index"}, "web": {"qa", "index"}, "ui": {"web", "qa", "index"}}
ONE_DOOR = {
    "faiss": {"index/local/vectors.py"},
    "gradio": {"ui.py"},
    "httpx": {"qa/phrasing/client.py"},
    "milvus_lite": {"index/milvus/engine.py"},
    "pymilvus": {"index/milvus/engine.py"},
    "sentence_transformers": {"index/encoder/reference.py"},
}
SOURCES = sorted([*ROOT.glob("index/**/*.py"), *ROOT.glob("qa/**/*.py"), *ROOT.glob("web/**/*.py"), ROOT / "ui.py"])


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


def test_imports_run_one_way() -> None:
    for path in SOURCES:
        layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
        ours = {name for name in imported(path) if name in LAYERS and name != layer}
        assert ours <= LAYERS[layer], f"{path.relative_to(ROOT)} imports {ours - LAYERS[layer]}"


@pytest.mark.parametrize("library", ONE_DOOR)
def test_a_heavy_library_has_one_door(library: str) -> None:
    users = {path.relative_to(ROOT).as_posix() for path in SOURCES if library in set(imported(path))}
    assert users == ONE_DOOR[library]


def test_nothing_can_run_code_from_a_file_it_reads() -> None:
    for path in SOURCES:
        assert not {"pickle", "joblib", "dill", "shelve", "marshal"} & set(imported(path)), path


def test_the_command_line_imports_nothing_heavy() -> None:
    heavy = {
        "torch",
        "transformers",
        "sentence_transformers",
        "faiss",
        "gradio",
        "httpx",
        "onnxruntime",
        "pymilvus",
        "milvus_lite",
    }
    code = f"import sys, qa.cli; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
