"""A story is called what a person would call it."""

import pytest

from opinion.headlines import Candidate, best, headline, is_due, keywords, worth

TERMS = {"效期": 0.5, "标签": 0.4, "晴野": 0.3, "建国路": 0.2}


def test_the_headline_names_most_of_what_the_story_is_about():
    posts = [Candidate("晴野今天排队", ""), Candidate("晴野建国路店更换效期标签", ""), Candidate("标签怎么打", "")]
    assert best(posts, TERMS) == "晴野建国路店更换效期标签"


@pytest.mark.parametrize(
    "worse",
    [
        "如何看待晴野建国路店更换效期标签？",
        "晴野建国路店更换效期标签!!!太可怕了!!!",
        "早报｜晴野建国路店更换效期标签；河湾啤酒上市；砚北二期停工",
        "晴野建国路店更换效期标签，" + "店员说" * 20,
        "晴野建国路店更换效期标签…",
    ],
)
def test_questions_shouts_lists_and_long_ones_stand_back(worse):
    assert worth(worse, TERMS) < worth("晴野建国路店更换效期标签", TERMS)


def test_a_newsroom_comes_before_a_forum():
    forum, media = Candidate("晴野建国路店换了效期标签", ""), Candidate("建国路晴野门店更换效期标签", "", is_media=True)
    assert best([forum, media], TERMS) == "建国路晴野门店更换效期标签"


@pytest.mark.parametrize(
    ("post", "said"),
    [
        (Candidate("", "转发微博//@某某:【晴野致歉】今天上午…"), "晴野致歉"),
        (Candidate("", "#晴野# #奶茶#\n店员换标签被拍到。太可怕了"), "店员换标签被拍到"),
        (Candidate("【晴野建国路店停业】", "正文"), "晴野建国路店停业"),
        (Candidate("#晴野茶饮# 门店停业整顿 https://t.cn/abc", ""), "门店停业整顿"),
        (Candidate("", "#晴野#"), ""),
        (Candidate("", "转发微博"), ""),
        (Candidate("", ""), ""),
    ],
)
def test_what_could_stand_as_a_headline(post, said):
    assert headline(post) == said


def test_of_equals_the_earliest_stands():
    assert best([Candidate("晴野更换效期标签", ""), Candidate("晴野更换标签效期", "")], TERMS) == "晴野更换效期标签"
    assert best([Candidate("", "转发微博")], TERMS) == ""


def test_it_is_chosen_anew_when_the_story_has_doubled():
    assert [size for size in range(1, 40) if is_due(size - 1, size)] == [1, 2, 4, 8, 16, 32]
    assert is_due(3, 9)
    assert not is_due(5, 7)


def test_keywords_leave_out_fragments():
    terms = {"公关部": 0.5, "公关": 0.45, "西子": 0.4, "花西子": 0.3, "离职": 0.2}
    assert keywords(terms) == ["公关部", "花西子", "离职"]
    assert keywords(terms, most=1) == ["公关部"]
