"""Whom "he" and "she" may stand for: no group, and whoever a sentence begins with."""

import pytest

from tests.qa.claims.making import speaker


@pytest.mark.parametrize(
    "group",
    [
        "Prosecutors",
        "Analysts",
        "Residents",
        "Two officers",
        "Doctors at the hospital",
        "Prosecutors in Bonn",
        "Officials of Deutsche Bank",
        "Several villagers",
    ],
)
def test_he_is_no_group(group: str) -> None:
    assert speaker(f"{group} said nine horses had died. He said it was ten.", "ten") is None
    assert speaker(f"{group} said nine horses had died. They said it was ten.", "ten") is not None


@pytest.mark.parametrize("name", ["Jones", "Mr Rogers", "Karl Moss", "Lula Reis", "Police chief Anna Jones"])
def test_a_name_may_end_like_a_plural(name: str) -> None:
    assert speaker(f"{name} said nine horses had died. She said it was ten.", "ten") == (
        None if name in {"Mr Rogers", "Karl Moss"} else name
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("One of them, retired bus driver Harold Moss, wept.", "retired bus driver Harold Moss"),
        ("Dunmore's manager, Alan Price, was angry.", "Dunmore's manager, Alan Price"),
        ("The mayor, Alan Price, was angry.", "The mayor, Alan Price"),
        ("In Bonn, Karl Moss saw it.", "Karl Moss"),
        ("Yesterday Karl Moss saw it.", "Karl Moss"),
        ("But on the way home, nothing.", None),
        ("For mayor Karl Moss it was over.", "mayor Karl Moss"),
        # What is no person's role is no naming.
        ("Its roof fell, Karl Moss saw, at noon.", None),
    ],
)
def test_he_may_be_whom_a_sentence_begins_with(before: str, expected: str | None) -> None:
    assert speaker(f'Prosecutors said nine horses had died. {before} "It was ten," he said.', "ten") == expected
