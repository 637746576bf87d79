"""Pairs of a source and a sentence: what the source says in another usual form passes, what only looks like it is struck."""

import pytest

from qa.phrasing.checking import check
from qa.phrasing.models import PhrasedSentence
from qa.phrasing.names import unknown_names
from qa.phrasing.numbers import Number, numbers_in, unknown_numbers
from qa.phrasing.sentences import written_sentences
from tests.qa.phrasing.test_checking import source

FELL = "Azerbaijan lost 12 soldiers in the fighting."
RESIGNED = "The minister resigned on Monday."


def judged(said: str, text: str) -> PhrasedSentence:
    (sentence,) = check(text, [source(1, said)], "What happened?")
    return sentence


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (FELL, "Twelve soldiers were lost in the fighting [1]."),
        (FELL, "At one point Azerbaijan lost 12 soldiers [1]."),
        (FELL, "Reportedly, Azerbaijan lost 12 soldiers [1]."),
        (FELL, "Azerbaijan's toll: The soldiers lost were 12 [1]."),
        ("17 people died.", "Seventeen people died [1]."),
        ("Some 35 Armenians died.", "Thirty-five Armenians died [1]."),
        ("Almost all of them left.", "Nearly all of them left [1]."),
        (RESIGNED, "First, the minister resigned on Monday [1]."),
        (RESIGNED, "Eventually the minister resigned on Monday [1]."),
        ("The attack happened in May.", "The attack was in May [1]."),
        ("Theresa May resigned.", "May resigned [1]."),
        ("The W.H.O. warned of cholera.", "The WHO warned of cholera [1]."),
        ("A leader of the United States of America spoke.", "The United States Of America spoke [1]."),
        ("Half a million people fled.", "About 500,000 people fled [1]."),
        ("500,000 people fled.", "About half a million people fled [1]."),
        ("Half-a-million people fled.", "500 000 people fled [1]."),
        ("Two and a half million people fled.", "About 2.5 million people fled [1]."),
        ("2½ million people fled.", "About two and a half million people fled [1]."),
        ("A million and a half fled.", "About 1.5 million fled [1]."),
        ("It took three and a half years.", "It took 3.5 years [1]."),
        ("Three quarters of a million fled.", "About 750,000 fled [1]."),
        ("Several thousand people fled.", "Thousands of people fled [1]."),
        ("Several dozen people fled.", "Dozens of people fled [1]."),
        ("A few hundred people fled.", "Several hundred people fled [1]."),
        ("The firm lost $1.5bn.", "The firm lost $1.5 billion [1]."),
        ("The firm lost $1.5 bn.", "The firm lost $1.5bn [1]."),
        ("The firm hired 30k people.", "The firm hired 30,000 people [1]."),
        ("It cost £5m.", "It cost 5 million pounds [1]."),
        ("5m people voted.", "Five million people voted [1]."),
        ("The firm has 5 million users.", "The firm has 5m users [1]."),
        ("It cost 5 million.", "It cost 5m [1]."),
        ("It cost $2-3m.", "It cost between $2 million and $3 million [1]."),
        ("The wall is 5m high.", "The wall is 5 metres high [1]."),
        ("Some 30 000 soldiers fell.", "Some 30,000 soldiers fell [1]."),
        ("Some 30\u2009000 soldiers fell.", "Some 30 thousand soldiers fell [1]."),
        ("In 2016 300 people fell.", "300 people fell in 2016 [1]."),
        ("The rate rose 10-15%.", "The rate rose between 10% and 15% [1]."),
        ("The rate rose by 10 to 15 per cent.", "The rate rose 10%–15% [1]."),
        ("Between 2 and 3 million voted.", "Between 2 million and 3 million voted [1]."),
        ("Two or three million voted.", "2 million or 3 million voted [1]."),
        ("Profits fell in Q3.", "Profits fell in the third quarter [1]."),
        ("It was in the ’90s, in soldiers’ huts.", "In the ’90s the soldiers’ huts were there [1]."),
        ("Two voted; it doubled the share.", "Doubling it were two; The share rose [1]."),
        ("Two-thirds voted.", "Two thirds voted [1]."),
        ("It fell in the 1990s.", "It fell in the nineties [1]."),
        ("It fell in the ’90s.", "It fell in the nineties [1]."),
        ("Prices trebled.", "Prices tripled [1]."),
        ("5 crore people voted.", "50 million people voted [1]."),
        ("He said “the deal is on”.", "He said 「the deal is on」 [1]."),
        ("He said “the deal is on”.", "He said &quot;the deal is on&quot; [1]."),
        ("He said “the deal is on”.", "He said ``the deal is on'' [1]."),
        ("He said “the deal is on”.", "He said `the deal is on` [1]."),
        ("AT&T lost 12.", "AT&amp;T lost 12 [1]."),
        ("Lee spoke there.", "Lee spoke there… [1]."),
        ("Lee spoke in the U.S. on Monday.", "Lee spoke in the U.S. [1]."),
        ("Lee spoke at 5 p.m. on Monday.", "Lee spoke at 5 p.m. [1]."),
        ("“We won,” Lee said.", 'Lee said: "We won." [1].'),
        ("Acme Inc. has a house in Oslo.", "It is a house of Acme Inc. [1], in Oslo [1]."),
    ],
)
def test_another_usual_form_passes(said: str, text: str) -> None:
    sentence = judged(said, text)
    assert (sentence.struck, sentence.reason) == (False, None)


