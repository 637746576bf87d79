"""Who says so: attribution by the structure of sentences, over quotations and pronouns."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.news import build
from qa.claims.quotations import quotations
from qa.claims.speakers import Speakers
from qa.claims.words import named_speaker
from tests.qa.claims.making import speaker
from tests.strategies import texts

MADE = Path(__file__).parent / "made"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The ministry said nine horses had died.", "nine", "The ministry"),
        ("Nine horses had died, the ministry said.", "Nine", "the ministry"),
        ("According to Rhea Moll, nine horses had died.", "nine", "Rhea Moll"),
        ("Nine horses had died, according to the stable's owner, who was away.", "Nine", "the stable's owner"),
        ("Nine horses had died, said Rhea Moll of the ministry.", "Nine", "Rhea Moll of the ministry"),
        (
            "The stable's owner, Rhea Moll, told reporters that nine horses had died.",
            "nine",
            "The stable's owner, Rhea Moll",
        ),
        ("Rhea Moll, who owns the stable, said nine horses had died.", "nine", "Rhea Moll"),
        ("On Monday, Rhea Moll announced that nine horses had died.", "nine", "Rhea Moll"),
        ('"Nine horses died," Rhea Moll said.', "Nine", "Rhea Moll"),
        ('"It was cold," Rhea Moll said. "Nine horses died. We buried them."', "buried", "Rhea Moll"),
        ('"It was cold," Rhea Moll said.\n"Nine horses died."', "Nine", "Rhea Moll"),
        ("Rhea Moll arrived late. Nine horses had died, she said.", "Nine", "Rhea Moll"),
        ("Nine horses had died, Moll said; the vet put it at six.", "six", "the vet"),
        ("Nine horses had died, Moll said; the vet put it at six.", "Nine", "Moll"),
        ("According to Moll the horses died because the roof fell.", "the roof fell", "Moll"),
        ("The order to leave, Moll said, had gone out on Sunday.", "Sunday", "Moll"),
        ("The oldest is a stable, which Moll says is 300 years old.", "300", "Moll"),
        (
            "The stable expects 90 guests, Moll said, whereas a study by the vets considers 40 likely.",
            "40",
            "a study by the vets",
        ),
        ("The vets' agency raised the number to 31. Nine are still ill, it said.", "Nine", "The vets' agency"),
        (
            "OSTA, 3 May 2021 - The vets' agency raised it to 31. Nine are still ill, it said.",
            "Nine",
            "The vets' agency",
        ),
        ("OSTA (Presswire) — Rhea Moll arrived late. Nine horses had died, she said.", "Nine", "Rhea Moll"),
        (
            "Its director, Rhea Moll, said so. A survey by the vets found that it had only nine.",
            "nine",
            "A survey by the vets",
        ),
        ("Nine horses had died, Moll said, the vet spoke of six.", "six", "the vet"),
        ("The vet said nine horses had died, the county counted six.", "nine", "The vet"),
        ("The stable has had no inspection after 2017, its head, Rhea Moll, told us.", "2017", "its head, Rhea Moll"),
        ("The stable paid 900 crowns, its head, Rhea Moll, said.", "900", "its head, Rhea Moll"),
        (
            "The stable, Rhea Moll said, has six. A study by the vets came to another figure: it found nine.",
            "nine",
            "A study by the vets",
        ),
        ("Moll is sure that his father saw nine.", "nine", "Moll"),
        ("The vets' office raised the number of dead horses to nine.", "nine", "The vets' office"),
        ("In the town of Osta, mayor Rhea Moll said, it took nine.", "nine", "mayor Rhea Moll"),
        ("They lie nine metres deep, stable owner Rhea Moll said.", "nine", "stable owner Rhea Moll"),
        ("It was over after nine hours, said vet Rhea Moll.", "nine", "vet Rhea Moll"),
        ("Rhea Moll, who wrote a book about them, says the ninth horse fell.", "ninth", "Rhea Moll"),
        ("The vets and the county agree that nine horses died.", "nine", "The vets and the county"),
        ("Stable owner Rhea Moll was away. Last year nine came, she said.", "nine", "Stable owner Rhea Moll"),
        ("It is certain that nine horses died.", "nine", None),
        ('"It was cold," Moll said in a letter, also claiming that nine horses had died.', "nine", "Moll"),
        ("The prosecutor asked for seven years.", "seven", "The prosecutor"),
        ("By the vet's reckoning nine horses died.", "nine", "the vet's"),
        ("Nine horses died, on the county's own figures.", "Nine", "the county's"),
        ("In Moll's account the roof fell.", "the roof fell", "Moll's"),
        ("Moll, in a letter to the county, likewise gave it as nine.", "nine", "Moll"),
        ("It was slow, Moll objected, because nine had died.", "nine had died", "Moll"),
        ("Vets sent by the county put the number of dead at nine.", "nine", "Vets sent by the county"),
        ("Stable owner Rhea Moll guessed the herd at 90.", "90", "Stable owner Rhea Moll"),
        ("The fire lasted two hours; the vet made it 3.", "3", "the vet"),
        ("Rhea Moll went over the sheets and came up with 90.", "90", "Rhea Moll"),
        ('Moll called the stable "entirely safe".', "entirely safe", "Moll"),
        ("Moll was quoted in the paper as saying that nine had died.", "nine", "Moll"),
        ("That was denied by a groom, who said nine had died.", "nine", "a groom"),
        ("The fire was put down by Mrs Moll to a loose wire.", "a loose wire", "Mrs Moll"),
        ("Nothing of the kind, said the vet: nine had died.", "nine", "the vet"),
        ("The roof was sound, Moll points out: nine beams were new.", "nine", "Moll"),
        ('"Six died," the vet said. Rhea Moll was brief: "Nine died."', "Nine", "Rhea Moll"),
        ("Whereas the vet said six had died, Moll said by telephone that it was nine.", "six", "the vet"),
        ("Nine horses died, countered one of the grooms.", "Nine", "one of the grooms"),
        ("According to the vet six have fallen ill. Moll said that it was nine.", "nine", "Moll"),
        ("County officials: nine.", "nine", "County officials"),
        ("Rhea Moll arrived late. 07:05 Moll: nine dead.", "nine", "Moll"),
        ('Vet Rhea Moll, on the radio: "Nine."', "Nine", "Vet Rhea Moll"),
        ("Saved so far: nine.", "nine", None),
        ("The county's tally stands at nine.", "nine", "The county's tally"),
        ("The groom's notebook has the fire at nine.", "nine", "The groom's notebook"),
        ("A memo from the county lists nine horses.", "nine", "A memo from the county"),
        ("She knew the books by heart and there had been nine.", "nine", None),
        ("To her groom Rhea Moll it was greed.", "greed", "her groom Rhea Moll"),
        ("Nine horses died, as the vet Rhea Moll has it.", "Nine", "the vet Rhea Moll"),
        ("Nine came, by the count of the vet, Rhea Moll.", "Nine", "the vet, Rhea Moll"),
        ("By nine horses, the vet says.", "nine", "the vet"),
        ("Not so, said groom Rhea Moll; nine had died.", "nine", "groom Rhea Moll"),
        ("Moll remembers that nine had died.", "nine", "Moll"),
        ("It was not the roof, said Rhea Moll, who owns it: the beams fell.", "the beams", "Rhea Moll"),
        ("Groom Ryu Jae-won said nine had died.", "nine", "Groom Ryu Jae-won"),
        ("Counsel for Moll, 61, said that the sum was nine crowns.", "nine", "Counsel for Moll, 61"),
        ("Moll's answer was nine.", "nine", "Moll's answer"),
        ("It happened at nine, say police.", "nine", "police"),
        ("Moll calls it greed.", "greed", "Moll"),
        ("Moll swears it was nine.", "nine", "Moll"),
        ("18:40 GridCo says nine houses are dark.", "nine", "GridCo"),
        ("Moll, who was called as a witness on Monday, denied that nine had died.", "nine", "Moll"),
        ("Moll, who has served as mayor since 2010, said nine had died.", "nine", "Moll"),
        ("Moll, who works as a groom, said nine had died.", "nine", "Moll"),
        ("A groom known as Ox put the number at nine.", "nine", "A groom known as Ox"),
        ("The stable, known as Big Jo, was old, Moll said.", "The stable", "Moll"),
        ("Midnight had come, as the vet admits and as Moll noted: nine had died.", "nine", "Moll"),
        ("A study by the vets, published in May, estimated the loss at nine horses.", "nine", "A study by the vets"),
        ("Moll, a groom, reported the theft of nine horses.", "nine", "Moll, a groom"),
        ("Moll, 54, confirmed the figure of nine.", "nine", "Moll, 54"),
        ("The court, after two hours, estimated the loss at nine horses.", "nine", "The court"),
        ("The roof, an old one, fell at nine, claimed the vet.", "nine", "the vet"),
        ("Nine dead, two missing, claimed the farmer next door.", "Nine", "the farmer next door"),
        ("Nine horses died in the fire.", "Nine", None),
        ("Moll said it was cold. Nine horses died in the fire.", "Nine", None),
    ],
)
def test_the_structure_of_a_sentence_tells_who_speaks(text: str, words: str, expected: str | None) -> None:
    assert speaker(text, words) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Henry VIII ruled England from 1509.", "1509"),
        ("Jane Austen wrote six novels.", "six"),
        ("The train arrived in Rome on 3 May.", "3 May"),
        ("The train arrived at 9.15.", "9.15"),
        ("The train arrived at nine on Monday.", "nine"),
        ("When the strike was over, the train arrived.", "the strike"),
        ("Two hikers found the body on 3 May.", "3 May"),
        ("Toyota recalled 30,000 cars in May.", "30,000"),
        ("The band recorded the album in Berlin in 1977.", "1977"),
        ('Jane Austen wrote "Emma" in 1815.', "1815"),
        ("The town placed a wreath there in 1977.", "1977"),
        ("The church dates from 1140.", "1140"),
        ("The slope gave way at 6.20.", "6.20"),
        ("Anna gave birth on 3 May.", "3 May"),
        ("Its report is due on 1 June.", "1 June"),
        ("The report was published on 1 June.", "1 June"),
        ("The survey begins in May.", "May"),
        # What is taken for a naming is none.
        ("First to notice was the diver Kasia Wrona.", "Kasia Wrona"),
        ("What he said in 1990 was wrong.", "1990"),
        ("The army refused to say whether 12 had died.", "12"),
        ("The government imposed the tax in 1990 and dismissed the minister in 1991.", "1991"),
    ],
)
def test_who_does_something_does_not_say_it(text: str, words: str) -> None:
    assert speaker(text, words) is None


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The court ruled that nine had died.", "nine", "The court"),
        ("Moll ruled out a sale of the site.", "a sale", "Moll"),
        ("The club's list is 40 names long.", "40", "The club's list"),
        ("Moll gave the figure as 55.", "55", "Moll"),
        ("The vets arrived at 55.", "55", "The vets"),
        ("The vets arrived at a figure of nine.", "nine", "The vets"),
        ("The county recorded nine deaths.", "nine", "The county"),
        ("A study by the vets found mice in the hay.", "mice", "A study by the vets"),
        ("Rhea Moll found nine horses dead.", "nine", "Rhea Moll"),
        ("Rhea Moll found that the roof had fallen.", "the roof", "Rhea Moll"),
        ("Nine horses had died, Rhea Moll wrote in her book.", "Nine", "Rhea Moll"),
        ('Rhea Moll wrote on Sunday: "Nine died."', "Nine", "Rhea Moll"),
        ("Nine horses, Rhea Moll added, had died.", "Nine", "Rhea Moll"),
        ("The register records nine deaths.", "nine", "The register"),
        ("The vet found mice, and the groom, too, found mice in the hay.", "the hay", "the groom"),
        ("The police named Tom Vale as the culprit.", "Tom Vale", "The police"),
        ("Prosecutors charged Tom Vale with arson.", "Tom Vale", "Prosecutors"),
        ("Moll dates the wall to 1140.", "1140", "Moll"),
        ("Moll walked over the fields and counted nine.", "nine", "Moll"),
        ("Moll passed the gate that the groom put at nine metres.", "nine", "the groom"),
        ("A firm that inspected the roof said nine beams were old.", "nine", "A firm that inspected the roof"),
    ],
)
def test_who_finds_or_rules_something_may_say_so(text: str, words: str, expected: str) -> None:
    assert speaker(text, words) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Paul Reed met Anna Stone in Lowen. She said the talks lasted three hours.", "three", None),
        ("Anna Stone met Paul Reed on Monday. He said the talks lasted three hours.", "three", None),
        (
            "Marta Gray said the dam was old. Her husband, Karl Gray, said it was safe. She said it held 30 tonnes.",
            "30",
            "Marta Gray",
        ),
        (
            "Anna Stone visited the town. The governor said the mine was closed. He said 30 had died.",
            "30",
            "The governor",
        ),
        ("Anna Stone visited the town. The coach said the mine was closed. He said 30 had died.", "30", "The coach"),
        ("Anna Stone visited the town. The judge said the mine was closed. She said 30 had died.", "30", "The judge"),
        ("The queen said the mine was closed. The king said it was not. She said 30 had died.", "30", "The queen"),
        ('"It is closed," the governor said. "They dug 30 days," he added.', "30", "the governor"),
        ("Mrs Thomas said it was cold. She said 30 had died.", "30", "Mrs Thomas"),
        ("Chelsea King said it was cold. She said 30 had died.", "30", "Chelsea King"),
        ("The bishop said it was cold. She said 30 had died.", "30", "The bishop"),
        ("The brother of Anna Stone said it was cold. He said 30 had died.", "30", "The brother of Anna Stone"),
        ("The ministry said it was cold. He said 30 had died.", "30", None),
    ],
)
def test_he_is_no_woman_and_she_no_man(text: str, words: str, expected: str | None) -> None:
    assert speaker(text, words) == expected


def test_who_speaks_is_not_said_by_himself() -> None:
    assert speaker("The owner, Rhea Moll, said nine horses had died.", "Rhea Moll") is None


SENTENCE = 'The weather service of Vadrin put out word of the wind at noon. "It held. It was old," said Rhea Moll. '


@pytest.mark.parametrize("text", [SENTENCE * 12_000, "word " * 200_000, "x" * 1_000_000])
def test_of_a_text_in_one_line_only_what_is_near_is_looked_at(text: str) -> None:
    start = 600_000
    speakers = Speakers(text, start, start + 6000)
    assert speakers.covers(start - 4000, start + 8000)
    assert sum(one.end - one.start for one in speakers.sentences) <= 6000 + 3 * 4000 + 2000


def test_a_text_in_one_line_is_cut_between_sentences_and_outside_quotations() -> None:
    text = SENTENCE * 1000
    whole = [(one.start, one.end) for one in quotations(text, 0, len(text))]
    for start in range(40_000, 40_200, 7):
        speakers = Speakers(text, start, start + 1)
        assert text.startswith(("The weather", '"It held'), speakers.sentences[0].start)
        # The last one may be cut at the other end.
        assert set([(one.start, one.end) for one in speakers._quotations][:-1]) <= set(whole)
        at = text.index("It held", start)
        said = speakers.speaker(at, at + 7)
        assert said is not None
        assert text[said.start : said.end] == "Rhea Moll"


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=8), st.data())
def test_whole_paragraphs_are_looked_at_unless_they_are_very_long(lengths: list[int], data: st.DataObject) -> None:
    text = "\n".join("x" * length for length in lengths)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    low = text.rfind("\n", 0, max(0, start - 4000)) + 1
    high = text.find("\n", min(len(text), end + 2000))
    speakers = Speakers(text, start, end)
    assert (speakers._low, speakers._high) == (low, len(text) if high < 0 else high)


def test_a_quotation_goes_on_in_the_next_paragraph() -> None:
    text = 'Rhea Moll said: "It was cold.\n"Nine horses died."'
    assert speaker(text, "Nine") == "Rhea Moll"
    assert [one.continues for one in quotations(text, 0, len(text))] == [False, True]


def test_claims_of_the_made_up_articles_have_their_speakers() -> None:
    rows = [json.loads(line) for line in build.build(MADE)["standalone.jsonl"].splitlines()]
    right = total = 0
    for row in rows:
        for claim in row.get("claims", ()):
            text = (MADE / claim["document"]).read_text(encoding="utf-8")
            start = claim["answers"][0]["answer_start"]
            span = Speakers(text, start, start + 1).speaker(start, start + len(claim["answers"][0]["text"]))
            total += 1
            right += span is not None and any(
                span.start < gold["answer_start"] + len(gold["text"]) and gold["answer_start"] < span.end
                for gold in claim["speaker"]
            )
    assert total > 80
    assert right >= 0.95 * total


@given(
    st.lists(
        st.one_of(
            texts,
            st.sampled_from(
                [
                    ' said Moll, "',
                    '" ',
                    "according to the vet, ",
                    ", she said. ",
                    " told Ada Orr that ",
                    "\n",
                    "; he denied ",
                ]
            ),
        ),
        min_size=1,
        max_size=8,
    ).map("".join),
    st.data(),
)
def test_a_speaker_is_a_span_of_the_text_that_never_overlaps_what_is_said(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = Speakers(text, start, end).speaker(start, end)
    if span is not None:
        assert 0 <= span.start < span.end <= len(text)
        assert span.end <= start or end <= span.start
        named = text[span.start : span.end]
        assert named == named.strip()
        assert any(character.isalnum() for character in named)


@given(texts)
def test_quotations_stand_in_order_within_the_text(text: str) -> None:
    edges = [edge for one in quotations(text, 0, len(text)) for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What figure did the mayor give?", "the mayor"),
        ("How many died according to the vets?", "the vets"),
        ("How many died, by the vets' count?", "the vets"),
        ("In Moll's view, why did the roof fall?", "Moll"),
        ("How many jobs will go, in the opinion of the Halm Fishers' League?", "the Halm Fishers' League"),
        ("How many died by the latest count of the vets?", "the vets"),
        ("In the eyes of Rhea Moll, who is to blame?", "Rhea Moll"),
        ("What motive does the dealer Leon Varga suspect?", "the dealer Leon Varga"),
        ("How much earth does Petra Hollen now say came down?", "Petra Hollen"),
        ("Which side of the house was in view of the road?", None),
        ("How much money does the state give to the growers?", None),
        ("What did Rhea Moll offer to the town?", None),
    ],
)
def test_a_question_may_ask_for_the_words_of_one(question: str, expected: str | None) -> None:
    assert named_speaker(question) == expected
