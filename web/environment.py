"""What must be set before gradio is imported, which takes seconds and reads the environment."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
import warnings

_LOCAL_HOSTS = "127.0.0.1,localhost,::1"


def prepare_environment() -> None:
    """Keep gradio from calling out, from using a proxy for this machine, and from sharing its temporary folder.

    Must run before gradio is imported.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # exactly this spelling is understood
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    # gradio keeps statistics of every event and summarises them with pandas after each; the page shows them nowhere.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    for name in ("NO_PROXY", "no_proxy"):
        before = os.environ.get(name)
        os.environ[name] = f"{before},{_LOCAL_HOSTS}" if before else _LOCAL_HOSTS
    if "GRADIO_TEMP_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="footnote-")  # only this user can read it
        os.environ["GRADIO_TEMP_DIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def has_screen() -> bool:
    """Whether a browser window can be shown; without one, Python would start a text browser in the terminal."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def end_quietly_on_interrupt() -> None:
    """End the process without a traceback when Ctrl-C is pressed or it is told to end, at whatever point it has reached."""

    def end(*_: object) -> None:
        warnings.simplefilter("ignore")  # about what is left undone
        sys.stderr.write("Stopped.\n")
        sys.exit(0)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)  # else its temporary folder would stay
