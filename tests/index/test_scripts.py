"""Raised and lowered numbers are never taken for a part of the number before them, in any format."""

import pytest

from index.loaders.scripts import lowered, raised
from index.loading import parse
from tests.index.making import epub_file, source
from tests.index.test_docx import bare
from tests.index.test_html import after_the_sentences, unmarked

WORDS = [
    ("in 1914<sup>3</sup> and", "in 1914³ and"),
    ("10<sup>6</sup> m, 10<sup>-3</sup> m", "10⁶ m, 10⁻³ m"),
    ("Na<sup>+</sup>, Ca<sup>2+</sup>", "Na⁺, Ca²⁺"),
    ("in 1914<sup><b>3</b></sup>, so", "in 1914³, so"),
    ("in 1914<sup>3, 4</sup> and", "in 1914³, ⁴ and"),
    ("in 1914<sup>[3]</sup> the 20<sup>th</sup>", "in 1914[3] the 20th"),
    ("H<sub>2</sub>O and CO<sub>2</sub>", "H2O and CO2"),
    ("110<sub>2</sub> is 6", "110₂ is 6"),
    ("it <sup>costs</sup> 5", "it costs 5"),
]


@pytest.mark.parametrize(("markup", "text"), WORDS)
def test_a_raised_number_is_apart_from_the_one_before_it(markup: str, text: str) -> None:
    assert parse(source("a.html", f"<article><p>{markup}</p></article>".encode())).text == text
    assert after_the_sentences(unmarked(f"<p>And {markup}</p>")) == f"And {text}"
    assert parse(source("a.md", markup.encode())).text == text
    book = epub_file([["x"]], **{"OPS/text of/0.xhtml": f"<html><body><p>{markup}</p></body></html>"})
    assert parse(source("a.epub", book)).text == text


def test_raised_numbers_in_cells_and_blocks() -> None:
    page = "<article><table><tr><td>5 m<sup>2</sup></td><td>1914<sup><div>3</div></sup></td></tr></table><sup><p>4</p></sup>"
    assert parse(source("a.html", page.encode())).text == "5 m² | 1914 ³\n\n4"
    assert parse(source("a.md", b"a</sup> 5<sup>2 b")).text == "a 52 b"
    assert parse(source("a.md", b"5<sup>2<b>3</b><sub>4</sup>5</sub> b")).text == "5²³⁴5 b"


def test_raised_numbers_of_word_documents() -> None:
    def run(text: str, place: str = "") -> str:
        properties = f'<w:rPr><w:vertAlign w:val="{place}"/></w:rPr>' if place else ""
        return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'

    parts = [
        run("in 1914"),
        run("3", "superscript"),
        run(" and 110"),
        run("2", "subscript"),
        run(" H"),
        run("2", "subscript"),
        run("O 5", "baseline"),
    ]
    assert parse(source("a.docx", bare(f"<w:p>{''.join(parts)}</w:p>"))).text == "in 1914³ and 110₂ H2O 5"


def test_long_texts_are_not_rewritten() -> None:
    assert raised("12 of them in 1914") == "12 of them in 1914"
    assert raised("") == lowered("", "5") == ""
    assert raised(" 3 ") == " ³ "
