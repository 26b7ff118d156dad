"""What becomes of a stranger's words on their way into a chat."""

import pytest

from notices.channels.sms.channel import short, units
from notices.channels.text import cut, laid_out, one_line, plain
from tests.notices.channel_cases import LINK, message


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<font color=red>假消息</font>", "＜font color=red＞假消息＜/font＞"),
        ("<@all> 请看", "＜@all＞ 请看"),
        ("[点此](https://evil.example)", "[点此](https://evil.example)"),  # no channel of ours reads markdown
        ("正\u202e常\u200b标\u0000题", "正常标题"),
        ("一行\n两行", "一行\n两行"),
        ("👨‍👩‍👧 一家", "👨‍👩‍👧 一家"),
    ],
)
def test_plain_words(said, left):
    assert plain(said) == left


def test_a_subject_is_one_line():
    assert one_line(" 二级事件\r\n 等待\t审批 ") == "二级事件 等待 审批"


@pytest.mark.parametrize(
    ("words", "most", "left"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "…"),
        ("舆情应急", 12, "舆情应急"),
        ("舆情应急", 11, "舆情…"),
        ("舆情应急", 2, ""),
        ("cafe\u0301s", 8, "cafe\u0301s"),
        ("cafe\u0301 du nord", 7, "caf…"),  # the accent goes with its letter
        ("好👨‍👩‍👧", 17, "好…"),  # a family is one character
    ],
)
def test_cutting_ends_between_characters(words, most, left):
    assert cut(words, most) == left
    assert len(cut(words, most).encode()) <= most


def test_the_body_gives_way_so_that_subject_and_address_arrive_whole():
    text = laid_out(message(body="长" * 5000), 2048)
    assert len(text.encode()) <= 2048
    assert text.startswith("一级事件等待审批\n长长")
    assert text.endswith(f"…\n{LINK}")


def test_a_subject_without_end_leaves_room_for_the_address():
    text = laid_out(message(subject="长" * 5000, body=""), 2048)
    assert len(text.encode()) <= 2048
    assert text.endswith(f"…\n{LINK}")


def test_a_text_message_holds_the_subject_and_the_address():
    assert short(message()) == f"一级事件等待审批 {LINK}"


def test_a_long_subject_is_cut_to_two_parts_of_a_text_message():
    text = short(message(subject="事件😀" * 100))
    assert text.endswith(f"… {LINK}")
    assert units(text) in (133, 134)


def test_an_address_too_long_for_a_text_message_is_left_out():
    assert short(message(url="https://desk.example.com/" + "x" * 80)) == "一级事件等待审批"
