"""Who says what: claims, their speakers, and whether they differ."""

from qa.claims.chances import any_of, likelihood, some_is_right
from qa.claims.making import make_claims
from qa.claims.wider import wider_behind

__all__ = ["any_of", "likelihood", "make_claims", "some_is_right", "wider_behind"]
