"""The command line of the reader's benchmark."""

import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from benchmarks.reader import KEYS, app
from benchmarks.systems import REFERENCE, SYSTEMS

ROOT = Path(__file__).parent.parent.parent


def test_the_keys_are_those_of_the_systems() -> None:
    assert tuple(system.key for system in SYSTEMS) == KEYS
    assert KEYS[0] == REFERENCE


def test_an_unknown_system_is_wrong_usage() -> None:
    result = CliRunner().invoke(app, ["--systems", "footnote,abacus"])
    assert result.exit_code == 2
    assert "abacus" in result.output


def test_help_loads_no_model_library() -> None:
    check = (
        "import sys, benchmarks.reader; "
        "print(sorted({'torch', 'onnxruntime', 'transformers', 'numpy', 'haystack'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
