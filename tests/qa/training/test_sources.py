"""Reading the sources: offsets are checked, dev texts stay out, negatives hold no answer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.training.negatives import Ranker
from qa.training.prepare import prepare, read_spare
from qa.training.qamr import join_tokens, read_qamr
from qa.training.records import DataError, Prepared, Question, collect, read_prepared, read_squad
from qa.training.sampling import Example, Mixture, Sampler
from qa.training.written import FOLDER as WRITTEN
from qa.training.written import read_written, text_hash

TOKENS = st.lists(
    st.one_of(
        st.text("abcé'-", min_size=1, max_size=6), st.sampled_from(["-LRB-", "-RRB-", "``", "''", ",", ".", "'s"])
    ),
    min_size=1,
    max_size=15,
)


def squad(context: str, *questions: tuple[str, int, str]) -> dict[str, Any]:
    """A SQuAD file of one paragraph; an empty answer makes a question impossible."""
    qas = [
        {
            "id": str(number),
            "question": question,
            "is_impossible": not text,
            "answers": [{"text": text, "answer_start": start}] if text else [],
        }
        for number, (question, start, text) in enumerate(questions)
    ]
    return {"version": "x", "data": [{"title": "T", "paragraphs": [{"context": context, "qas": qas}]}]}


def write(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_answers_that_are_not_at_their_offset_are_dropped_and_counted(tmp_path: Path) -> None:
    text = "Rome fell in 476."
    file = write(tmp_path / "a.json", squad(text, ("When?", 13, "476"), ("Who?", 3, "Rome"), ("Why?", 0, "")))
    faults: Counter[str] = Counter()
    raws = list(read_squad(file, faults))
    assert [(raw.question, raw.answers) for raw in raws] == [("When?", ((13, "476"),)), ("Why?", ())]
    assert faults == {"a": 1}


def test_white_space_around_an_answer_is_no_part_of_it(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", squad("Rome fell in 476.", ("When?", 12, " 476")))
    assert next(read_squad(file, Counter())).answers == ((13, "476"),)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="not a SQuAD file"):
        list(read_squad(tmp_path / "a.json", Counter()))


@pytest.mark.parametrize(
    "content",
    [
        b'{"data": [{}]}',
        b'{"data": [{"paragraphs": [{"context": "a"}]}]}',
        b'{"data": 5}',
        b'{"data": [5]}',
        b'{"data": [{"paragraphs": [{"context": "a", "qas": [{"question": "b", "answers": null}]}]}]}',
        b'{"data": "\xff"}',
    ],
)
def test_a_file_with_a_faulty_entry_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.json is not a SQuAD file: "):
        list(read_squad(tmp_path / "a.json", Counter()))


def test_data_without_a_question_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.json", {"data": []})
    with pytest.raises(DataError, match="holds no question to train on"):
        prepare(tmp_path, tmp_path / "out", lambda *_: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["contexts.json", "questions.jsonl", "sentences.json", "report.json"])
def test_data_that_was_cut_off_while_it_was_written_is_not_taken_as_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text = "Rome fell in 476."
    write(tmp_path / "train" / "a.json", squad(text, ("When?", 13, "476")))
    prepare(tmp_path, tmp_path / "out", lambda *_: None)
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        if target.name == name:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            prepare(tmp_path, tmp_path / "out", lambda *_: None)
    with pytest.raises(DataError, match="run the prepare step first"):
        read_prepared(tmp_path / "out")
    prepare(tmp_path, tmp_path / "out", lambda *_: None)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "contexts.json", "questions.jsonl", "sentences.json", "report.json",
    }  # fmt: skip


def test_prepared_data_that_is_damaged_is_named(tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.json", squad("Rome fell in 476.", ("When?", 13, "476")))
    prepare(tmp_path, tmp_path / "out", lambda *_: None)
    (tmp_path / "out" / "questions.jsonl").write_text('{"source"', encoding="utf-8")
    with pytest.raises(DataError, match=r"out is damaged .* Remove it and run the prepare step again"):
        read_prepared(tmp_path / "out")


def test_the_same_question_is_kept_once_with_all_answers(tmp_path: Path) -> None:
    text = "Rome, the city of Rome, fell."
    file = write(tmp_path / "a.json", squad(text, ("What fell?", 0, "Rome"), ("what fell", 18, "Rome")))
    dropped: Counter[str] = Counter()
    prepared = collect(read_squad(file, Counter()), set(), dropped)
    assert [question.answers for question in prepared.questions] == [[[0, 4], [18, 22]]]
    assert dropped.total() == 1


@given(TOKENS)
def test_joined_tokens_stay_where_their_spans_say(tokens: list[str]) -> None:
    text, spans = join_tokens(tokens)
    signs = {"-LRB-": "(", "-RRB-": ")", "``": '"', "''": '"'}
    assert [text[start:end] for start, end in spans] == [signs.get(token, token) for token in tokens]


def test_treebank_signs_become_plain_text() -> None:
    sentence = "He -LRB- the `` Duke '' -RRB- did n't pay $ 5 , Ann 's friend said ."
    assert join_tokens(sentence.split())[0] == "He (the \"Duke\") didn't pay $5, Ann's friend said."


def test_qamr_answers_must_be_contiguous(tmp_path: Path) -> None:
    (tmp_path / "wiki-sentences.tsv").write_text("s:1:2:3\tRome fell in 476 .\n", encoding="utf-8")
    rows = [("When?", "2 3"), ("What?", "0 2")]
    lines = [f"s:1:2:3\t0\t1\t0\t0\t{question}\t{answer}\t1:0\t2:0" for question, answer in rows]
    (tmp_path / "qamr-dev.tsv").write_text("\n".join(lines), encoding="utf-8")
    faults: Counter[str] = Counter()
    assert [raw.answers for raw in read_qamr(tmp_path, faults)] == [((10, "in 476"),)]
    assert faults == {"qamr": 1}


def test_ranking_prefers_the_rare_words_of_the_question() -> None:
    texts = ["the cat sat", "the dog sat", "a Zeppelin flew over the cat", *["filler words"] * 30]
    assert Ranker(texts).best("Where did the zeppelin fly?", 5)[0] == 2
    assert Ranker(texts).best("nothing shared", 5) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Prepared data of two training files, one of which repeats a dev text."""
    dev = "The Parthenon, a temple on the Acropolis of Athens, was finished in 432 BC under Pericles, who led the city."
    write(tmp_path / "data" / "dev" / "d.json", squad(dev, ("When was the Parthenon finished?", 68, "432 BC")))
    write(tmp_path / "data" / "train" / "leak.json", squad(dev.upper(), ("When?", 68, "432 BC")))
    for number, city in enumerate(["Rome", "Paris", "Berlin", "Madrid"]):
        text = f"{city} was founded by settlers. Its oldest bridge dates from {800 + number}. Trade made {city} rich early on."
        where = text.index(str(800 + number))
        file = squad(text, (f"When was the oldest bridge of {city} built?", where, str(800 + number)), ("Why?", 0, ""))
        write(tmp_path / "data" / "train" / f"{city}.json", file)
    prepare(tmp_path / "data", tmp_path / "out", lambda _what, _done, _total: None)
    return tmp_path / "out"


