import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.file_names import free_name, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/absolute/path.txt", "path.txt"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("..", "document"),
        (".", "document"),
        ("", "document"),
        ("   ", "document"),
        (".htaccess", "htaccess"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("NUL.tar.gz", "_NUL.tar.gz"),
        ("COM1.pdf", "_COM1.pdf"),
        ("console.txt", "console.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("line\nbreak\r\n.txt", "line break.txt"),
        ("\u202etxt.exe", "txt.exe"),
        ("zero\u200bwidth\ufeff.md", "zerowidth.md"),
        ("half\ud800.txt", "half.txt"),
        ('<img src=x onerror="alert(1)">.txt', "_img src=x onerror=_alert(1)__.txt"),
        ("name.txt:stream", "name.txt_stream"),
        ("trailing. . .", "trailing"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("Отчёт за май.docx", "Отчёт за май.docx"),
        ("日本語.pdf", "日本語.pdf"),
    ],
)
def test_names_are_made_safe(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


def test_long_names_keep_their_extension() -> None:
    assert safe_name("x" * 5000 + ".pdf") == "x" * 120 + ".pdf"
    assert len(safe_name("語" * 5000 + ".pdf").encode()) <= 124


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_name_stays_in_its_folder(name: str) -> None:
    kept = safe_name(name)
    assert kept
    assert kept not in (".", "..")
    assert not kept.startswith(".")
    assert not {"/", "\\", "\0", "\n", ":"} & set(kept)
    assert len(kept.encode("utf-8")) <= 140
    assert safe_name(kept) == kept


def test_a_free_name_is_numbered() -> None:
    taken = {"a.txt", "a (2).txt"}
    assert free_name("a.txt", taken.__contains__) == "a (3).txt"
    assert free_name("b.txt", taken.__contains__) == "b.txt"
