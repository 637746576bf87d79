"""Web pages: the article and nothing else, in the page's own encoding."""

import re

import pytest

from index.errors import DocumentError
from index.loaders.base import MAX_TEXT
from index.loaders.html import NOTE_WHOLE_PAGE, declared_charset
from index.loading import LoadedFile, parse
from tests.index.making import source

PAGE = """<!doctype html>
<html><head><title>The Bridge &ndash; Example Daily</title>
<meta property="article:published_time" content="2024-03-05T10:00:00Z">
<style>p { color: red }</style><script>var stolen = "words";</script></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>The Bridge</h1>
<p>It opened in 1932 &amp; cost &pound;2&nbsp;million. Ships
   pass under it<br>every <b>single</b> day, Stra&shy;&szlig;en too.</p>
<ul><li>one pier</li><li>two <i>towers</i></li></ul>
<table><tr><th>Year</th><th>Cost</th></tr><tr><td>1932</td><td><p>two</p> million</td></tr><tr><td></td><td> </td></tr></table>
<p hidden>Not shown.</p><p style="display: none">Not shown.</p><noscript>Not shown.</noscript><!-- not shown -->
<h2>History</h2><p>Nobody <a href="/x">remembers</a> it.</p></article>
<footer>All rights reserved</footer></body></html>"""


def load(page: str | bytes) -> LoadedFile:
    return parse(source("page.html", page.encode() if isinstance(page, str) else page))


def test_an_article_is_read_without_what_surrounds_it() -> None:
    loaded = load(PAGE)
    assert loaded.text == (
        "The Bridge\n\nIt opened in 1932 & cost £2\u00a0million. Ships pass under it\nevery single day, Straßen too.\n\n"
        "one pier\n\ntwo towers\n\nYear | Cost\n\n1932 | two million\n\nHistory\n\nNobody remembers it."
    )
    assert (loaded.title, loaded.date, loaded.note) == ("The Bridge", "2024-03-05", None)


def test_an_article_is_found_where_nothing_marks_it() -> None:
    sentence = "The harbour of the town was closed on Monday, and nobody could say why that was so. "
    menu = "".join(f"<li><a href='/{number}'>Section {number}</a></li>" for number in range(30))
    loaded = load(
        f"<html><body><div class='menu'><ul>{menu}</ul></div><div class='content'><h1>Harbour closed</h1>"
        + "".join(f"<p>Reason {number}: {sentence * 4}</p>" for number in range(5))
        + "</div><div class='footer'>Copyright</div></body></html>"
    )
    assert loaded.text.count("nobody could say why") == 20
    assert "Section 7" not in loaded.text


def test_the_heading_of_the_article_is_its_title() -> None:
    loaded = load(
        "<html><head><title>The Book</title></head><body><div><h1>Keyboard shortcuts</h1></div><h1>The Book</h1>"
        "<main><h1>Chapter <i>one</i></h1><p>Words.</p></main></body></html>"
    )
    assert loaded.title == "Chapter one"


def test_a_teaser_is_not_taken_for_the_article() -> None:
    sentences = "Long paragraphs make the body of a page that is worth reading. " * 6
    body = "".join(f"<p>Part {number}. {sentences}</p>" for number in range(4))
    loaded = load(f"<html><body><div><h1>Report</h1>{body}</div><article>Read this next</article></body></html>")
    assert loaded.text.count("worth reading") == 24


def test_a_page_without_an_article_is_taken_whole_and_this_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trafilatura.bare_extraction", lambda *arguments, **options: None)
    loaded = load(
        "<html><head><title> Two\n lines </title></head><body><div>Only <b>this</b></div><script>x</script></body></html>"
    )
    assert (loaded.text, loaded.title, loaded.note) == ("Only this", "Two lines", NOTE_WHOLE_PAGE)


def test_a_page_of_megabytes_is_read_without_looking_for_an_article() -> None:
    loaded = load("<nav>Menu</nav>" + "".join(f"<p>{number} {'many words ' * 9}</p>" for number in range(50_000)))
    assert loaded.note == NOTE_WHOLE_PAGE
    assert loaded.text.startswith("0 many words")
    assert loaded.text.count("\n\n") == 49_999


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta charset=koi8-r>", "koi8-r"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ('<?xml version="1.0" encoding="KOI8-R"?>', "koi8-r"),
        ('<meta charset="utf-16">', "utf-8"),
        ('<meta charset="nonsense">', "utf-8"),
        ('<meta charset="undefined">', "utf-8"),
        ('<meta charset="unicode_escape">', "utf-8"),
        ('<meta charset="utf_16_le">', "utf-8"),
        ('<meta charset="cp037">', "utf-8"),
        ('<meta charset="rot13">', "utf-8"),
        ("", "utf-8"),
        ("", "utf-16"),
        ('<meta charset="koi8-r">', "utf-8-sig"),
    ],
)
def test_the_declared_encoding_is_honoured(declaration: str, encoding: str) -> None:
    page = f"{declaration}<html><body><article><p>Мост открыли в 1932 году.</p></article></body></html>"
    assert load(page.encode(encoding)).text == "Мост открыли в 1932 году."


