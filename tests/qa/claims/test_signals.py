"""Signals: what is measured of one place beside another."""

from qa.claims.making import compared
from qa.claims.signals import signals
from tests.qa.claims.making import Found, at, document

ASKED = "How many died in Tarmuk?"
SHELLS = document(
    "Shells fell on Tarmuk, Governor Anna Obuya said. Ten died there, Obuya told Radio Almarid.", "shells"
)


def beside(found: list[Found], *documents) -> list[dict[str, float]]:  # type: ignore[no-untyped-def]
    asked, _, places = compared(ASKED, found, {one.id: one for one in documents})
    return [signals(asked, places[0], place) for place in places[1:]]


def test_documents_on_one_event_share_its_names() -> None:
    same = document("In Tarmuk 12 died, Governor Obuya told the paper Radio Almarid.", "same")
    other = document("In Bandezar 12 died, Mayor Rostam Vardani told the paper Dawn.", "other")
    bare = document("There were 12 who died.", "bare")
    best = at(SHELLS, "Ten", 2.0)
    found = [beside([best, at(one, "12", 1.0)], SHELLS, one)[0]["names_shared"] for one in (same, other, bare)]
    assert found[0] > found[2] > found[1] == 0.0


def test_the_best_place_of_its_own_document_is_known() -> None:
    text = "In Tarmuk 12 died, Obuya said. A list had 14 names. The toll of an earlier year was 30."
    later = document(text, "later")
    found = [at(SHELLS, "Ten", 2.0), at(later, "12", 1.0), at(later, "14", 0.5), at(later, "30", 0.2)]
    assert [row["order"] for row in beside(found, SHELLS, later)] == [0.0, 1.0, 2.0]
