"""The contract all three engines keep, and what each promises besides."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion import words
from opinion.sentiment import ENGINES, LABELS, SHIPPED, engine, model_file
from opinion.sentiment.bayes import SnowNLPEngine, tokens
from opinion.sentiment.features import fold

SENTENCES = [
    "这家店的服务太差了，再也不会来",
    "包装精美，老人孩子都喜欢，强烈推荐",
    "公司定于下周二召开股东大会",
    "降噪耳机戴着舒服，音质也清晰，价格不贵",
    "房间有异味，隔音差，早餐也不好吃",
    "A1 航班 延误 3 小时 !!",
]


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_scores_come_in_order_with_their_version(name: str):
    scorer = engine(name)
    scores = scorer.score(SENTENCES)
    assert len(scores) == len(SENTENCES)
    assert {score.engine for score in scores} == {name}
    assert {score.model_version for score in scores} == {scorer.model_version}
    assert scorer.model_version.startswith(name)
    assert scores[0].value < 0.5 < scores[1].value
    for score in scores:
        assert 0 <= score.value <= 1
        assert score.label in LABELS
        assert score.label == "neu" or (score.value < 0.5) == (score.label == "neg")


def test_a_batch_scores_each_text_as_if_it_were_alone(name: str):
    scorer = engine(name)
    together = scorer.score(SENTENCES)
    alone = [scorer.score([sentence])[0] for sentence in SENTENCES]
    assert [score.value for score in together] == pytest.approx([score.value for score in alone], abs=1e-9)
    assert [score.reasons for score in together] == [score.reasons for score in alone]


@pytest.mark.parametrize("fast", ["hybrid", "snownlp"])
@given(
    st.lists(
        st.text(max_size=80)
        | st.lists(st.sampled_from(["没有", "不", "爆炸", "谣言", "但", "?", "。", "好用", "差"]), max_size=8).map(
            "".join
        )
        | st.text(st.characters(categories=["Cs", "Cc", "Zs", "So"]), max_size=8),
        min_size=1,
        max_size=6,
    )
)
def test_any_texts_score_within_bounds_twice_the_same_and_alone_as_together(fast: str, texts: list[str]):
    scorer = engine(fast)
    together = [(score.value, score.label) for score in scorer.score(texts)]
    assert together == [(score.value, score.label) for score in scorer.score(texts)]
    alone = [scorer.score([text])[0] for text in texts]
    assert [value for value, _ in together] == pytest.approx([score.value for score in alone], abs=1e-9)
    assert all(0 <= value <= 1 and label in LABELS for value, label in together)
    for score in alone:
        assert len(score.reasons) <= 6


@pytest.mark.parametrize("text", ["", "   ", "\n\0\u200b", "\ud800", "😀😀", "!!!", "a" * 100_000, "ﷺ" * 3000])
def test_no_text_is_too_strange(name: str, text: str):
    if name == "snownlp-original" and len(text) > 10_000:
        text = text[:2000]  # SnowNLP itself takes minutes
    (score,) = engine(name).score([text])
    assert 0 <= score.value <= 1
    assert isinstance(score.reasons, tuple)


def test_an_empty_text_is_neutral(name: str):
    assert [(score.value, score.label, score.reasons) for score in engine(name).score(["", " \n"])] == [
        (0.5, "neu", ()),
        (0.5, "neu", ()),
    ]


def test_nothing_to_score_is_no_error(name: str):
    assert engine(name).score([]) == []


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError) as error:
        engine("oracle")
    assert str(error.value) == "there is no engine oracle: choose one of hybrid, snownlp, snownlp-original"


def test_threads_that_race_get_the_same_engine(name: str):
    from opinion import sentiment

    sentiment._loaded.clear()
    together = threading.Barrier(8)
    got = []

    def ask() -> None:
        together.wait()
        got.append(engine(name))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len({id(one) for one in got}) == 1


def test_nothing_heavy_loads_before_it_is_needed():
    code = (
        "import sys, opinion.sentiment, opinion.words\n"
        "assert not {'snownlp', 'jieba', 'ahocorasick_rs'} & set(sys.modules)\n"
        "opinion.sentiment.engine('hybrid').score(['x'])\n"
        "assert not {'snownlp', 'jieba'} & set(sys.modules)\n"
        "opinion.sentiment.engine('snownlp').score(['x'])\n"
        "assert 'snownlp' not in sys.modules and 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=SHIPPED.parents[3], timeout=60)


def test_the_original_is_snownlp_bit_for_bit():
    from snownlp import SnowNLP

    expected = [SnowNLP(sentence).sentiments for sentence in SENTENCES]
    assert [score.value for score in engine("snownlp-original").score(SENTENCES)] == expected


def test_the_snownlp_engine_counts_as_snownlps_own_classifier_does():
    from snownlp.classification.bayes import Bayes

    counts = model_file.load(SHIPPED).bayes
    theirs = Bayes()
    theirs.train([])
    known = set(counts.words)
    theirs.train(
        [
            ([word] * int(times), label)
            for word, row in zip(counts.words, counts.counts, strict=True)
            for label, times in zip(LABELS, row, strict=True)
            if times
        ]
    )
    ours = engine("snownlp")
    assert isinstance(ours, SnowNLPEngine)
    for sentence in SENTENCES:
        found = [token for token in tokens(words.cut(fold(sentence))) if token in known]
        label, chance = theirs.classify(found)
        mine = dict(zip(LABELS, ours.chances(found), strict=True))
        assert max(mine, key=lambda one: mine[one]) == label
        assert mine[label] == pytest.approx(chance, abs=1e-9)


def test_words_that_were_cut_already_are_not_cut_again():
    scorer = engine("snownlp")
    cuts = [words.cut(fold(sentence)) for sentence in SENTENCES]
    assert scorer.score(SENTENCES, cuts) == scorer.score(SENTENCES)


def test_reasons_name_what_weighed():
    (score,) = engine("hybrid").score(["仓库起火，三人受伤，客服态度恶劣"])
    told = {reason.text: reason for reason in score.reasons}
    assert told["起火"].kind == "crisis_3"
    assert told["起火"].about == "accident"
    assert all(reason.weight < 0 for reason in score.reasons)
    assert [abs(one.weight) for one in score.reasons] == sorted(
        (abs(one.weight) for one in score.reasons), reverse=True
    )
    assert told["起火"].as_json() == {
        "text": "起火",
        "kind": "crisis_3",
        "weight": round(told["起火"].weight, 3),
        "about": "accident",
    }
    (score,) = engine("snownlp").score(["房间有异味，隔音差"])
    assert {reason.kind for reason in score.reasons} == {"token"}


def test_another_model_file_is_another_engine(tmp_path: Path):
    copy = tmp_path / "copy.npz"
    copy.write_bytes(SHIPPED.read_bytes())
    assert engine("hybrid", copy) is engine("hybrid", copy)
    assert engine("hybrid", copy) is not engine("hybrid")
    assert engine("hybrid", copy).model_version == engine("hybrid").model_version
