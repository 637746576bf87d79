import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.references import Reference, parse_reference

IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=80)


@given(IDS, st.integers(0, 10**6), st.integers(1, 10**6))
def test_comes_back_from_its_written_form(document_id: str, start: int, length: int) -> None:
    reference = Reference(document_id, start, start + length)
    assert parse_reference(str(reference)) == reference
    named = Reference.to_words(document_id, start, start + length, "words")
    assert parse_reference(str(named)) == named != reference


def test_a_reference_knows_its_words() -> None:
    reference = Reference.to_words("a", 0, 5, "w\ud83drds")
    # Half a character is kept as a question mark, so the words of a conversation that is reopened have that.
    assert [reference.names(words) for words in ("w\ud83drds", "w?rds", "words", "")] == [True, True, False, False]
    assert Reference("a", 0, 5).names("anything")


@given(IDS)
def test_document_as_a_whole(document_id: str) -> None:
    assert parse_reference(str(Reference(document_id))) == Reference(document_id)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "cite/",
        "#cite/a/0-1",
        "cite/a/",
        "cite/a/0",
        "cite/a/0-",
        "cite/a/-1-2",
        "cite/a/1-1",
        "cite/a/2-1",
        "cite/a/0-1 ",
        "cite/a/0-1\n",
        " cite/a/0-1",
        "cite/A/0-1",
        "cite/../0-1",
        "cite/a/b/0-1",
        "cite/a%2fb/0-1",
        "cite/a/0x1-2",
        "cite/a/1e3-2e3",
        "cite/a/٠-٣",
        "cite/a/0-99999999999",
        "cite/a/0-1/",
        "cite/a/0-1/1234567",
        "cite/a/0-1/123456789",
        "cite/a/0-1/1234567g",
        "cite/a/0-1/1234567A",
        "cite/a/0-1/12345678/12345678",
        "cite/a/12345678",
        "cite/" + "a" * 256 + "/0-1",
        "cite/a'; DROP TABLE documents/0-1",
        None,
        1,
        True,
        ["cite/a/0-1"],
        {"reference": "cite/a/0-1"},
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    assert parse_reference(value) is None


@given(st.text())
def test_no_text_raises(value: str) -> None:
    parse_reference(value)
    parse_reference(f"cite/{value}")