@pytest.mark.parametrize(
    ("said", "text", "reason"),
    [
        ("The attack happened in June near Goris.", "The attack happened in May [1].", "name"),
        ("They may meet in June near Goris.", "The attack happened in May [1].", "name"),
        ("The attack happened on 5 June.", "The attack happened on 5 May [1].", "name"),
        ("Officials in Geneva warned of cholera.", "The WHO warned of cholera [1].", "name"),
        ("Officials who met warned of cholera.", "The WHO warned of cholera [1].", "name"),
        ("Officials in Geneva warned of cholera.", "WHO warned of cholera [1].", "name"),
        ("Let us meet in Geneva.", "US officials meet in Geneva [1].", "name"),
        ("Theresa Brown resigned.", "May resigned [1].", "name"),
        ("Ada said so.", "Ada said so to Will and May [1].", "name"),
        ("Ada said so.", "Ada said so in OR [1].", "name"),
        ("Ada said so.", "As So Will said, Ada said so [1].", "name"),
        ("Half a million people fled.", "About one million people fled [1].", "number"),
        ("Half a million people fled.", "About 1 million people fled [1].", "number"),
        ("Half a dozen people fled.", "Twelve people fled [1].", "number"),
        ("Two and a half million fled.", "About 500,000 fled [1].", "number"),
        ("Two and a half million fled.", "About two million fled [1].", "number"),
        ("Several thousand people fled.", "About 1,000 people fled [1].", "number"),
        ("Several thousand people fled.", "Several million people fled [1].", "number"),
        ("A few hundred people fled.", "About 100 people fled [1].", "number"),
        ("Several dozen people fled.", "About 12 people fled [1].", "number"),
        ("A couple of hundred people fled.", "100 people fled [1].", "number"),
        ("Hundreds of thousands fled.", "Hundreds fled [1].", "number"),
        ("The price is 5 euros.", "The price is 5bn euros [1].", "number"),
        ("The price is 5 euros.", "The price is 5m euros [1].", "number"),
        ("The price is 5 euros.", "The price is 5M [1].", "number"),
        ("The price is 5 euros.", "The price is 5k euros [1].", "number"),
        ("The price is 5 euros.", "The price is 5 mn euros [1].", "number"),
        ("The price is 5 euros.", "The price is €5 m [1].", "number"),
        ("The firm lost $1.5bn.", "The firm lost $1.5 [1].", "number"),
        ("The wall is 5m high.", "The wall cost 5 million [1].", "number"),
        ("Some 30 000 soldiers fell.", "Some 30 soldiers fell [1].", "number"),
        ("Between 2 and 3 million voted.", "2 voted [1].", "number"),
        ("The rate rose 10-15%.", "Some 10 rose [1].", "number"),
        ("The toll was 30 000.", "The toll was 30 [1].", "number"),
        ("Turnout was 40%.", "Turnout was 40 [1].", "number"),
        ("He paid $5 million.", "He paid $5 [1].", "number"),
        ("“We lost 5 million,” he said.", "“We lost 5,” he said [1].", "quote"),
        (RESIGNED, "A quarter of the cabinet and the minister resigned [1].", "number"),
        (RESIGNED, "The minister resigned in the nineties [1].", "number"),
        (RESIGNED, "The minister tripled the budget and resigned [1].", "number"),
        (RESIGNED, "The minister doubled the budget and resigned [1].", "number"),
        (RESIGNED, "The minister halved the budget and resigned [1].", "number"),
        (RESIGNED, "Costs rose tenfold and the minister resigned [1].", "number"),
        (RESIGNED, "The minister resigned first [1].", "number"),
        ("It was in the 1990s.", "It was in 1990 [1].", "number"),
        ("Two voted.", "Two thirds voted [1].", "number"),
        ("Three voted.", "A third of them voted [1].", "number"),
        ("One voted.", "One fifth voted [1].", "number"),
        ("12 went home.\n\nMillion-dollar houses stood empty.", "12 million went home [1].", "number"),
        ("It lasted for days.", "It lasted one day [1].", "number"),
        ("12 voted.", "12\uff05 voted [1].", "number"),
        ("The deal was off.", "He said 「the deal is on」 [1].", "quote"),
        ("The deal was off.", "He said 『the deal is on』 [1].", "quote"),
        ("The deal was off.", "He said 〝the deal is on〞 [1].", "quote"),
        ("The deal was off.", "He said `the deal is on` [1].", "quote"),
        ("The deal was off.", "He said ``the deal is on'' [1].", "quote"),
        ("The deal was off.", "He said ''the deal is on'' [1].", "quote"),
        ("The deal was off.", "He said ``the deal [1] is on'' [1].", "quote"),
        ("The deal was off.", "He said 'the deal is 'on'' [1].", "quote"),
        ("The deal was off.", "He said 'the `deal` is on' [1].", "quote"),
        ("The deal was off.", "He said &quot;the deal is on&quot; [1].", "quote"),
        ("The deal was off.", "He said &#8220;the deal is on&#8221; [1].", "quote"),
        ("The deal was off.", "He said ‛the deal is on’ [1].", "quote"),
        ("The deal was off.", "He said ‚the deal is on‘ [1].", "quote"),
        ("The deal was off.", "He said ›the deal is on‹ [1].", "quote"),
    ],
)
def test_what_only_looks_like_it_is_struck(said: str, text: str, reason: str) -> None:
    sentence = judged(said, text)
    assert (sentence.struck, sentence.reason) == (True, f"{reason} not in source")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("half a million", {Number("", 500_000)}),
        ("a quarter of a million", {Number("", 250_000)}),
        ("two and a half dozen", {Number("", 30)}),
        ("hundreds of thousands", {Number("several", 100_000)}),
        ("some 30 soldiers, many million", {Number("", 30), Number("several", 10**6)}),
        ("5 m, 5 metres, 5-metre", {Number("m", 5)}),
        ("US$5m, EUR 5m, 5M, 5m dollars", {Number("", 5 * 10**6)}),
        ("in 2016 K. Lee met M. Dupont", {Number("", 2016)}),
        ("$2-$3bn", {Number("", 2 * 10**9), Number("", 3 * 10**9)}),
        ("in 2016 and 3 million", {Number("", 2016), Number("", 3 * 10**6)}),
        ("the 1990s, '90s and nineties", {Number("decade", 1990), Number("decade", 90)}),
        ("doubled, three-fold", {Number("times", 2), Number("times", 3)}),
        ("twenty seconds", {Number("", 20)}),
    ],
)
def test_numbers_that_are_written_in_several_words(text: str, numbers: set[Number]) -> None:
    assert numbers_in(text) == numbers


def test_unknown_numbers_are_those_that_no_text_has() -> None:
    assert unknown_numbers("2 or 3 in the 1990s", ["two", "the nineties"]) == {Number("", 3)}
    assert unknown_numbers("in the 1890s", ["the nineties"]) == {Number("decade", 1890)}


def test_one_opening_word_is_no_part_of_a_name() -> None:
    assert unknown_names("At The Hague Lee spoke. In May: The Lee Affair", []) == ["the hague lee", "may", "lee affair"]
    assert unknown_names("WHO said IT was so", []) == ["who", "it"]


def test_a_mark_ends_a_sentence_only_if_another_begins() -> None:
    cut = written_sentences('He won in the U.S. [1]. "She lost." [2]. **They** met Acme Inc. [3], he said. … [4]')
    assert [(one.text, one.numbers) for one in cut] == [
        ("He won in the U.S.", (1,)),
        ('"She lost."', (2,)),
        ("**They** met Acme Inc., he said. …", (3, 4)),
    ]
