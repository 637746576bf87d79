"""Old encodings: texts in many languages come out as they were written, and a guess is always told of."""

import io
import zipfile

import charset_normalizer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DocumentError
from index.loaders.guessing import guess_encoding
from index.loaders.html import NOTE_WHOLE_PAGE
from index.loading import canonical_newlines, decode, parse
from tests.index.making import epub_file, source, zip_file

LATIN = [
    ("Le café de la gare à Besançon a fermé.", "cp1252"),
    ("Le café de la gare à Besançon a fermé.", "cp850"),
    ("Le conseil a voté hier soir. Où ira l'argent ? Personne ne l'a dit, même à la mairie.", "mac_roman"),
    ("“It isn’t open,” she said — the ‘old’ bridge was closed in the 1930s…", "cp1252"),
    ("Zoë Müller’s naïve résumé cost £50 • the jury’s was free™.", "cp1252"),
    ("Die Brücke über den Fluß wurde für Fußgänger geöffnet.", "cp850"),
    ("Mañana cerrarán el puente más viejo de España; ¿qué pasará después?", "cp1252"),
    ("A ponte não será aberta até o próximo verão, disseram os técnicos à imprensa. É uma decisão difícil.", "cp1252"),
    ("Perché la città è così cara? Nessuno lo sa più.", "cp1252"),
    ("Satama suljettiin maanantaina eikä kukaan tiennyt, miksi näin kävi. Sää oli hyvä.", "cp1252"),
    ("Broen åpnet for første gang på mandag, og været var dårlig. Ærlig talt.", "cp1252"),
    ("Brúin var opnuð í fyrsta skipti á mánudaginn og veðrið var gott. Það þótti öllum.", "cp1252"),
    ("El pont no s'obrirà fins a la pròxima setmana, segons l'alcaldessa. És el més vell.", "cp1252"),
    ("Dworzec w Łodzi zamknięto w poniedziałek, a mieszkańcy są źli.", "iso8859_2"),
    ("Město otevřelo nový most a lidé byli šťastní.", "iso8859_2"),
    ("Az új hídon csak ősszel nyílik meg az út, mert kevés a munkás és sok az eső.", "cp852"),
    ("Podul a fost închis luni şi nimeni nu ştie de ce. Primăria n-a spus nimic până acum.", "cp1250"),
    ("Uostas buvo uždarytas pirmadienį, ir niekas nežinojo kodėl. Žmonės labai nustebo.", "cp1257"),
    ("Osta tika slēgta pirmdien, un neviens nezināja, kāpēc. Šī ziņa ļoti pārsteidza žurnālistus.", "cp1257"),
    ("Sadam suleti esmaspäeval ja keegi ei teadnud, miks. Žürii otsus üllatas kõiki.", "cp1257"),
    ("Köprü pazartesi günü açıldı. İşçiler çok yorgundu, çünkü dağ yolu kapalıydı.", "cp1254"),
]
OTHERS = [
    ("Мост открыли в понедельник, и никто не знал почему.", "cp1251"),
    ("Мост открыли в понедельник, и никто не знал почему.", "koi8_r"),
    ("Мост открыли в понедельник, и никто не знал почему.", "cp866"),
    ("Reporters asked about it. Мост открыли в понедельник, и никто не знал почему.", "cp1251"),
    ("Міст відкрили в понеділок, і ніхто не знав, чому його закрили.", "cp1251"),
    ("Η γέφυρα άνοιξε τη Δευτέρα και κανείς δεν ήξερε γιατί.", "cp1253"),
    ("הגשר נפתח ביום שני ואיש לא ידע מדוע. הנמל נסגר.", "cp1255"),
    ("افتتح الجسر يوم الاثنين ولم يعرف أحد السبب. أغلق الميناء.", "cp1256"),
    ("橋は月曜日に開通したが、その理由は誰も知らなかった。港は閉鎖された。", "shift_jis"),
    ("다리는 월요일에 개통되었지만 아무도 그 이유를 몰랐다. 항구는 폐쇄되었다.", "cp949"),
    ("大桥在星期一开通，但没有人知道为什么。港口关闭了。", "gb18030"),
    ("大橋在星期一開通，但沒有人知道為什麼。港口關閉了。", "big5"),
]


