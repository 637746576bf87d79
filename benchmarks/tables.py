"""Results as a table on the terminal and as Markdown, with what is needed to judge them: command, versions, machine."""

from __future__ import annotations

import importlib.metadata
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.timing import Measured, agreement, ratio

if TYPE_CHECKING:
    from rich.table import Table

HEADER = ("System", "questions/s", "p50 ms", "Footnote / it", "same answer")
PACKAGES = (
    "onnxruntime",
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "haystack-ai",
    "transformers-haystack",
    "openvino",
)


@dataclass(frozen=True)
class Entry:
    """A system's line: its label and what was measured, or how to install it when it could not be measured."""

    label: str
    measured: Measured | None
    install: str


def rows(entries: Mapping[str, Entry], reference: str) -> list[tuple[str, ...]]:
    """The cells of :data:`HEADER` for each system.

    Args:
        entries: systems by key.
        reference: key of the one that ratios and agreement refer to; without it these cells stay empty.
    """
    base = entries[reference].measured if reference in entries else None
    table: list[tuple[str, ...]] = []
    for key, entry in entries.items():
        if entry.measured is None:
            table.append((entry.label, "not installed", "", f"pip install {entry.install}", ""))
            continue
        faster = same = ""
        if base is not None and key != reference:
            factor = ratio(base, entry.measured)
            faster = f"{factor.median:.2f} ({factor.low:.2f}–{factor.high:.2f})"
            same = f"{agreement(base, entry.measured):.0%}"
        table.append((entry.label, f"{entry.measured.rate():.2f}", f"{entry.measured.p50_ms():.0f}", faster, same))
    return table


def rich_table(title: str, lines: Sequence[tuple[str, ...]]) -> Table:
    """``lines`` for the terminal."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for number, name in enumerate(HEADER):
        table.add_column(name, justify="right" if number in {1, 2, 4} else "left")
    for line in lines:
        table.add_row(*line)
    return table


def markdown_table(lines: Sequence[tuple[str, ...]]) -> str:
    """``lines`` as a Markdown table."""
    marks = ["---", "---:", "---:", "---", "---:"]
    cells = [HEADER, marks, *([f"`{cell}`" if cell.startswith("pip ") else cell for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def command(module: str, arguments: Sequence[str]) -> str:
    """The command line that repeats a run; of a path only the last part, since folders differ between machines."""
    shown = [Path(argument).name if "/" in argument or "\\" in argument else argument for argument in arguments]
    return shlex.join(["python", "-m", module, *shown])


def versions(packages: Sequence[str] = PACKAGES) -> list[tuple[str, str]]:
    """Name and version of Python and of those of ``packages`` that are installed."""
    found = [("Python", platform.python_version())]
    for name in packages:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """The processor's name, and those of its instructions that int8 and bf16 products profit from."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    values = {name.strip(): value.strip() for name, value in fields.items()}
    known = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")
    flags = (values.get("flags", "") + " " + values.get("Features", "")).split()
    extra = [name for name in known if name in flags]
    name = values.get("model name", platform.machine())
    return f"{name} ({', '.join(extra)})" if extra else name