def test_latin_1_means_what_browsers_take_it_for() -> None:
    assert declared_charset(b'<META CHARSET="ISO-8859-1">') == "cp1252"
    assert "“so”" in load("<meta charset=iso-8859-1><p>She said “so” then.".encode("cp1252")).text


def test_a_layout_table_is_not_one_line() -> None:
    cell = "<td><table><tr><td>left</td><td>right</td></tr></table></td>"
    loaded = load(
        f"<html><body><article><table><tr>{cell}<td><p>a</p><p>b</p><p>c</p><p>d</p></td></tr></table></article></body>"
    )
    assert loaded.text == "left | right\n\na\n\nb\n\nc\n\nd"


def test_line_breaks_of_preformatted_text_are_kept() -> None:
    loaded = load("<html><body><article><p>Code\nhere:</p><pre>if x:\n    y = 1\n</pre></article></body></html>")
    assert loaded.text == "Code here:\n\nif x:\n    y = 1"
    assert (
        load("<article><pre>one&#13;&#10;two&#13;three</pre><p>a&#13;b</p></article>").text == "one\ntwo\nthree\n\na b"
    )


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<html><body>" + "<div>" * 500 + "deep", "nested too deeply"),
        ("<p>" + "word " * 2_500_000, "too long"),
        ("<html><body><script>x</script></body></html>", "no text"),
        ("<!-- nothing -->", "no text"),
        ("x" * (MAX_TEXT + 1), "64 MiB"),
    ],
    ids=["depth", "length", "script only", "comment only", "size"],
)
def test_what_cannot_be_read_in_full_is_refused(page: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        load(page)


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    page = f"""<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
    <html><head><link rel="stylesheet" href="http://192.0.2.1/x.css"></head><body><article><p>Before &x; &b; after.
    <img src="http://192.0.2.1/x.png"></p></article></body></html>"""
    text = load(page).text
    assert "secret words" not in text
    assert "aaaa" not in text
    assert "Before" in text


def test_hidden_words_of_a_short_article_do_not_make_it_a_teaser() -> None:
    cells = "<table><tr><td><span hidden>nought</span></td> <td><span hidden>one</span></td></tr></table>"
    page = f"<html><body><nav>Menu</nav><article><p>begin</p>{cells}<p>end</p></article></body></html>"
    assert load(page).text == "begin\n\nend"


SENTENCES = [
    "The mayor of the town of Oslo, Ana Lund, said on Tuesday that nobody had been hurt when the bridge fell into the river.",
    "She told reporters that the bridge would be rebuilt by the end of next year, at a cost of forty million crowns.",
    "The bridge was opened in 1932 by the king and carried some twelve thousand cars each day before it was closed.",
    "Engineers had warned of rust in the southern pillars since 2015, but a repair was put off three times.",
]


def unmarked(more: str, around: str = "{}") -> LoadedFile:
    """A page on which no tag marks the article, and which has ``more`` after four paragraphs."""
    article = "".join(f"<p>{text}</p>" for text in SENTENCES) + more
    content = f"<div class='content'><h1>Bridge falls</h1>{article}</div>"
    return load(
        "<html><head><title>Bridge falls</title></head><body><div id='top'><a href='/'>Home</a></div>"
        + around.format(content)
        + "<div class='foot'>Copyright 2024</div></body></html>"
    )


def after_the_sentences(loaded: LoadedFile) -> str:
    before = "\n\n".join(["Bridge falls", *SENTENCES]) + "\n\n"
    assert loaded.text.startswith(before)
    return loaded.text.removeprefix(before)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("<p>It fell on <time>2 January 2024</time> at dawn.</p>", "It fell on 2 January 2024 at dawn."),
        ("<p>It fell on <b><time>2 <i>May</i></time></b> at dawn.</p>", "It fell on 2 May at dawn."),
        (
            "<p>So <output>five</output> of <label>them</label> paid <data value='1'>one</data>.</p>",
            "So five of them paid one.",
        ),
        ("<p>She said <q>nobody was <b>hurt</b></q> on Tuesday.</p>", "She said “nobody was hurt” on Tuesday."),
        ("<p>She said <q>nobody</q> on Tuesday.</p>", "She said “nobody” on Tuesday."),
        (
            "<p>Run:</p><pre><code>pip <b>install</b> x\npip run y\n</code></pre><p>Done.</p>",
            "Run:\n\npip install x\npip run y\n\nDone.",
        ),
        ("<p>Run:</p><pre>one line\nanother</pre><p>Done.</p>", "Run:\n\none line\nanother\n\nDone."),
        (
            "<figure><img src='a.jpg'><figcaption>The bridge in 1932, by Bo Ek</figcaption></figure><p>After.</p>",
            "The bridge in 1932, by Bo Ek\n\nAfter.",
        ),
        (
            "<figure><img><figcaption><p>The bridge in 1932.</p><p>By Bo Ek.</p></figcaption></figure><p>After.</p>",
            "The bridge in 1932.\n\nBy Bo Ek.\n\nAfter.",
        ),
        ("<figure><img><figcaption><a href='/x'>Another page of ours</a></figcaption></figure><p>After.</p>", "After."),
        ("<p><label>I agree to the terms</label><input type='checkbox'></p><p>After.</p>", "After."),
    ],
)
def test_words_in_tags_that_the_extractor_drops_are_kept(more: str, text: str) -> None:
    assert after_the_sentences(unmarked(more)) == text


