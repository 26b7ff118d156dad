"""What an engagement with an adviser may not contain, because the law forbids it. A table and one pure function.

A finding names the words and the law. A clause that rules the thing out ("乙方不得有偿删帖") is none. The articles are
named from memory: a lawyer checks them before they are quoted to anybody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Words that turn a mention into a ban, when they stand before it in the same clause.
RULED_OUT = re.compile(
    r"不得|禁止|严禁|不会|不提供|不包括|不包含|不涉及|不从事|不进行|不以|拒绝|杜绝|避免|绝不|不采[取用]|never|not ",
    re.I,
)
CLAUSE = re.compile(r"[^，,。；;！!？?\n]+")


@dataclass(frozen=True, slots=True)
class Clause:
    """code: for the trail; pattern: what is looked for in one clause; why: what the law says; source: which law."""

    code: str
    pattern: re.Pattern[str]
    why: str | Promise
    source: str


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


CLAUSES = (
    Clause(
        "paid_deletion",
        _any(
            r"(有偿|付费|协助|负责|代为?|批量)[^，。；]{0,6}(删帖|删稿|删文|删除[^，。；]{0,8}(帖|稿|文章|报道|评论|信息|视频|笔记))",
            r"(删帖|删稿|撤稿|下架?稿)(服务|费|包干|[^，。；]{0,4}元)",
            r"(清理|压制|沉降|屏蔽)[^，。；]{0,6}(负面|差评|不利)",
            r"(负面|差评)[^，。；]{0,8}(清零|清除|删除|删掉|下沉|消失)",
            r"(delete|remove|take down)[^.;]{0,30}(posts|reviews|articles)",
        ),
        _("Taking money to have posts deleted is a crime, and so is paying for it."),
        "法释〔2013〕21号 第七条",
    ),
    Clause(
        "paid_reviews",
        _any(
            r"刷(评|单|量|好评|赞|热度|数据|阅读|播放|粉)",
            r"(代写|编写|撰写|购买|买|铺)[^，。；]{0,6}(好评|五星|假评|笔记.{0,3}(素人|种草))",
            r"(购买|买)[^，。；]{0,4}(粉丝|流量|阅读量|播放量|转发)",
            r"fake (reviews|followers|likes)",
        ),
        _("Invented reviews and bought figures are unfair competition."),
        "反不正当竞争法 虚假宣传条",
    ),
    Clause(
        "water_army",
        _any(
            r"(网络)?水军",
            r"(组织|安排|雇佣|调动|投放)[^，。；]{0,8}(马甲|小号|养号|网评员|账号矩阵)",
            r"(马甲|小号|养号)[^，。；]{0,8}(评论|跟帖|发帖|控评|引导)",
            r"控评",
            r"(假冒|冒充)[^，。；]{0,6}(消费者|网友|用户|顾客)",
            r"(sock ?puppets?|astroturf)",
        ),
        _("Posting through hired or invented accounts as if people did is forbidden."),
        "网络信息内容生态治理规定 第二十四条",
    ),
    Clause(
        "bought_ranking",
        _any(r"(买|购买|操纵|撤|降|压)[^，。；]{0,4}(热搜|热榜|榜单)", r"(降|撤)热搜"),
        _("Hot lists may not be bought, nor pressed down."),
        "网络信息内容生态治理规定 第二十四条",
    ),
    Clause(
        "paid_press",
        _any(
            r"(封口|车马|好处|红包)费?[^，。；]{0,8}(记者|媒体|编辑)",
            r"(记者|媒体|编辑)[^，。；]{0,8}(封口费|车马费|好处费|红包)",
            r"有偿(新闻|不闻)",
            r"(付费|出资|花钱)[^，。；]{0,6}(不报道|撤报道|停止报道)",
        ),
        _("Paying reporters for reporting, or for silence, is bribery."),
        "关于禁止有偿新闻的若干规定",
    ),
    Clause(
        "slander",
        _any(
            r"(抹黑|诋毁|攻击|黑稿|泼脏水|打压)[^，。；]{0,8}(竞争|竞品|对手|同行|友商)",
            r"(竞争|竞品|对手|同行|友商)[^，。；]{0,10}(抹黑|诋毁|黑稿|负面稿|差评)",
            r"(smear|discredit)[^.;]{0,20}(rival|competitor)",
        ),
        _("Running a competitor down with false or misleading words is forbidden."),
        "反不正当竞争法 商业诋毁条",
    ),
    Clause(
        "hunting_people",
        _any(
            r"人肉",
            r"(获取|购买|查询|提供|搜集|调取)[^，。；]{0,10}(发帖人|爆料人|投诉人|网友|当事人|博主)[^，。；]{0,8}"
            r"(个人信息|住址|电话|手机号|身份证|隐私|行踪)",
            r"(威胁|恐吓|骚扰|上门施压)[^，。；]{0,8}(发帖人|爆料人|投诉人|博主|记者|家属)?",
        ),
        _("Getting hold of people's personal data, or pressing them, is a crime."),
        "刑法 第二百五十三条之一",
    ),
)


@dataclass(frozen=True, slots=True)
class ClauseFinding:
    clause: Clause
    words: str


def forbidden(text: str) -> list[ClauseFinding]:
    """What in the text of an engagement the law forbids, one finding for each clause of the table and each place."""
    return list(_found(text))


def _found(text: str) -> Iterator[ClauseFinding]:
    for part in CLAUSE.finditer(text):
        for clause in CLAUSES:
            hit = clause.pattern.search(part[0])
            if hit and not RULED_OUT.search(part[0][: hit.start()]):
                yield ClauseFinding(clause, hit[0])
