"""A row of somebody's table as a post: which column is what, how its values are read, and why a row is refused. Pure.

A row is refused rather than guessed at: its number, its column and the reason go back to whoever brought the file.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from monitoring.reading import dates
from opinion import text
from opinion.models import SourceClass
from opinion.raw import RawPost

LARGEST = 50 * 1024 * 1024  # bytes of a file
MOST_ROWS = 200_000
PREVIEWED = 20

# Our field: what it is called, and what people call its column (folded: see `_folded`).
FIELDS: dict[str, tuple[str | Promise, str]] = {
    "title": (_("Title"), "标题 文章标题 主题 title subject headline"),
    "text": (_("Text"), "内容 正文 全文 原文 文本 微博内容 帖子内容 文章内容 评论内容 摘要 text content body message"),
    "url": (_("Address"), "链接 网址 地址 原文链接 文章链接 url link address"),
    "published_at": (
        _("Time"),
        "发布时间 时间 发布日期 日期 发表时间 创建时间 评论时间 publishedat publishtime pubdate date time createdat",
    ),
    "author": (_("Author"), "作者 账号 昵称 用户名 用户 发布者 博主 媒体 评论者 用户昵称 author user account nickname"),
    "platform": (_("Platform"), "平台 媒体类型 来源 来源平台 网站 渠道 platform source site channel"),
    "region": (_("Region"), "地区 地域 省份 ip属地 属地 发布地 region province location"),
    "reposts": (_("Reposts"), "转发 分享 reposts shares forwards"),
    "comments": (_("Comments"), "评论 回复 comments replies"),
    "likes": (_("Likes"), "点赞 赞 likes"),
    "reads": (_("Reads"), "阅读 浏览 播放 曝光 reads views plays"),
    "followers": (_("Followers of the author"), "粉丝 关注者 followers fans"),
    "heat": (_("Heat"), "热度 热度值 heat hot"),
    "external_id": (_("Its own number"), "编号 唯一标识 文章id 帖子id 微博id 评论id id mid postid externalid"),
    "channel": (_("Channel of the complaint"), ""),
    "parent_url": (_("Address of the post it comments on"), ""),
}
NUMBERS = ("reposts", "comments", "likes", "reads", "followers", "heat")
_COUNTED = re.compile("(?:数|量|数量|次数|count)$")


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of file. columns: of its template; words: columns that mean something else in it than elsewhere."""

    name: str | Promise
    help: str | Promise
    source_class: str
    platform: str
    columns: tuple[str, ...]
    words: Mapping[str, str]


PRESETS = {
    "posts": Preset(
        pgettext_lazy("file", "Posts"),
        _("An export of a monitoring tool, or a list somebody kept."),
        SourceClass.PLATFORM,
        "",
        ("标题", "内容", "链接", "发布时间", "作者", "平台", "转发数", "评论数", "点赞数", "粉丝数", "地区"),
        {},
    ),
    "tickets": Preset(
        pgettext_lazy("file", "Customer-service export"),
        _("Complaints from the customer-service system: an own channel."),
        SourceClass.OWN,
        "客服",
        ("工单号", "投诉内容", "受理时间", "渠道", "客户"),
        {
            "external_id": "工单号 工单编号 订单号 订单编号 单号 case caseno ticket ticketid ticketno orderno orderid",
            "text": "投诉内容 问题描述 诉求 诉求内容 工单内容 问题 反馈内容 complaint description",
            "title": "问题类型 工单标题 投诉类型 category type",
            "published_at": "受理时间 投诉时间 提交时间 来电时间 进线时间",
            "author": "客户 客户昵称 会员 会员昵称 customer",
            "channel": "渠道 来源渠道 受理渠道 进线渠道 来源 channel",
        },
    ),
    "comments": Preset(
        _("Comments under our own posts"),
        _("Comments exported from the company's own accounts: an own channel."),
        SourceClass.OWN,
        "",
        ("评论ID", "评论内容", "评论时间", "评论者", "点赞数", "作品链接", "IP属地"),
        {
            "parent_url": "作品链接 视频链接 笔记链接 原文链接 文章链接 帖子链接 posturl parenturl videourl noteurl",
            "text": "评论内容 评论 comment",
            "comments": "回复 replies",
        },
    ),
}