@pytest.mark.parametrize("time", ["<time datetime='2024-01-02'>Tuesday</time>", "<time>2 January 2024</time>"])
def test_a_date_in_a_sentence_is_still_that_of_the_page(time: str) -> None:
    assert unmarked(f"<p>It fell on {time} at dawn.</p>").date == "2024-01-02"


def test_quotation_marks_that_a_browser_draws_are_read() -> None:
    assert load("<article><p>She <q>knew</q> it.</p></article>").text == "She “knew” it."


@pytest.mark.parametrize(
    "more",
    [
        "<h3>Victims</h3><div>The number of dead was <b>17</b> on Monday.</div><div>Most came from Moss.</div>",
        "<h2>Council</h2><ul><li><a href='x'>Ana Lund</a>, mayor since 2019</li><li><a href='x'>Bo Ek</a>, engineer</li></ul>",
    ],
    ids=["blocks", "list of links"],
)
def test_words_that_are_left_out_of_an_article_are_told_of(more: str) -> None:
    loaded = unmarked(more)
    match = re.fullmatch(
        "([0-9]+) of about ([0-9]+) words of the page were taken for no part of the article and left out. "
        r"Save it as plain text if they matter",
        str(loaded.note),
    )
    assert match is not None
    left_out, words = map(int, match.groups())
    assert words - left_out == len(loaded.text.split())
    assert left_out == len(re.sub("<a.*?</a>|<.*?>", " ", more).split()) + len(["Copyright", "2024"])


def test_a_footer_is_left_out_without_a_word() -> None:
    loaded = unmarked("")
    assert ("Copyright" in loaded.text, loaded.note) == (False, None)


FACTS = "".join(f"<div><span>In the year {1990 + year} the number was {year * 3}.</span></div>" for year in range(12))


def test_a_form_around_the_whole_page_is_no_menu() -> None:
    page = unmarked(f"<div class='box'>{FACTS}</div>", "<form id='aspnetForm'>{}</form>")
    assert page.text.count("the number was") == 12
    assert page.note == NOTE_WHOLE_PAGE
    page = load(f"<main><form id='aspnetForm'><h1>Numbers</h1>{FACTS}</form><form>Search<p>for it</p></form></main>")
    assert (page.text.count("the number was"), "Search" in page.text, page.title) == (12, False, "Numbers")


def test_a_form_of_a_page_is_left_out() -> None:
    form = "<form><h1>Sign up</h1><p>Give us your address and be told of it.</p><form><p>Nested</p></form></form>"
    page = load(f"<article><h1>Bridge</h1><p>{SENTENCES[0]}</p>{form}</article>")
    assert page.text == f"Bridge\n\n{SENTENCES[0]}"


@pytest.mark.parametrize("label", ["iso-8859-9", "ISO8859-9", "iso_8859-9", "latin5", "l5"])
def test_latin_5_means_what_browsers_take_it_for(label: str) -> None:
    page = f"<meta charset={label}><article><p>“Büyük” bir şehirdir.</p></article>"
    assert load(page.encode("cp1254")).text == "“Büyük” bir şehirdir."


@pytest.mark.parametrize("label", ["tis-620", "TIS620", "iso-8859-11", "iso8859-11", "windows-874"])
def test_thai_means_what_browsers_take_it_for(label: str) -> None:
    page = f"<meta charset={label}><article><p>“สะพาน” เปิดแล้ว…</p></article>"
    assert load(page.encode("cp874")).text == "“สะพาน” เปิดแล้ว…"
