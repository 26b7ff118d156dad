"""Hot lists: rows keep their ids while they move, rank and heat are read, dates are those of the first sighting."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from monitoring.reading.figures import figure, heat_told
from monitoring.reading.hotlist import as_hot_list
from monitoring.reading.reader import Reading, read_document
from opinion.models import Heard, Post, Source, SourceKind, Watch
from opinion.services.pipeline import take_in
from tests.monitoring.rsshub import Row, hot_row, rss

REPLAYS = Path(__file__).resolve().parents[3] / "shared" / "data" / "replays"


def hot(document: str, now: datetime) -> Reading:
    read = read_document(document.encode(), content_type="", url="https://hot.example/list", now=now)
    return as_hot_list(read, now=now)


def told(reading: Reading) -> list[tuple[str, int | None, int | None]]:
    return [(post.title, post.rank, post.heat) for post in reading.posts]


# --- figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234567", 1234567),
        ("1,234,567", 1234567),
        ("123万", 1_230_000),
        ("4562 万", 45_620_000),
        ("1.2亿", 120_000_000),
        ("0.0001亿", 10_000),
        ("1234.5678万", 12_345_678),
        ("3千万", 30_000_000),
        ("5.6w", 56_000),
        ("12K", 12_000),
        ("10万+", 100_000),
        ("1.2345678e7", 12_345_678),
        ("0", 0),
        ("99999999999亿", None),
        ("1e99", None),
        ("热", None),
        ("", None),
        ("12.5.3", None),
        ("-5", None),
    ],
)
def test_figures_are_read_exactly_or_not_at_all(written: str, number: int | None) -> None:
    assert figure(written) == number


@pytest.mark.parametrize(
    ("text", "heat", "rest"),
    [
        ("热度 123万", 1_230_000, ""),
        ("4562 万热度", 45_620_000, ""),
        ("热度：1,234,567", 1234567, ""),
        ("热搜指数: 98", 98, ""),
        ("1.2亿 热度 · 餐饮", 120_000_000, "· 餐饮"),
        ("顾客举报。\n1103万 热度", 11_030_000, "顾客举报。"),
        ("热：35万", 350_000, ""),
        ("这件事的热度 3 天就退了", None, "这件事的热度 3 天就退了"),
        ("最热 2026 年", None, "最热 2026 年"),
        ("热度上升 20%", None, "热度上升 20%"),
        ("没有数字", None, "没有数字"),
    ],
)
def test_the_heat_a_row_tells_is_taken_out_of_its_text(text: str, heat: int | None, rest: str) -> None:
    assert heat_told(text) == (heat, rest)


# --- documents -------------------------------------------------------------------------------------------------------
def test_rank_is_the_place_and_a_row_keeps_its_id_while_it_moves(noon: datetime) -> None:
    titles = ["晴野茶饮道歉", "今天降温", "白桃乌龙上市"]
    first = hot(
        rss("热搜", [hot_row(title, place, f"{9 - place}0万") for place, title in enumerate(titles, 1)])[1], noon
    )
    later = noon + timedelta(minutes=10)
    back = hot(rss("热搜", [hot_row(title, place, "95.5万") for place, title in enumerate(titles[::-1], 1)])[1], later)
    assert told(first) == [("晴野茶饮道歉", 1, 800_000), ("今天降温", 2, 700_000), ("白桃乌龙上市", 3, 600_000)]
    assert [post.external_id for post in back.posts] == [post.external_id for post in first.posts][::-1]
    assert {(post.text, post.published_at, post.date_doubt) for post in back.posts} == {("", later, "missing")}


def test_without_links_of_their_own_rows_are_known_by_their_titles(noon: datetime) -> None:
    same = [Row("晴野道歉", "https://top.example/board"), Row("降温", "https://top.example/board")]
    none = [Row("ＱＩＮＧＹＥ 道歉", ""), Row("降温", "")]
    board = hot(rss("榜", same)[1], noon)
    assert [post.rank for post in board.posts] == [1, 2]
    assert board.posts[1].external_id == hot(rss("榜", none)[1], noon).posts[1].external_id
    assert (
        hot(rss("榜", [Row("qingye 道歉", "")])[1], noon).posts[0].external_id
        == hot(rss("榜", none)[1], noon).posts[0].external_id
    )


def test_a_row_that_stands_twice_is_one_at_its_better_place(noon: datetime) -> None:
    rows = [Row("晴野道歉", "", guid="a"), Row("降温", "", guid="b"), Row("晴野道歉", "", guid="c")]
    assert told(hot(rss("榜", rows)[1], noon)) == [("晴野道歉", 1, None), ("降温", 2, None)]


def test_rows_rsshub_does_not_know_are_left_out_and_keep_their_place(noon: datetime) -> None:
    unknown = Row("未知类型", "https://github.com/DIYgod/RSSHub/issues", "请点击链接提交issue", guid="zvideo")
    rows = [Row("晴野道歉", "https://z.example/1"), unknown, Row("降温", "https://z.example/2")]
    assert told(hot(rss("知乎热榜", rows)[1], noon)) == [("晴野道歉", 1, None), ("降温", 3, None)]
    assert hot(rss("知乎热榜", [unknown])[1], noon).health == "empty"


def test_places_written_into_all_titles_are_taken_out(noon: datetime) -> None:
    numbered = [Row(f"{place}. {title}", "") for place, title in enumerate(("晴野道歉", "3.15 晚会", "降温"), 1)]
    assert [post.title for post in hot(rss("榜", numbered)[1], noon).posts] == ["晴野道歉", "3.15 晚会", "降温"]
    once = [Row("晴野道歉", ""), Row("2. 降温", "")]
    assert [post.title for post in hot(rss("榜", once)[1], noon).posts] == ["晴野道歉", "2. 降温"]


ROWS = [{"title": "晴野道歉", "url": "https://w.example/a"}, {"title": "降温", "url": "https://w.example/b"}]


@pytest.mark.parametrize(
    "document",
    [
        [{**ROWS[0], "hot": 1230000}, {**ROWS[1], "hot": "98万"}],
        {"code": 200, "data": [{**ROWS[0], "heat": "123万热度"}, {**ROWS[1], "heat": "980000"}]},
        {"success": True, "data": {"list": [{**ROWS[0], "hotValue": "1,230,000"}, {**ROWS[1], "hotValue": 980000}]}},
        {"data": {"realtime": [{"word": "晴野道歉", "num": 1230000}, {"word": "降温", "raw_hot": 980000}]}},
        {"result": [{"keyword": "晴野道歉", "heat_score": 1.23e6}, {"Title": "降温", "HotValue": "98.0万"}]},
        {"tags": [{"title": "x"}], "items": [{"name": "晴野道歉", "hot": 1230000}, {"name": "降温", "score": 980000}]},
    ],
)
def test_json_of_hot_list_mirrors_is_read(noon: datetime, document: Any) -> None:
    found = hot(json.dumps(document, ensure_ascii=False), noon)
    assert (found.health, told(found)) == ("ok", [("晴野道歉", 1, 1_230_000), ("降温", 2, 980_000)])


@pytest.mark.parametrize(
    "document",
    ["[]", '{"code": 500, "message": "busy", "data": []}', "[1, 2]", '{"data": [{"x": 1}]}', '[{"title": ""}]'],
)
def test_json_without_rows_is_no_list(noon: datetime, document: str) -> None:
    assert hot(document, noon).health == "not_a_feed"


def test_a_list_is_read_without_being_told_and_says_what_it_looks_like(noon: datetime) -> None:
    rows = [Row(f"第{number}条", f"https://n.example/{number}") for number in range(5)]
    read = read_document(rss("榜", rows)[1].encode(), content_type="", url="https://n.example/", now=noon)
    assert (read.undated, read.reason) == (True, "undated")
    assert as_hot_list(read, now=noon).reason == ""
    rows[0].at = noon
    read = read_document(rss("榜", rows)[1].encode(), content_type="", url="https://n.example/", now=noon)
    assert (read.undated, read.reason) == (False, "")


# --- stored ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_rank_and_heat_grow_on_one_post_and_never_shrink(noon: datetime) -> None:
    source = Source.objects.create(name="热搜", url="https://h.example/", platform="微博", kind=SourceKind.HOT_LIST)
    Watch.objects.create(name="晴野", rule="晴野")
    for minutes, place, heat in ((0, 3, "90万"), (10, 1, "200万"), (20, 7, "150万")):
        at = noon + timedelta(minutes=minutes)
        rows = [hot_row(f"别的{number}", number) for number in range(1, place)]
        reading = hot(rss("热搜", [*rows, hot_row("晴野茶饮道歉", place, heat)])[1], at)
        take_in(source, reading.posts, now=at)
    post = Post.objects.get()
    assert (post.rank, post.heat, post.published_at, post.date_doubt) == (1, 2_000_000, noon, "missing")
    assert Heard.objects.count() == 7


def polls(name: str, listing: str) -> Iterator[tuple[datetime, list[tuple[str, int, int | None]]]]:
    with gzip.open(next(REPLAYS.glob(f"{name}*.polls.jsonl.gz")), "rt", encoding="utf-8") as lines:
        for line in lines:
            poll = json.loads(line)
            if poll["source"] == listing:
                yield datetime.fromisoformat(poll["t"]), [(item[0], item[1], item[2]) for item in poll["items"]]


@pytest.mark.real_data
@pytest.mark.skipif(not REPLAYS.exists(), reason="../shared/data/replays is not here")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "listing", "form"),
    [
        ("dev3", "weibo_hot_search", "rss"),
        ("dev1", "zhihu_hot_question", "json"),
        ("dev1", "weibo_hot_search", "json"),
    ],
)
def test_real_polls_give_one_post_an_item_with_its_best_rank_and_greatest_heat(
    name: str, listing: str, form: str
) -> None:
    with gzip.open(next(REPLAYS.glob(f"{name}*.posts.jsonl.gz")), "rt", encoding="utf-8") as lines:
        titles = {post["id"]: " ".join(post["title"].split()) for post in map(json.loads, lines)}
    source = Source.objects.create(name=listing, url="https://h.example/", platform="热榜", kind=SourceKind.HOT_LIST)
    words = Counter(title[:2] for title in titles.values() if re.fullmatch("[一-龥]{2}", title[:2]))
    Watch.objects.create(name="许多", rule=" OR ".join(word for word, _times in words.most_common(100)))
    best: dict[str, int] = {}
    most: dict[str, int] = defaultdict(int)
    first: dict[str, datetime] = {}
    for at, items in islice(polls(name, listing), 25):
        items = list({titles[key]: (key, rank, heat) for key, rank, heat in reversed(items) if key in titles}.values())
        items.reverse()
        told_rows = []
        for place, (key, _rank, heat) in enumerate(items, start=1):
            title = titles[key]
            best[title] = min(best.get(title, place), place)
            most[title] = max(most[title], heat or 0)
            first.setdefault(title, at)
            told_rows.append((title, place, heat))
        if form == "rss":
            document = rss("热搜", [hot_row(title, place, str(heat or "")) for title, place, heat in told_rows])[1]
        else:
            rows = [{"title": title, "hot": heat, "index": place} for title, place, heat in told_rows]
            document = json.dumps({"code": 200, "data": rows}, ensure_ascii=False)
        take_in(source, hot(document, at).posts, now=at)
    stored = list(Post.objects.select_related("key"))
    heard = set(Heard.objects.values_list("text", flat=True))
    assert len(heard) == Heard.objects.count() == len(best)
    assert len(stored) > 20
    assert len({post.key.external_id for post in stored}) == len(stored) == len({post.title for post in stored})
    for post in stored:
        assert (post.title, post.rank) == (post.title, best[post.title])
        assert (post.title, post.heat or 0) == (post.title, most[post.title])
        assert (post.published_at, post.date_doubt) == (first[post.title], "missing")