REASONS: dict[str, str | Promise] = {
    "no_row": _("is not a JSON object"),
    "too_many_cells": _("has more cells than there are columns: a separator stands inside a text"),
    "no_words": _("has neither title nor text"),
    "date_unreadable": _("the time cannot be read"),
    "date_relative": _("the time only makes sense on the day it was written"),
    "date_out_of_range": _("the time lies in the future or more than ten years back"),
    "number_unreadable": _("the number cannot be read"),
    "address_unreadable": _("the address is not one of a page"),
}
UNREADABLE: dict[str, str | Promise] = {
    "empty": _("There is nothing in this file."),
    "encoding": _("The text of this file is neither UTF-8 nor GB18030. Save it as CSV UTF-8."),
    "no_table": _("This is neither CSV, XLSX nor JSON Lines."),
    "old_workbook": _("This is an old or a locked workbook. Open it and save it as XLSX without a password."),
    "no_workbook": _("This workbook is damaged. Open it and save it again as XLSX."),
    "too_large_inside": _("This workbook unpacks to more than 400 MB."),
    "too_costly": _("Reading this file took too much time or memory. Cut it into smaller ones."),
    "broken_csv": _("A quotation mark in this file opens and never closes."),
    "no_json_lines": _("No line of this file is a JSON object."),
    "too_large": _("The file is larger than 50 MB. Cut it into smaller ones."),
    "too_many": _("The file has more than 200,000 rows. Cut it into smaller ones."),
    "too_many_rows": _("The file has more than 200,000 rows. What comes after them was left out."),
    "gone": _("The file is not here any more. Bring it again."),
    "waited": _("Nobody said within a day which column is what, so the file was thrown away. Bring it again."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: a code of REASONS, and the field it is about, "" for the row as a whole."""

    reason: str
    field: str = ""


def guess(columns: Sequence[str], preset: str, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our field: column. As it was named for this source before, else as a column is called."""
    mapping = {field: column for field, column in (before or {}).items() if column in columns}
    own = PRESETS[preset].words
    for names in (own, {field: words for field, (_label, words) in FIELDS.items()}):
        for field, words in names.items():
            if field in mapping:
                continue
            wanted = words.split()
            free = [column for column in columns if column not in mapping.values()]
            fitting = [(wanted.index(name), column) for column in free if (name := _called(column, wanted))]
            if fitting:
                mapping[field] = min(fitting)[1]
    return mapping


def _called(column: str, wanted: Sequence[str]) -> str:
    """The word for a column, "" where it is not among those wanted: 转发数, 转发量 and 转发 are one."""
    folded = re.sub(r"[\s_\-]|[(（].*$", "", unicodedata.normalize("NFKC", column).lower())
    return next((name for name in (folded, _COUNTED.sub("", folded)) if name in wanted), "")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one file. places: our field and the place of its column; zone: of times that name none."""

    places: Mapping[str, int]
    width: int
    platform: str  # of the source
    now: datetime
    zone: tzinfo

    def read(self, cells: Sequence[str] | None) -> RawPost | Problem:
        """The post a row is, or why it is none."""
        if cells is None:
            return Problem("no_row")
        if any(cells[self.width :]):
            return Problem("too_many_cells")
        said = {field: cells[place] for field, place in self.places.items() if place < len(cells)}
        get = lambda field: said.get(field, "")  # noqa: E731
        if not any(text.clean(get(field), text.TEXT_CAP) for field in ("title", "text")):
            return Problem("no_words", "text" if "text" in self.places else "title")
        at = self._time(get("published_at"))
        if isinstance(at, Problem):
            return at
        addresses = {}
        for field in ("url", "parent_url"):
            address = _address(get(field))
            if address is None:
                return Problem("address_unreadable", field)
            addresses[field] = address
        numbers: dict[str, Any] = {}
        for field in NUMBERS:
            try:
                numbers[field] = _number(get(field))
            except ValueError:
                return Problem("number_unreadable", field)
        own = get("external_id") or addresses["url"] or "\n".join(map(get, ("published_at", "author", "title", "text")))
        return RawPost(
            external_id=get("external_id") or sha256(own.encode("utf-8", "surrogatepass")).hexdigest(),
            title=get("title"),
            text=get("text"),
            url=addresses["url"] or addresses["parent_url"],
            author=get("author"),
            published_at=at.at,
            date_doubt=at.doubt,
            platform=f"{self.platform} {get('channel')}" if get("channel") else get("platform"),
            region=get("region"),
            **numbers,
        )

    def _time(self, written: str) -> dates.Published | Problem:
        """The time of a row; that of the import, with its doubt, where the cell is empty."""
        exact = _exact(written, self.zone)
        if exact is None and dates.is_relative(written):
            return Problem("date_relative", "published_at")
        found = dates.published([exact.isoformat() if exact else written], now=self.now)
        if found.doubt in ("", "missing"):
            return found
        return Problem(f"date_{found.doubt}", "published_at")


_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_PLAIN = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")


def _exact(written: str, zone: tzinfo) -> datetime | None:
    """What spreadsheets write: a date without a zone, or the days since the end of 1899. None for anything else."""
    if _SERIAL.fullmatch(written):
        seconds = round(float(written) * 86_400)
        return (datetime(1899, 12, 30) + timedelta(seconds=seconds)).replace(tzinfo=zone)  # noqa: DTZ001
    if _PLAIN.fullmatch(written):
        parts = [int(part) for part in re.findall(r"\d+", written)]
        try:
            return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]
        except ValueError:
            return None
    return None


def _number(written: str) -> int | None:
    """12,345 · 1.2万 · 3亿 · 1w+; None where nothing is said. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", written).lower().replace(",", "").replace(" ", "").rstrip("+")
    if plain in ("", "-", "--", "—", "无", "null", "none", "nan", "n/a"):
        return None
    scale = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "k": 1_000}.get(plain[-1], 1)
    value = float(plain[:-1] if scale > 1 else plain) * scale
    if not 0 <= value < 2**62:
        raise ValueError(written)
    return round(value)


def _address(written: str) -> str | None:
    """An address with its scheme; "" where nothing is said, None where it leads to no page."""
    if not written or written in ("-", "无"):
        return ""
    address = written if "//" in written else f"https://{written}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    fits = parts.scheme in ("http", "https") and "." in parts.netloc and len(address) <= text.URL_CAP
    return address if fits and not re.search(r"\s", address) else None
