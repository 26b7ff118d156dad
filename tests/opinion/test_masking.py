"""Private numbers are masked before a text is kept; what companies print for everybody stays. All numbers invented."""

import pytest
from django.apps import apps
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from opinion.masking import is_identity_number, mask
from opinion.models import Post, PostKey, PostOriginal
from opinion.services.pipeline import Intake, take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

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
    # in pieces, in disguise, written out
    ("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * 5 6 7 8"),
    ("138 12 34 56 78", "138 ** ** 56 78"),
    ("1-3-8-1-2-3-4-5-6-7-8 加我", "1-3-8-*-*-*-*-5-6-7-8 加我"),
    ("138一二三四5678", "138****5678"),
    ("一三八一二三四五六七八", "一三八****五六七八"),
    ("幺三八幺二三四五六七八", "幺三八****五六七八"),
    ("①③⑧①②③④⑤⑥⑦⑧", "①③⑧****⑤⑥⑦⑧"),
    (
        "1\u20e33\u20e38\u20e31\u20e32\u20e33\u20e34\u20e35\u20e36\u20e37\u20e38\u20e3",
        "1\u20e33\u20e38\u20e3*\u20e3*\u20e3*\u20e3*\u20e35\u20e36\u20e37\u20e38\u20e3",
    ),
    ("打13812345678一下", "打138****5678一下"),
    ("电话13812345678²", "电话138****5678²"),
    ("138 1234 5678 139 1234 5678", "138 **** 5678 139 **** 5678"),
    ("身份证 110105 19491231 002X", "身份证 110105 ******** ****"),
    ("+86 10 6234 5678", "+86 10 **** ****"),
    # bank cards and private mailboxes
    ("卡号6222020200012345670", "卡号6222***********5670"),
    ("6222 0202 0001 2345 670", "6222 **** **** ***5 670"),
    ("写信到 zhang.san@qq.com", "写信到 z****.***@qq.com"),
    ("a@163.com", "*@163.com"),
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
    "得票 15 2024-05-01 1",  # a list of numbers, not a telephone
    "卡号 6222020200012345679",  # the check digit does not fit
    "媒体联络 pr@qingye.example.com",
    "一二三四五六七八九十",
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


# --- stored ----------------------------------------------------------------------------------------------------------
SAID = "晴野店长电话13812345678，身份证11010519491231002X，车牌京A12345，卡6222020200012345670，信箱zhang@qq.com"
SECRET = ("13812345678", "11010519491231002X", "京A12345", "6222020200012345670", "zhang@qq.com", "110105194912")
FIELDS = {
    "title": "晴野13812345678涉嫌欺诈，太差了",
    "author": "小王13812345678",
    "url": "https://example.com/s?q=13812345678",
    "platform": "微博13812345678",
    "region": "13812345678",
}


def stored_texts():
    """Every text of every row of every app, with the place it stands at."""
    for model in apps.get_models():
        columns = [
            field for field in model._meta.concrete_fields if isinstance(field, models.CharField | models.TextField)
        ]
        columns += [
            field for field in model._meta.concrete_fields if isinstance(field, models.JSONField | models.BinaryField)
        ]
        for row in model._base_manager.values(*(field.attname for field in columns)):
            for name, value in row.items():
                yield f"{model._meta.label}.{name}", str(bytes(value) if isinstance(value, memoryview) else value)


@pytest.mark.django_db
def test_no_table_keeps_a_private_number_whatever_field_it_came_in():
    WatchFactory(rule="晴野")
    source = SourceFactory(platform="微博")
    post = raw("13812345678", SAID, **FIELDS)
    take_in(source, [post, raw(2, "//@a13812345678:" + SAID, **FIELDS), raw(3, "别处 " + SAID)], now=NOON)
    assert Post.objects.count() == 3
    found = [(where, text) for where, text in stored_texts() if any(number in text for number in SECRET)]
    assert found == []
    assert PostOriginal.objects.count() == 3


@pytest.mark.django_db
def test_a_number_in_its_id_does_not_make_a_post_new_at_the_next_poll():
    WatchFactory(rule="晴野")
    source = SourceFactory()
    posts = [raw("13812345678"), raw("13899995678", "晴野的另一条")]
    assert take_in(source, posts, now=NOON) == Intake(heard=2, stored=2)
    assert take_in(source, posts, now=NOON) == Intake(known=2)
    assert all("****5678#" in key for key in PostKey.objects.values_list("external_id", flat=True))


@pytest.mark.django_db
def test_an_address_with_a_number_in_it_is_kept_in_the_original_alone():
    WatchFactory(rule="晴野")
    source = SourceFactory()
    take_in(source, [raw(1, url="https://example.com/s?q=13812345678"), raw(2, "晴野的另一条")], now=NOON)
    urls = dict(Post.objects.values_list("key__external_id", "url"))
    assert urls == {"p1": "", "p2": "https://example.com/2"}
    assert PostOriginal.objects.get().post.key.external_id == "p1"
