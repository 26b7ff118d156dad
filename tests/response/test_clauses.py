"""What an engagement may not contain: each clause has texts that trigger it and texts that must not."""

import pytest

from response.clauses import CLAUSES, forbidden

FORBIDDEN = {
    "paid_deletion": [
        "乙方负责删除各平台上的负面帖子",
        "删帖服务包干十万元",
        "一周内清理负面信息",
        "保证负面评论清零",
        "The agency will remove critical posts.",
    ],
    "paid_reviews": ["每月刷好评五百条", "代写五星好评", "购买微博粉丝十万", "fake reviews on request"],
    "water_army": ["组织网络水军发声", "安排小号在评论区跟帖", "视频发布后控评", "冒充消费者发表体验"],
    "bought_ranking": ["协助购买热搜位", "两小时内降热搜", "操纵热榜"],
    "paid_press": ["给记者发放车马费", "向媒体支付封口费", "付费撤报道"],
    "slander": ["撰写抹黑竞争对手的文章", "针对竞品投放黑稿"],
    "hunting_people": ["查询爆料人的个人信息", "对投诉人人肉搜索", "上门施压当事人家属"],
}
ALLOWED = [
    "乙方不得有偿删帖、刷评或使用水军",
    "乙方承诺不提供删帖服务",
    "禁止购买热搜",
    "就侵权内容依法向平台投诉举报",
    "监测舆情，每两小时出一份简报",
    "起草律师函，代理诉讼",
    "撰写情况说明，组织媒体沟通会",
    "协助核实投诉并联系消费者致歉",
    "分析竞争对手的公开舆情",
    "就产品检测结果接受专家访谈",
    "评估热搜走势，提出回应建议",
    "The agency shall not remove posts for money.",
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in FORBIDDEN.items() for text in texts])
def test_what_the_law_forbids_is_found_and_named(code: str, text: str) -> None:
    assert code in [found.clause.code for found in forbidden(text)]


@pytest.mark.parametrize("text", ALLOWED)
def test_honest_work_and_clauses_that_rule_it_out_pass(text: str) -> None:
    assert forbidden(text) == []


def test_every_clause_of_the_table_is_tried_here_and_a_ban_covers_only_its_own_clause() -> None:
    assert {clause.code for clause in CLAUSES} == set(FORBIDDEN)
    assert [found.words for found in forbidden("不得刷评；负责删帖。提供水军")] == ["负责删帖", "水军"]
