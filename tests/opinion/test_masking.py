"""Private numbers are masked before a text is kept; what companies print for everybody stays. All numbers invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.masking import is_identity_number, mask

MASKED = [
    ("打我电话13812345678吧", "打我电话138****5678吧"),
    ("138-1234-5678", "138-****-5678"),
    ("+86 139 1234 5678 找小王", "+86 139 **** 5678 找小王"),
    ("008613812345678", "0086138****5678"),
    ("手机１３８１２３４５６７８", "手机１３８****５６７８"),
    ("微信wx13812345678", "微信wx138****5678"),
    ("家里座机010-62345678", "家里座机010-********"),
    ("(0571)88881234 转 3", "(0571)******** 转 3"),
    ("0755 8345 1234", "0755 **** ****"),
    ("身份证11010519491231002X。", "身份证110105************。"),
    ("身份证11010519491231002x", "身份证110105************"),
    ("他的车是京A·12345", "他的车是京A·*****"),
    ("沪AD12345超车", "沪AD12345超车".replace("D12345", "******")),
    ("粤b1234学", "粤b*****"),
    ("浙A8U88X 别我车", "浙A***** 别我车"),
]
KEPT = [
    "全国客服400-820-8820",
    "客服 4008208820，投诉 800-810-8888",
    "银行 95588，消费者 12315，报警 110",
    "订单 20231812345678901",
    "身份证号写错了 110105194912310021",  # the check character does not fit
    "版本 1.38.1234.5678",
    "创新A级景区，京东2023年",
    "2023-11-18 12:00:00",
    "QQ 138123456789",
    "售价 13812 元",
]


@pytest.mark.parametrize(("said", "kept"), MASKED)
def test_private_numbers_are_masked(said, kept):
    assert mask(said) == kept


@pytest.mark.parametrize("said", KEPT)
def test_other_numbers_stay(said):
    assert mask(said) == said


def test_the_check_character_of_an_identity_number_counts():
    assert is_identity_number("11010519491231002X")
    assert not is_identity_number("110105194912310021")
    assert not is_identity_number("11010519491331002X")  # month 13


@given(st.text(alphabet="0123456789-+ 京沪AB年X号", max_size=60))
def test_masking_keeps_the_length_and_is_done_once(said):
    once = mask(said)
    assert len(once) == len(said)
    assert mask(once) == once
