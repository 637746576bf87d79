"""Claims in a terminal: differing ones side by side, or one below the other where there is no room."""

import io

import pytest
from rich.console import Console

from qa.cli.claims import NOBODY, print_differing, print_items, print_speakers
from qa.models import Claim
from tests.qa.claims.making import at, claims_of, document
from tests.qa.claims.test_claims import ASKED, STORM


def shown(width: int, *, terminal: bool = True) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    console = Console(
        file=text,
        width=width,
        soft_wrap=True,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=terminal,
        no_color=True,
        color_system=None,
    )
    return console, text


def differing() -> list[Claim]:
    return claims_of(ASKED, [at(STORM, "40", 2.0), at(STORM, "65", 1.0)], STORM)[0]


def test_differing_claims_stand_side_by_side_under_their_speakers() -> None:
    console, text = shown(100)
    print_differing(console, differing())
    heads = next(line for line in text.getvalue().splitlines() if "league" in line)
    assert "The farmers' league" in heads
    assert "The island's council" in heads
    assert "[2]" in text.getvalue()
    assert max(map(len, text.getvalue().splitlines())) <= 100


@pytest.mark.parametrize("width", [20, 40])
def test_on_a_narrow_terminal_they_stand_one_below_the_other(width: int) -> None:
    console, text = shown(width)
    print_differing(console, differing())
    lines = text.getvalue().splitlines()
    assert lines.index("The farmers' league") < lines.index("The island's council")


def test_where_there_is_no_terminal_every_citation_is_one_line() -> None:
    console, text = shown(80, terminal=False)
    print_differing(console, differing())
    for claim in differing():
        for citation in claim.citations:
            assert any(citation.sentence.text in line for line in text.getvalue().splitlines())


def test_items_and_speakers_are_named() -> None:
    console, text = shown(80)
    print_items(console, claims_of("Who visited the farms?", [at(STORM, "Anna Stone and Paul Reed", 2.0)], STORM)[0])
    print_speakers(console, differing()[:1])
    assert "- Anna Stone" in text.getvalue()
    assert "- Paul Reed" in text.getvalue()
    assert "Said by: The farmers' league" in text.getvalue()
    assert NOBODY not in text.getvalue()


def test_control_characters_of_an_article_do_not_reach_the_terminal() -> None:
    sly = document("The \x1b[31mred league said 40 sheep were killed. The council said 65 sheep were killed.", "sly")
    console, text = shown(100)
    print_differing(console, claims_of("How many sheep were killed?", [at(sly, "40", 2.0), at(sly, "65", 1.5)], sly)[0])
    assert "65" in text.getvalue()
    assert "\x1b" not in text.getvalue()
