"""Numbers that are set higher or lower than the words around them: written on one line, ``10⁶`` must not become ``106``."""

_RAISED = str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED = str.maketrans("0123456789+-\u2212", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_SIGNS = "+-\u2212"
# Longer texts are no powers or numbers of notes, and their numbers are looked for in plain digits.
_LONGEST = 12


def raised(text: str) -> str:
    """``text`` as it is written above the line, if it is a number or begins with one: a power or the number of a note.

    Other texts (``[3]``, ``th``) cannot be taken for a part of the number before them and stay as they are.
    """
    return text.translate(_RAISED) if _is_number(text) else text


def lowered(text: str, before: str) -> str:
    """``text`` as it is written below the line, if it is a number that would be taken for a part of another one.

    Args:
        text: what stands below the line.
        before: the words before it. After a letter nothing is changed: CO2 is what people look for.
    """
    return text.translate(_LOWERED) if _is_number(text) and before[-1:].isdecimal() else text


def _is_number(text: str) -> bool:
    """Whether a short text begins with a number, or is a sign alone, as in Na⁺."""
    text = text.strip()
    rest = text.lstrip(_SIGNS)
    return 0 < len(text) <= _LONGEST and (not rest or rest[0] in "0123456789")
