import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import InputError
from web.passwords import Accounts, hash_password, read_accounts

ROOT = Path(__file__).parent.parent.parent
STORED = hash_password("correct horse")


def file_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "footnote.auth"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_only_the_right_password_of_the_right_user_passes() -> None:
    accounts = Accounts({"anna": STORED, "ben": hash_password("päss wörd 🔑")})
    assert accounts.check("anna", "correct horse")
    assert accounts.check("ben", "päss wörd 🔑")
    for user, given in [
        ("anna", "correct horse "),
        ("anna", ""),
        ("anna", "päss wörd 🔑"),
        ("ben", "correct horse"),
        ("carl", "correct horse"),
        ("", ""),
        ("anna", "x" * 100_000),
        ("anna", "\ud800"),
        ("nobody", ""),
    ]:
        assert not accounts.check(user, given)


def test_hash_is_salted_and_holds_no_password() -> None:
    other = hash_password("correct horse")
    assert other != STORED
    assert "correct" not in STORED
    assert STORED.startswith("scrypt$32768$8$1$")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "correct horse",
        STORED.replace("scrypt", "plain"),
        STORED.replace("$32768$", "$1024$"),
        STORED.replace("$32768$", "$32767$"),
        STORED.replace("$32768$", "$4194304$"),
        STORED[:-8],
        STORED.replace("$8$1$", "$8$0$"),
        STORED + "$",
        STORED[:-3] + "é==",
    ],
)
def test_damaged_or_weak_hash_is_refused(stored: str) -> None:
    with pytest.raises(InputError, match="qa password anna"):
        Accounts({"anna": stored})


def test_accounts_come_from_a_file_else_from_the_variable(tmp_path: Path) -> None:
    path = file_of(tmp_path, f"# who may see the page\n\nanna:{STORED}\n")
    other = f"ben:{hash_password('something else')}"
    found = read_accounts(path, other)
    assert found is not None
    assert found.check("anna", "correct horse")
    assert not found.check("ben", "something else")
    found = read_accounts(None, other)
    assert found is not None
    assert found.check("ben", "something else")
    assert read_accounts(None, None) is None


@pytest.mark.parametrize(
    "text", ["", "\n# nothing\n", "anna\n", f":{STORED}\n", f"anna:{STORED}\nanna:{STORED}\n", "a b:x"]
)
def test_protection_that_names_nobody_is_an_error_and_never_an_open_door(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="qa password"):
        read_accounts(file_of(tmp_path, text))
    with pytest.raises(InputError, match="qa password"):
        read_accounts(None, text)


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_accounts(tmp_path / "none")
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_accounts(path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_file_that_others_can_read_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(tmp_path, f"anna:{STORED}\n")
    read_accounts(path)
    assert capsys.readouterr().err == ""
    path.chmod(0o644)
    read_accounts(path)
    assert "chmod 600" in capsys.readouterr().err


def run(*arguments: str, given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import qa.cli; qa.cli.main()", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


def test_command_prints_the_line_to_keep() -> None:
    done = run("password", "anna", given="correct horse\n")
    assert (done.returncode, done.stderr) == (0, "")
    found = read_accounts(None, done.stdout)
    assert found is not None
    assert found.check("anna", "correct horse")


@pytest.mark.parametrize(("user", "given"), [("anna", "short\n"), ("anna", ""), ("an:na", "correct horse\n")])
def test_command_refuses_what_would_not_work(user: str, given: str) -> None:
    done = run("password", user, given=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
