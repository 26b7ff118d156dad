"""Posts as sources hand them over, for tests of the pipeline."""

from datetime import datetime, timedelta
from typing import Any

from opinion.raw import RawPost
from tests.factories import NOON

# Long enough to be told apart and folded; invented, as is the company.
STORIES = [
    "晴野茶饮建国路店被拍到更换芋泥的效期标签，店员称总部要求不浪费，顾客已经拨打热线举报",
    "晴野新品白桃乌龙今天上市，排队两小时，味道清爽，杯子也好看，会员可以积分兑换",
    "青年路的晴野门店招聘店长，待遇从优，包吃住，有意者请到店面谈或投递简历",
]


def raw(number: int | str, text: str = "晴野茶饮今天排队", *, at: datetime = NOON, **more: Any) -> RawPost:
    """One post of a source: id `p<number>`, published at noon unless said otherwise."""
    given = {"title": "", "url": f"https://example.com/{number}", "author": "路人甲", **more}
    return RawPost(external_id=f"p{number}", text=text, published_at=at, **given)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
