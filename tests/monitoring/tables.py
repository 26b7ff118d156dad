"""Tables as people bring them, for the tests of imports; invented, as is the company."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from accounts.models import User
from monitoring.models import Import
from monitoring.reading.rows import guess
from monitoring.reading.table_apart import peek
from monitoring.services import imports as services
from opinion.models import Watch
from tests.factories import NOON

HEAD = "标题,内容,链接,发布时间,作者,平台,点赞数"


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def row(number: int, said: str = "晴野茶饮今天又排长队", *, at: str = "2026-11-17 10:00", likes: str = "") -> str:
    """One row that a watch for 晴野 wants; every number has an address of its own."""
    return f",{said} 第{number}家,https://example.com/{number},{at},账号{number},微博,{likes}"


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(list(cells))
    book.save(kept)
    return kept.getvalue()


def brought(
    body: bytes, actor: User, *, name: str = "舆情导出.csv", preset: str = "posts", watch: Watch | None = None
) -> Import:
    source = services.source_for("监测工具导出", source_class="platform", platform="微博")
    return services.bring(name, body, preset=preset, source=source, watch=watch, actor=actor, now=NOON)


def taken_in(body: bytes, actor: User, *, now: datetime = NOON, **more: Any) -> Import:
    """A file brought, started with the columns as guessed, and worked off."""
    one = brought(body, actor, **more)
    started(one, body, actor, now)
    return one


def started(one: Import, body: bytes, actor: User, now: datetime = NOON) -> None:
    columns, _rows, _total = peek(body, kind=one.format, most=1)
    services.start(one, guess(columns, "posts", one.mapping), seen_version=one.version, actor=actor, now=now)
    services.work(lambda: now)
    one.refresh_from_db()