def first_strange(content: bytes) -> int:
    with pytest.raises(UnicodeDecodeError) as caught:
        content.decode("utf-8")
    return int(caught.value.start)


@pytest.mark.parametrize(("text", "encoding"), [*LATIN, *OTHERS])
def test_a_short_text_comes_out_as_it_was_written_and_the_guess_is_told_of(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    loaded = parse(source("a.txt", content))
    assert loaded.text == text
    guessed = guess_encoding(content, first_strange(content))
    assert loaded.note == f"not UTF-8; read as {guessed}. Save it as UTF-8 if letters are wrong"


@pytest.mark.parametrize(("text", "encoding"), OTHERS)
def test_languages_without_latin_letters_are_left_to_statistics(text: str, encoding: str) -> None:
    content = text.encode(encoding) * 3
    guess = charset_normalizer.from_bytes(content).best()
    assert guess is not None
    assert guess_encoding(content, first_strange(content)) == guess.encoding


def test_vietnamese_has_a_page_of_its_own() -> None:
    # Marks of tones are apart from the letters.
    text = "Câ\u0300u đươ\u0323c mơ\u0309 va\u0300o thư\u0301 hai, nhưng không ai biê\u0301t ta\u0323i sao."
    assert parse(source("a.txt", text.encode("cp1258"))).text == text


def test_letters_far_into_a_long_text_tell_its_encoding() -> None:
    text = "Nothing of note happened.\n" * 10_000 + "Le café de la gare à Besançon a fermé.\n" + "Nothing.\n" * 10_000
    decoded = decode(source("a.txt", text.encode("cp1252")))
    assert (decoded.text, decoded.guessed) == (text, "cp1252")


def test_a_byte_that_the_page_lacks_leaves_the_text_to_statistics() -> None:
    content = "Le café de la gare à Besançon a fermé. ".encode("cp1252") * 3 + b"x" * 70_000 + b" \x81 "
    decoded = decode(source("a.txt", content))
    assert decoded.guessed != "cp1252"
    assert decoded.text == content.decode(str(decoded.guessed))


@given(st.binary(min_size=1))
def test_a_guess_is_an_encoding_that_all_of_the_text_can_be_read_in(content: bytes) -> None:
    try:
        decoded = decode(source("a.txt", content))
    except DocumentError:
        return
    if decoded.guessed is not None:
        assert decoded.text == canonical_newlines(content.decode(decoded.guessed))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_nothing_is_said_of_an_encoding_that_is_known(encoding: str) -> None:
    assert parse(source("a.txt", "Le café de Besançon".encode(encoding))).note is None


NOTE = "not UTF-8; read as cp1252. Save it as UTF-8 if letters are wrong"
WORDS = "Le café de la gare à Besançon a fermé."


def test_a_guess_is_told_of_in_every_format_that_holds_text() -> None:
    markdown = parse(source("a.md", f"# Été\n\n{WORDS}".encode("cp1252")))
    assert (markdown.text, markdown.title, markdown.note) == (f"Été\n\n{WORDS}", "Été", NOTE)
    page = parse(source("a.html", f"<article><p>{WORDS}</p></article>".encode("cp1252")))
    assert (page.text, page.note) == (WORDS, NOTE)
    assert parse(source("a.html", f"<meta charset=latin1><article>{WORDS}</article>".encode("cp1252"))).note is None


def test_a_guess_is_told_of_beside_other_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trafilatura.bare_extraction", lambda *arguments, **options: None)
    page = parse(source("a.html", f"<body><div>{WORDS}</div></body>".encode("cp1252")))
    assert (page.text, page.note) == (WORDS, f"{NOTE_WHOLE_PAGE}; {NOTE}")


def test_a_guess_at_chapters_of_a_book_is_told_of_once() -> None:
    book = epub_file([["Le", "café", "de", "la", "gare"], ["à", "Besançon", "a", "fermé."], ["Gone."]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        old = {name: archive.read(name).decode().encode("cp1252") for name in archive.namelist()}
    loaded = parse(source("a.epub", zip_file(old)))
    assert (loaded.text, loaded.note) == ("Le café de la gare\n\nà Besançon a fermé.\n\nGone.", NOTE)
    del old["OPS/text of/2.xhtml"]
    loaded = parse(source("a.epub", zip_file(old)))
    assert loaded.note == f"1 of its chapters is not in the file; {NOTE}"
