"""Who says what: claims, their speakers, and whether they differ."""

from qa.claims.making import make_claims
from qa.claims.statements import asks_for_all_of_it
from qa.claims.wider import wider_behind

__all__ = ["asks_for_all_of_it", "make_claims", "wider_behind"]
