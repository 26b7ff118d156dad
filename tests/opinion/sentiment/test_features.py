"""Folding and hashed n-grams: a batch is only a faster way to say the same about each of its texts."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from opinion.sentiment.features import BUCKETS, NO_BUCKET, TEXT_CAP, buckets, fold, read


def test_width_case_blanks_addresses_and_mentions_are_folded():
    assert fold("ＡＢＣ！ 　价格１９９元") == "abc! 价格199元"
    assert fold("看这里 https://weibo.com/u/1?a=b#c 真的差") == "看这里 真的差"
    assert fold("@云骁汽车_客服 你好//@路人甲:避雷") == "@ 你好//@:避雷"
    assert fold("  一\n\n二\t三  ") == "一 二 三"


def test_a_nul_does_not_end_a_text():
    assert read(["一\0二", "三"]).texts == ["一 二", "三"]


def test_only_the_beginning_of_a_long_text_is_read():
    assert len(fold("好" * (TEXT_CAP + 500))) == TEXT_CAP


@given(st.text())
@example("\ud800 半个字符")
@example("﷽㈱①Ⅷ")
def test_folding_survives_any_text_and_is_done_once(text: str):
    once = fold(text)
    assert "\0" not in once
    assert fold(once) == once


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_a_batch_folds_each_text_as_if_it_were_alone(texts: list[str]):
    assert read(texts).texts == [fold(text) for text in texts]


def test_ngrams_never_reach_over_the_end_of_a_text():
    one, two = buckets(read(["不好", "吃"])), buckets(read(["不好吃"]))
    assert [int((found != NO_BUCKET).sum()) for found in one] == [3, 1, 0]
    assert [int((found != NO_BUCKET).sum()) for found in two] == [3, 2, 1]
    assert read(["不好", "吃", ""]).gram_count.tolist() == [3, 1, 0]


def test_any_digit_counts_as_a_digit():
    assert np.array_equal(np.stack(buckets(read(["涨3%"]))), np.stack(buckets(read(["涨8%"]))))


def test_buckets_are_spread_over_the_whole_table():
    texts = ["".join(map(chr, range(start, start + 40))) for start in range(0x4E00, 0x9000, 40)]
    found = np.concatenate(buckets(read(texts)))
    found = found[found != NO_BUCKET]
    expected = BUCKETS * (1 - np.exp(-len(found) / BUCKETS))
    assert found.min() >= 0
    assert found.max() < BUCKETS
    assert len(np.unique(found)) > 0.97 * expected
