"""Who says what: claims, their speakers, and whether they differ."""

from qa.claims.making import make_claims

__all__ = ["make_claims"]
