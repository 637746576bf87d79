"""A confidence as people read it."""

HIGH_CONFIDENCE = 0.8
MEDIUM_CONFIDENCE = 0.6


def confidence_words(confidence: float) -> str:
    """``confidence`` in words: high, medium or low."""
    if confidence >= HIGH_CONFIDENCE:
        return "high"
    return "medium" if confidence >= MEDIUM_CONFIDENCE else "low"


def percent(confidence: float) -> str:
    """A share in percent; neither 0 nor 100, which would claim certainty."""
    return f"{min(max(round(confidence * 100), 1), 99)}%"
