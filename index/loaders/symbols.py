"""Characters that a Word document names by a font and a place in it."""

UNKNOWN = "\ufffd"
"""Stands for a sign that has no known character, so that nobody takes what is around it for the whole."""

# The Symbol font has Greek letters and signs of mathematics at places of its own, here those from 0x20 and from 0xA0 on.
_FROM_20 = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλµνοπθρστυϖωξψζ{|}∼"
_FROM_A0 = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
_PRIVATE = range(0xE000, 0xF900)


def symbol(font: str, code: str) -> str:
    """The character at ``code``, in hexadecimal, of ``font``; :data:`UNKNOWN` for a picture font or a damaged code."""
    try:
        place = int(code, 16)
    except ValueError:
        return UNKNOWN
    if font.lower() == "symbol" and place >> 8 in (0x00, 0xF0):
        return _symbol_font(place & 0xFF)
    if place in _PRIVATE or not 0x20 <= place < 0x110000 or 0xD800 <= place < 0xE000 or 0x7F <= place < 0xA0:
        return UNKNOWN
    return chr(place)


def _symbol_font(place: int) -> str:
    for start, characters in ((0x20, _FROM_20), (0xA0, _FROM_A0)):
        if 0 <= place - start < len(characters):
            return characters[place - start]
    return UNKNOWN
