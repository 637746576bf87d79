"""How numbers are written: the words of a text one by one, the English words for numbers, and digits with what parts them."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

_UP_TO_19 = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_UP_TO_19TH = """
zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth
"""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

ADDED: dict[str, Fraction] = {
    **{word: Fraction(value) for value, word in enumerate(_UP_TO_19.split())},
    **{word: Fraction(value) for value, word in enumerate(_UP_TO_19TH.split())},
    **{word: Fraction(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **{f"{word[:-1]}ieth": Fraction(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    "twice": Fraction(2),
    "thrice": Fraction(3),
}
"""Words whose values are added: "twenty" and "five". Ordinals too."""
SCALES: dict[str, int] = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
}
"""Words that multiply the number before them."""
MULTIPLIED: dict[str, int] = {**SCALES, **{f"{word}th": value for word, value in SCALES.items() if word != "dozen"}}
"""The same with their ordinals."""
VAGUE: dict[str, int] = {"tens": 10, **{f"{word}s": value for word, value in SCALES.items()}}
"""Words for no exact number, and what there are several of."""
SOME = frozenset({"several", "few", "many", "some", "couple"})
"""Words that make the scale after them one for no exact number: "several thousand"."""
FRACTIONS: dict[str, Fraction] = {"half": Fraction(1, 2), "quarter": Fraction(1, 4)}
"""Words for a part that stand alone: "half of them", "a quarter"."""
PARTS: dict[str, int] = {
    "halves": 2,
    "quarters": 4,
    # Without "second", which is a time.
    **{f"{word}s": value for value, word in enumerate(_UP_TO_19TH.split()) if value > 2},
    **{f"{word[:-1]}ieths": value for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    "hundredths": 100,
    "thousandths": 1000,
}
"""Words for parts that are counted, and how many make a whole: "two thirds"."""
DECADES: dict[str, int] = {f"{word[:-1]}ies": value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
"""Words for the years that begin with the same digit."""
TIMES: dict[str, Fraction] = {
    **dict.fromkeys(("halve", "halved", "halving"), Fraction(1, 2)),
    **dict.fromkeys(("double", "doubled", "doubles", "doubling"), Fraction(2)),
    **dict.fromkeys(("triple", "tripled", "triples", "tripling", "treble", "trebled", "trebles"), Fraction(3)),
    **dict.fromkeys(("quadruple", "quadrupled", "quadruples", "quadrupling"), Fraction(4)),
    **{f"{word}fold": ADDED[word] for word in (*_UP_TO_19.split(), *_TENS)},
    "hundredfold": Fraction(100),
    "thousandfold": Fraction(1000),
}
"""Words for how many times as much there is."""
PERCENT_WORDS = frozenset({"percent", "pct"})
PERCENT_SIGNS = "%％﹪٪"
METRES = frozenset({"metre", "metres", "meter", "meters"})

# After digits, with or without a space; those of one letter need the care of :func:`abbreviation`.
_SHORT = {"mn": 10**6, "mln": 10**6, "bn": 10**9, "bln": 10**9, "tn": 10**12, "trn": 10**12}
_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_CURRENCIES = frozenset("$€£¥₽₹₺₩₴₪֏₼₾") | {"usd", "eur", "gbp", "rub", "cny", "jpy", "inr", "amd", "azn"}
# What is counted in millions and not in metres.
_COUNTED_LIST = """
euro euros dollar dollars pound pounds rouble roubles ruble rubles rupee rupees yuan yen usd eur gbp people persons men
women children residents inhabitants citizens refugees voters votes users customers visitors viewers jobs workers homes
households barrels tonnes tons
"""
_COUNTED = frozenset(_COUNTED_LIST.split())

_GAPS = ",.'’ \u00a0\u2009\u202f"
_DIGITS = rf"\d{{1,3}}(?P<gap>[{_GAPS}])\d{{3}}(?:(?P=gap)\d{{3}})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(
    rf"(?P<digits>{_DIGITS})|(?P<part>[¼-¾⅐-⅞])|(?P<word>[^\W\d_¼-¾⅐-⅞]+)|(?P<sign>[{PERCENT_SIGNS}])|(?P<other>\S|\n\s*\n)"
)
_HYPHENS = "-‐‑"
_LONGEST = 40  # digits; what is longer is an identifier, and converting it would take long


class Token(NamedTuple):
    """A word, a number in digits, or a sign.

    Attributes:
        kind: "digits", "part" (½), "word", "sign" (%) or "other".
        text: as it is written.
        word: the same without case.
        joint: what stands before it: nothing, "-" for a hyphen, or " " for white space.
    """

    kind: str
    text: str
    word: str
    joint: str


def tokens_of(text: str) -> list[Token]:
    """The tokens of ``text``. White space parts them, and hyphens do the same: "thirty-five". A blank line is a sign."""
    tokens: list[Token] = []
    end, hyphen = 0, False
    for match in _TOKEN.finditer(text):
        if match.group() in _HYPHENS:
            hyphen = True
            continue
        joint = "-" if hyphen else " " if match.start() > end else ""
        kind = "digits" if match["digits"] is not None else match.lastgroup or "other"
        tokens.append(Token(kind, match.group(), match.group().casefold(), joint))
        end, hyphen = match.end(), False
    return tokens


def words_at(tokens: Sequence[Token], at: int, count: int) -> list[str]:
    """The ``count`` words from token ``at`` on, fewer at the end."""
    return [token.word for token in tokens[at : at + count]]


def is_currency(token: Token) -> bool:
    """Whether ``token`` is the sign or code of a currency, as it stands before an amount."""
    return token.word in _CURRENCIES


def is_number_word(word: str) -> bool:
    """Whether ``word``, without case, stands for a number of any kind."""
    return any(word in words for words in (ADDED, MULTIPLIED, VAGUE, FRACTIONS, PARTS, DECADES, TIMES))


def abbreviation(tokens: Sequence[Token], start: int, at: int) -> int:
    """What the token at ``at``, such as "bn", multiplies the digits at ``start`` by that it follows; 1 for anything else.

    "5m" may mean metres, and so it counts as 1 unless there is a currency or something that is counted in millions.
    """
    if at >= len(tokens) or tokens[at].joint == "-":
        return 1
    token = tokens[at]
    if token.word in _SHORT:
        return _SHORT[token.word]
    # "In 2016 K. Lee": a capital is a scale only where it touches the digits.
    if token.word not in _LETTERS or not (token.joint == "" or token.text.islower()):
        return 1
    is_plain = token.word == "k" or token.text == "M"
    counted = words_at(tokens, at + 1, 1)
    if is_plain or _is_amount(tokens, start) or (token.word == "m" and counted and counted[0] in _COUNTED):
        return _LETTERS[token.word]
    return 1


def _is_amount(tokens: Sequence[Token], at: int) -> bool:
    """Whether a currency stands before the digits at ``at``, or before the number that they are the end of: "$2-3m"."""
    if at > 1 and tokens[at].joint == "-" and tokens[at - 1].kind == "digits":
        at -= 1
    elif at > 2 and tokens[at - 1].word in ("–", "to") and tokens[at - 2].kind == "digits":
        at -= 2
    return at > 0 and is_currency(tokens[at - 1])


def digits_value(token: str) -> Fraction | str:
    """The value of a number in digits; a comma before exactly three digits parts thousands, a single full stop decimals.

    What is too long for a number is given as it is.
    """
    if len(token) > _LONGEST:
        return token
    gaps = [character for character in token if not character.isdigit()]
    if not gaps:
        return Fraction(int(token))
    # "1,234.5" and "1.234,5": the last mark is the decimal one if it differs from the first, or is the only full stop.
    last = gaps[-1]
    decimals = len(token) - 1 - token.rindex(last)
    is_decimal = last in ".," and gaps.count(last) == 1 and (len(gaps) > 1 or decimals != 3 or last == ".")
    whole, part = (token[: -decimals - 1], token[-decimals:]) if is_decimal else (token, "")
    value = Fraction(int("".join(character for character in whole if character.isdigit())))
    return value + Fraction(int(part), 10 ** len(part)) if part else value
