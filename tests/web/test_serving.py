"""The socket, and the page as a process of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from index.errors import InputError
from web import serving

ROOT = Path(__file__).resolve().parents[2]
QA = [sys.executable, "-P", "-c", "from qa.cli import main; main()"]
QA_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def start(tmp_path: Path, *options: str) -> "subprocess.Popen[str]":
    """``python -m ui`` on an index that does not exist."""
    command = [sys.executable, "-m", "ui", "--index", str(tmp_path / "index"), "--no-browser", *options]
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_taken_port_is_an_error_of_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"Port {port} is already in use"):
            serving.open_socket("127.0.0.1", port)


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(serving, "DEFAULT_PORT", port)
        with serving.open_socket("127.0.0.1", None) as found:
            assert port < found.getsockname()[1] < port + 100
            assert serving.url_of(found) == f"http://127.0.0.1:{found.getsockname()[1]}"


def test_all_ports_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(serving, "DEFAULT_PORT", taken.getsockname()[1])
        monkeypatch.setattr(serving, "_PORTS_TRIED", 1)
        with pytest.raises(InputError, match="are all in use"):
            serving.open_socket("127.0.0.1", None)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "a..b", "::zz"])
def test_foreign_host_is_told(host: str) -> None:
    with pytest.raises(InputError, match=r"Try --host 127\.0\.0\.1"):
        serving.open_socket(host, 0)


def test_address_of_a_page_open_to_all_is_this_machine() -> None:
    with serving.open_socket("0.0.0.0", 0) as listener:  # noqa: S104 - closed at once
        assert serving.url_of(listener).startswith("http://127.0.0.1:")


def await_page(page: "subprocess.Popen[str]", url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5) as response:  # noqa: S310 - our own address
                assert response.read() == b'{"status":"ok"}'
            return
        except OSError:
            assert time.monotonic() < deadline
            assert page.poll() is None
            time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_page_without_an_index_starts_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    page = start(tmp_path, "--port", str(port), "--name", "other.example", "--name", "footnote.example.org")
    try:
        url = f"http://127.0.0.1:{port}"
        await_page(page, url)
        # An open stream, such as every browser tab keeps, must not hold up the end.
        head = urllib.request.Request(f"{url}/health", method="HEAD", headers={"Host": "Footnote.example.org"})  # noqa: S310
        with urllib.request.urlopen(head, timeout=5) as response:  # noqa: S310
            assert (response.status, response.read()) == (200, b"")
        with urllib.request.urlopen(f"{url}/gradio_api/heartbeat/test", timeout=5):  # noqa: S310
            page.send_signal(signal.SIGINT)
            out, err = page.communicate(timeout=30)
    finally:
        page.kill()
        page.communicate()
    assert out == f"Footnote is ready: {url}  (Ctrl-C stops it)\n"
    warned, stopped = err.split("\n", 1)[0], err.splitlines()[-1]
    assert (warned.split(" over ")[0], stopped) == ("Anyone who can reach other.example", "Stopped.")
    assert page.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process ends at once, and its children do not")
def test_ending_the_command_ends_the_page(tmp_path: Path) -> None:
    port = free_port()
    command = [*QA, "chat", "--index", str(tmp_path / "index"), "--no-browser", "--port", str(port)]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**QA_ENVIRONMENT, "TMPDIR": str(temporary)}
    page = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        await_page(page, f"http://127.0.0.1:{port}")
        page.terminate()
        page.wait(30)
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        assert list(temporary.iterdir()) == []
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(page.pid, signal.SIGKILL)
        page.wait()


@pytest.mark.parametrize(
    ("words", "given", "status", "told"),
    [
        (("password", "anna"), "correct horse\n", 0, "anna:scrypt$"),
        (("password", "anna"), "short\n", 2, "at least 8 characters"),
        (("mcp", "--index", "none"), "", 0, ""),
        (("chat", "--index", "none", "--no-browser", "--host", "a..b"), "", 1, "There is no host named a..b here."),
        (
            ("chat", "--index", "none", "--no-browser", "--port", "0", "--name", "a:1"),
            "",
            1,
            "'a:1' is no name of a host.",
        ),
    ],
)
def test_commands_run_nothing_of_the_folder_they_are_called_in(
    tmp_path: Path, words: tuple[str, ...], given: str, status: int, told: str
) -> None:
    for name in ("ui", "web", "mcp", "gradio", "fastapi"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of this folder ran')")
    done = subprocess.run(
        [*QA, *words], input=given, cwd=tmp_path, env=QA_ENVIRONMENT, capture_output=True, text=True, timeout=120
    )
    assert "a file of this folder ran" not in done.stderr
    assert done.returncode == status
    assert told in done.stdout + done.stderr


def test_taken_port_ends_the_command_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        page = start(tmp_path, "--port", str(taken.getsockname()[1]))
        out, err = page.communicate(timeout=60)
    assert page.returncode == 1
    assert out == ""
    assert err.startswith("Port ")
    assert err.count("\n") == 1