def test_prepared_data_leaves_out_dev_texts_and_finds_negatives_without_answers(folder: Path) -> None:
    prepared = read_prepared(folder)
    assert len(prepared.contexts) == 4
    assert not any("parthenon" in text.casefold() for text in prepared.contexts)
    for question in prepared.questions:
        assert bool(question.negatives) == bool(question.answers)
        for other in question.negatives:
            assert all(text not in prepared.contexts[other] for text in prepared.answer_texts(question))
    assert read_spare(folder) == []


def test_written_questions_find_their_texts_by_hash(folder: Path, tmp_path: Path) -> None:
    text = next(text for text in read_prepared(folder).contexts if text.startswith("Paris"))
    rows = [
        {"text": text_hash(text), "question": "Who founded Paris?", "answer": [21, 29]},
        {"text": text_hash(text), "question": "Who destroyed Paris?", "answer": None},
        {"text": text_hash("gone"), "question": "Who?", "answer": [0, 1]},
    ]
    own = tmp_path / "own"
    own.mkdir()
    (own / "on-others.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write(own / "ours.json", squad("Our mayor said no.", ("Who said no?", 0, "Our mayor")))
    report = prepare(tmp_path / "data", tmp_path / "more", lambda _what, _done, _total: None, own)
    assert report["answers_not_at_their_offset"]["on-others"] == 1
    prepared = read_prepared(tmp_path / "more")
    asked = {q.question: prepared.answer_texts(q) for q in prepared.questions if q.source in {"on-others", "ours"}}
    assert asked == {"Who founded Paris?": ["settlers"], "Who destroyed Paris?": [], "Who said no?": ["Our mayor"]}
    (own / "bad.jsonl").write_text("[]\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.jsonl line 1"):
        list(read_written(own, [], Counter()))


def test_a_follow_up_is_shown_in_full_and_with_the_turn_before_in_front(tmp_path: Path) -> None:
    text = "Ida Brenn closed the bridge on Tuesday. Tom Pask called it folly."
    turns = [
        {"asked": "Who closed it?", "full": "Who closed the bridge?", "answer": [0, 9]},
        {"asked": "Why?", "full": "Why did Ida Brenn close the bridge?", "answer": None},
        {"asked": "When?", "full": "When did Ida Brenn close the bridge?", "answer": [28, 38]},
    ]
    write(tmp_path / "ours.json", squad(text, ("Who said it is folly?", text.index("Tom"), "Tom Pask")))
    (tmp_path / "talk.jsonl").write_text(json.dumps({"text": text_hash(text), "turns": turns}), encoding="utf-8")
    faults: Counter[str] = Counter()
    raws = [raw for raw in read_written(tmp_path, [], faults) if raw.source == "talk"]
    assert not faults
    assert [(raw.question, raw.answers) for raw in raws] == [
        ("Who closed the bridge?", ((0, "Ida Brenn"),)),
        ("Why did Ida Brenn close the bridge?", ()),
        ("Ida Brenn. Why?", ()),
        ("Ida Brenn. Why did Ida Brenn close the bridge?", ()),
        ("Who closed the bridge? Ida Brenn. Why?", ()),
        ("When did Ida Brenn close the bridge?", ((28, "on Tuesday"),)),
        ("Ida Brenn close the bridge. When?", ((28, "on Tuesday"),)),
        ("Why did Ida Brenn close the bridge? When?", ((28, "on Tuesday"),)),
    ]
    (tmp_path / "talk.jsonl").write_text(json.dumps({"text": text_hash(text), "turns": [{}]}), encoding="utf-8")
    with pytest.raises(DataError, match=r"talk\.jsonl line 1"):
        list(read_written(tmp_path, [], faults))


def test_the_written_questions_are_whole() -> None:
    files = list(WRITTEN.glob("*.jsonl"))
    assert files
    for file in files:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
        said = [(row["text"], turn) for row in rows for turn in row.get("turns", [row])]
        assert len({(text, json.dumps(turn)) for text, turn in said}) == len(said)
        assert all(turn["answer"] is None or 0 <= turn["answer"][0] < turn["answer"][1] for _, turn in said)
    faults: Counter[str] = Counter()
    for file in WRITTEN.glob("*.json"):
        assert len(list(read_squad(file, faults))) > 100
    assert not faults


def test_examples_keep_their_answers_and_come_back_the_same(folder: Path) -> None:
    prepared: Prepared = read_prepared(folder)
    mixture = Mixture(weights={}, adversarial_weight=2.0, retrieved=0.2, removed=0.2, crop=0.5, distractor=0.5)
    sampler = Sampler(prepared, mixture, seed=3)
    seen = [example for epoch in range(30) for example in sampler.examples(epoch, 0, 100)]
    for example in seen:
        if example.span is not None:
            assert example.text[slice(*example.span)] in {"800", "801", "802", "803"}
            assert example.relevance == 1.0
    assert {example.relevance for example in seen} == {0.0, 1.0, None}
    assert all(example.group is None for example in seen)
    again = Sampler(prepared, mixture, seed=3)
    assert again.examples(7, 2, 5) == sampler.examples(7, 0, 100)[2:5]
    assert Sampler(prepared, mixture, seed=4).examples(7, 0, 100) != again.examples(7, 0, 100)


def test_rivals_follow_the_passage_that_answers(folder: Path) -> None:
    prepared: Prepared = read_prepared(folder)
    sampler = Sampler(prepared, Mixture(weights={}, misled=0.0, rivals=0.5, most_rivals=2), seed=3)
    groups: dict[tuple[int, int], list[Example]] = {}
    answered = 0
    for epoch in range(30):
        for example in sampler.examples(epoch, 0, 100):
            answered += example.span is not None
            if example.group is not None:
                groups.setdefault((epoch, example.group), []).append(example)
    # Half of those that are answered, give or take.
    assert 0.3 * answered < len(groups) < 0.7 * answered
    assert {len(group) for group in groups.values()} == {2, 3}
    for first, *rivals in groups.values():
        assert first.span is not None
        assert all((one.question, one.span, one.relevance) == (first.question, None, 0.0) for one in rivals)
        answer = first.text[slice(*first.span)]
        assert all(answer not in one.text for one in rivals)
        assert len({one.text for one in rivals}) == len(rivals)


def test_another_answer_is_asked_for_when_some_are_known() -> None:
    text = "Rome says 12 fell. Gaul says 40. The sun shone."
    several = Question("x", "", 0, "How many fell?", [[10, 12], [29, 31]])
    one = Question("x", "", 0, "Who says 40?", [[19, 23]])
    mixture = Mixture(misled=0.0, crop=0.0, removed=0.0, besides=1.0, besides_several=1.0)
    examples = Sampler(Prepared([text], [several, one] * 60), mixture, seed=5).examples(0, 0, 120)
    shown = {(e.question, e.text, None if e.span is None else e.text[slice(*e.span)]) for e in examples}
    assert shown == {
        ("How many fell?", "Rome says [MASK] fell. Gaul says 40. The sun shone.", "40"),
        ("How many fell?", "Rome says 12 fell. Gaul says [MASK]. The sun shone.", "12"),
        ("How many fell?", "Rome says [MASK] fell. Gaul says [MASK]. The sun shone.", None),
        ("Who says 40?", "Rome says 12 fell. [MASK] says 40. The sun shone.", None),
    }
    assert all(example.relevance is None for example in examples)
