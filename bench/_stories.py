"""What the posts of bench.volume say: a grammar of ours about a company that does not exist."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

DAYS = 60
OWN, RIVAL, SECOND = "晴野茶饮", "青岚茶铺", "云杉奶茶"
WATCHES = {
    "晴野茶饮": ("晴野茶饮 OR 晴野", False),
    "食品安全": ("晴野 NEAR/60 (异物 OR 变质 OR 腹泻 OR 发霉 OR 过期)", False),
    "门店服务": ("晴野 (退款 OR 排队 OR 客服 OR 态度)", False),
    "青岚茶铺": ("青岚茶铺 OR 青岚", True),
}
PLATFORMS = ["微博", "抖音", "小红书", "知乎", "黑猫投诉", "新华网", "今日头条", "微信公众号"]
REGIONS = ["北京", "上海", "广东", "浙江", "四川", "湖北", "江苏", ""]
PLACES = [
    "万象城店",
    "高新路店",
    "大学城店",
    "火车站店",
    "滨江店",
    "老街店",
    "机场店",
    "南湖店",
    "体育馆店",
    "科技园店",
]
PRODUCTS = ["葡萄冰茶", "桂花乌龙", "芝士奶盖", "柠檬绿茶", "杨梅气泡", "燕麦拿铁", "茉莉清茶", "芋泥奶茶", "荔枝冰沙"]
WHEN = ["今天中午", "昨晚", "刚才", "上周末", "下班路上", "早上八点", "放学后", "逛街的时候"]
SAID: dict[str, list[str]] = {
    "neg": [
        "喝到一半发现杯底有异物",
        "打开盖子闻到一股变质的酸味",
        "孩子喝完当晚腹泻送了医院",
        "柜台上的水果已经发霉",
        "配料的标签显示早就过期",
        "等了四十分钟还没有取到餐",
        "申请退款三天没有人回复",
        "客服只会复制同一句话",
        "店员态度恶劣还大声争吵",
        "小票和收款的金额对不上",
        "外卖洒了一半没有人负责",
        "排队的人都在抱怨叫号混乱",
    ],
    "neu": [
        "门口排队的人一直到了路边",
        "新品明天在全国门店上架",
        "会员积分可以兑换周边",
        "这一季的菜单换了包装",
        "公司公布了第三季度开店计划",
        "附近又开了一家分店",
        "联名活动持续到月底",
        "想问一下有没有无糖的选择",
    ],
    "pos": [
        "味道比想象中清爽很多",
        "店员主动帮忙换了一杯",
        "退款当天就到账了",
        "杯子的设计非常好看",
        "这是今年喝到最满意的一杯",
        "出餐快而且很干净",
    ],
}
ENDINGS = [
    "大家怎么看",
    "希望有人处理",
    "先记录一下",
    "有同样经历的吗",
    "下次再来试试",
    "图片都在这里",
    "仅代表个人感受",
]
RARE = "辣椒素"  # stands in one post of fifty thousand


@dataclass(slots=True)
class Said:
    """A post before it is a row. tokens and words are empty for a copy."""

    at: datetime
    title: str
    text: str
    tokens: str
    sentiment: str
    keywords: dict[str, float]
    wanted: dict[str, list[str]]  # watch: the words that made it want the post
    story: str
    original: int | None = None
    copies: int = 0


@cache
def cut(clause: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a clause, and its tokens. Clauses are joined by signs, which jieba never cuts across."""
    from opinion import words

    found = words.cut(clause)
    return tuple(found), tuple(words.search_tokens(found))


def sentence(dice: random.Random, number: int) -> tuple[list[str], str, str]:
    """The clauses of a post, its tone, and the story it belongs to."""
    tone = dice.choices(("neg", "neu", "pos"), (25, 55, 20))[0]
    brand = dice.choices((OWN, RIVAL, SECOND), (80, 18, 2))[0]
    place, product = dice.choice(PLACES), dice.choice(PRODUCTS)
    about = dice.choice(SAID[tone])
    clauses = [f"{dice.choice(WHEN)}在{brand if brand != SECOND else OWN}{place}", f"点了一杯{product}", about]
    if brand == SECOND:
        clauses.append(f"和{SECOND}比起来差不多")
    clauses += dice.sample(SAID[dice.choice(("neu", tone))], dice.randrange(0, 3))
    if number % 50_000 == 17:
        clauses.append(f"据说检出了{RARE}")
    return [*clauses, f"{dice.choice(ENDINGS)}", f"订单尾号{dice.randrange(10_000):04}"], tone, f"{place}{about}"


def posts(number: int, until: datetime, seed: int = 20260101) -> Iterator[Said]:
    """So many posts of the last sixty days, in the order they were published; about three in ten repeat another."""
    from opinion import words
    from opinion.rules import Matcher, read
    from opinion.text import fold

    dice, matcher = random.Random(seed), Matcher({name: read(rule) for name, (rule, _is_rival) in WATCHES.items()})
    step = timedelta(days=DAYS) / number
    at = until - timedelta(days=DAYS)
    coming: list[tuple[datetime, int, Said]] = []
    made = 0
    while made < number:
        at += step
        if coming and coming[0][0] <= at:
            when, lead, said = heapq.heappop(coming)
            made += 1
            yield Said(when, said.title, said.text, "", said.sentiment, {}, said.wanted, said.story, lead)
            continue
        clauses, tone, story = sentence(dice, made)
        title, text = clauses[2], "，".join(clauses) + "。"
        found = [cut(clause) for clause in (title, *clauses)]
        seconds = at.replace(microsecond=dice.randrange(1_000_000))
        said = Said(
            at=seconds,
            title=title,
            text=text,
            tokens=" ".join(token for _words, tokens in found for token in tokens),
            sentiment=tone,
            keywords=words.keywords([word for cut_words, _tokens in found for word in cut_words]),
            wanted={
                name: list(dict.fromkeys(hit.word for hit in hits))
                for name, hits in matcher.match(fold(f"{title}\n{text}").text).items()
            },
            story=story,
        )
        made += 1
        room = number - made - len(coming)
        wish = min(int(dice.paretovariate(1.1)) - 1, 40) if dice.random() < 0.2 else 0
        later = [seconds + timedelta(minutes=dice.expovariate(1 / 300)) for _ in range(min(wish, max(room, 0)))]
        later = [when for when in later if when < until - timedelta(minutes=5)]
        said.copies = len(later)
        for when in later:
            heapq.heappush(coming, (when, made, said))
        yield said
