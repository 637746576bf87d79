"""Which of the old encodings a text is in that is not UTF-8.

Code pages of languages with Latin letters share most of their bytes, so that a guess by statistics is often off by one page:
"Besançon" becomes "Besanēon". But the letters beyond ASCII in a text are mostly those of one language, and in a wrong page
they hardly ever are. So such texts are told by their letters, and all others, in Cyrillic or Chinese say, by statistics.
"""

import re
from collections import Counter

# Letters beyond ASCII, in lower case, by language; those of foreign words that are common there are among them.
_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüßéèëàê",  # German, Luxembourgish
    "áéíóúüñ",  # Spanish, Galician, Irish
    "áâãàçéêíóôõúü",  # Portuguese
    "àèéìíîïòóùúüç",  # Italian, Catalan, Scottish Gaelic
    "åäöéàü",  # Swedish, Finnish
    "æøåéèêóòôâ",  # Danish, Norwegian
    "áðéíóúýþæöø",  # Icelandic, Faroese
    "éèëïóöü",  # Dutch
    "âêîôûëïöéè",  # Welsh, Afrikaans
    "äöõüšž",  # Estonian
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čšžćđ",  # Slovene, Croatian, Bosnian, Serbian
    "ăâîşţ",  # Romanian
)
_BALTIC = (
    "ąčęėįšųūž",  # Lithuanian
    "āčēģīķļņšūž",  # Latvian
    "äöõüšž",  # Estonian
)
_TURKISH = ("çğıöşüâîû\u0307",)  # its İ has two characters in lower case
_VIETNAMESE = ("ăâđêôơư\u0300\u0301\u0303\u0309\u0323",)
# Of pages that fit equally well, the first is taken: it is the commonest.
_PAGES = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1257", _BALTIC),
    ("cp1254", _TURKISH),
    ("cp1258", _VIETNAMESE),
    ("cp850", _WESTERN),
    ("cp852", _CENTRAL),
    ("mac_roman", _WESTERN),
)
_COMMONEST = _PAGES[0][0]
# Marks of all languages, and which of them may stand inside a word. In a wrong page, letters inside words become the others.
_MARKS = frozenset("‘’‚‹›“”„«»–—…·¡¿§°ªº²³¼½¾×±€£©®™†‡•¶\xa0\xad")
_MARKS_IN_WORDS = frozenset("’–—·\xad")
_IN_WORDS = re.compile(r"(?<=[^\W\d_])[^\x00-\x7f](?=[^\W\d_])")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_LETTERS = re.compile(rb"[A-Za-z]")
# A page is taken when less than this share of what is beyond ASCII is strange to a language, as foreign names are.
_STRANGE = 0.1
# Bytes on either side of a place that tell the encoding of a text; guessing on all of a large file takes minutes.
_SAMPLE = 64 * 1024


def guess_encoding(content: bytes, first: int) -> str | None:
    """The encoding that fits a text best, as Python calls it; all of the text can be read in it. ``None`` without one.

    Args:
        content: the text.
        first: the place of a byte that UTF-8 cannot explain.
    """
    sample = content[max(0, first - _SAMPLE) : first + _SAMPLE]
    told = _told_by_letters(sample)
    if told is not None and _reads(content, told):
        return told
    # charset-normalizer, not chardet: kept up, small, and already needed by other dependencies.
    import charset_normalizer

    # Three bytes tell nothing; then the most common encoding is the best guess.
    if sum(byte > 0x7F for byte in sample) <= 3 and _reads(content, _COMMONEST):
        return _COMMONEST
    guess = charset_normalizer.from_bytes(sample).best()
    if guess is None or not _reads(content, guess.encoding):
        guess = charset_normalizer.from_bytes(content).best()
    return None if guess is None or not _reads(content, guess.encoding) else guess.encoding


def _reads(content: bytes, encoding: str) -> bool:
    """Whether all of a text can be read in an encoding."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _told_by_letters(sample: bytes) -> str | None:
    """The page that makes the letters beyond ASCII those of one language; ``None`` when no page does."""
    ascii_letters = len(_ASCII_LETTERS.findall(sample))
    told, fewest = None, _STRANGE
    for page, languages in _PAGES:
        try:
            text = sample.decode(page)
        except UnicodeDecodeError:
            continue
        beyond = Counter(_BEYOND_ASCII.findall(text.lower()))
        letters = {character: count for character, count in beyond.items() if character not in _MARKS}
        total = sum(letters.values())
        if total > ascii_letters:
            continue  # no language with Latin letters has so many others
        known = max(sum(letters.get(character, 0) for character in language) for language in languages)
        misplaced = sum(found[0] in _MARKS - _MARKS_IN_WORDS for found in _IN_WORDS.finditer(text))
        strange = (total - known + misplaced) / beyond.total()
        if strange < fewest:
            told, fewest = page, strange
    return told
