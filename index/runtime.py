"""The one door to ONNX Runtime, which must not keep or send a record of its use."""

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def onnx_runtime() -> "ModuleType":
    """The module ``onnxruntime``, imported when first needed.

    Importing it would otherwise note the import in a file of the user's and report it to its maker when there is a network.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return importlib.import_module("onnxruntime")


def processors() -> int:
    """How many processors this process may use; fewer than the machine has where it is confined to some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    count = os.cpu_count()
    return 1 if count is None else count
