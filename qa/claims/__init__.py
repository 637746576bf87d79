"""Who says what: claims, their speakers, and whether they differ."""

from qa.claims.making import make_claims
from qa.claims.wider import wider_behind

__all__ = ["make_claims", "wider_behind"]
