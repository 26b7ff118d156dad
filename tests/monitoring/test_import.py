"""A file of posts is taken in whole: each row once, through the pipeline of every other post, with an account of it."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from audit.models import Entry
from monitoring.models import Import
from monitoring.services import imports as services
from opinion.models import Heard, Match, Post
from tests.factories import NOON, WatchFactory
from tests.monitoring.tables import HEAD, brought, csv_of, row, started, taken_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def watch():
    return WatchFactory(name="晴野品牌", rule="晴野")


def counts(one: Import) -> tuple[int, int, int, int]:
    return one.stored, one.heard, one.duplicate, one.rejected


def test_every_row_is_stored_heard_known_or_refused(cast, watch):
    rows = [row(1), row(2, likes="1.2万"), row(2), row(3, "楼下新开了面馆"), row(4, at="不详"), ",,,,,,"]
    one = taken_in(csv_of(*rows, ",,https://example.com/9,2026-11-17,,,"), cast["monitor"])
    assert (one.state, one.rows, counts(one)) == ("done", 6, (2, 1, 1, 2))
    post = Post.objects.get(url="https://example.com/2")
    assert (post.author, post.platform, post.likes, post.source.source_class) == ("账号2", "微博", 12000, "platform")
    assert [post.pk for post in one.posts.order_by("pk")] == list(
        Post.objects.order_by("pk").values_list("pk", flat=True)
    )
    refused = [(each.number, each.column, each.reason) for each in one.rejected_rows.all()]
    assert refused == [(6, "发布时间", "date_unreadable"), (8, "内容", "no_words")]


def test_private_numbers_are_masked_as_everywhere(cast, watch):
    taken_in(csv_of(row(1, "晴野退款找我 13812345678")), cast["monitor"])
    assert "138****5678" in Post.objects.get().text


def test_the_same_file_again_stores_nothing(cast, watch):
    body = csv_of(*(row(n) for n in range(5)), row(9, "别家的事"))
    assert counts(taken_in(body, cast["monitor"])) == (5, 1, 0, 0)
    again = taken_in(body, cast["monitor"], now=NOON + timedelta(hours=1))
    assert counts(again) == (0, 0, 6, 0)
    assert not again.posts.exists()
    assert (Post.objects.count(), Heard.objects.count()) == (5, 6)


def test_complaints_are_kept_for_a_watch_though_they_name_nobody(cast, watch):
    body = "工单号,投诉内容,受理时间,渠道,客户\nT-1,喝完拉肚子要求赔偿,2026-11-17 09:00,电话,王女士\n".encode()
    source = services.source_for("客服系统", source_class="own", platform="客服")
    one = services.bring("工单.csv", body, preset="tickets", source=source, watch=watch, actor=cast["pr"], now=NOON)
    assert one.mapping["external_id"] == "工单号"
    started(one, body, cast["pr"])
    post = Post.objects.get()
    assert (post.key.external_id, post.platform, post.source.source_class) == ("T-1", "客服 电话", "own")
    assert Match.objects.get().watch == watch


def test_columns_are_remembered_for_their_source(cast, watch):
    body = "谁,说了啥\n甲,晴野排队\n".encode()
    one = brought(body, cast["monitor"])
    assert one.mapping == {}
    services.start(one, {"author": "谁", "text": "说了啥"}, seen_version=1, actor=cast["monitor"], now=NOON)
    assert brought(body, cast["monitor"]).mapping == {"author": "谁", "text": "说了啥"}


def test_a_file_without_words_in_it_is_not_started(cast):
    one = brought(csv_of(row(1)), cast["monitor"])
    with pytest.raises(services.Refused) as refused:
        services.start(one, {"url": "链接"}, seen_version=1, actor=cast["monitor"], now=NOON)
    assert refused.value.reason == "no_words"
    assert Import.objects.get().state == "mapping"


def test_a_file_that_is_none_or_too_large_is_refused_before_anything_is_kept(cast, settings, monkeypatch):
    for body, reason in ((b"%PDF-1.7 x", "no_table"), (b"a" * (services.LARGEST + 1), "too_large")):
        with pytest.raises(services.Refused) as refused:
            brought(body, cast["monitor"])
        assert refused.value.reason == reason
    monkeypatch.setattr(services, "MOST_ROWS", 2)
    with pytest.raises(services.Refused) as refused:
        brought(csv_of(*(row(n) for n in range(3))), cast["monitor"])
    assert refused.value.reason == "too_many"
    assert not Import.objects.exists()


def test_the_file_is_unreadable_where_it_lies_and_gone_once_it_is_in(cast, watch, settings):
    body = csv_of(row(1))
    one = brought(body, cast["monitor"])
    with default_storage.open(f"imports/{one.uuid}") as kept:
        assert "晴野".encode() not in kept.read()
    assert services.body_of(one) == body
    started(one, body, cast["monitor"])
    assert not default_storage.exists(f"imports/{one.uuid}")


def test_a_file_whose_columns_nobody_names_is_thrown_away_after_a_day(cast):
    one = brought(csv_of(row(1)), cast["monitor"])
    services.work(lambda: NOON + services.WAITS)
    one.refresh_from_db()
    assert one.state == "mapping"
    services.work(lambda: NOON + services.WAITS + timedelta(seconds=1))
    one.refresh_from_db()
    assert (one.state, one.words) == ("failed", "waited")
    assert not default_storage.exists(f"imports/{one.uuid}")


def test_a_file_that_is_gone_ends_its_import_in_words(cast, watch):
    one = brought(csv_of(row(1)), cast["monitor"])
    default_storage.delete(f"imports/{one.uuid}")
    started_state = {"seen_version": 1, "actor": cast["monitor"], "now": NOON}
    services.start(one, {"text": "内容"}, **started_state)
    services.work(lambda: NOON)
    one.refresh_from_db()
    assert (one.state, one.words) == ("failed", "gone")


def test_a_long_file_is_taken_up_again_where_its_minute_ended(cast, watch, monkeypatch):
    monkeypatch.setattr(services, "WORKS", timedelta(0))
    body = csv_of(*(row(n, f"晴野第{n}条各说各话{n * 7919}") for n in range(450)))
    one = brought(body, cast["monitor"])
    services.start(one, one.mapping, seen_version=1, actor=cast["monitor"], now=NOON)
    seen = []
    times = iter(NOON + timedelta(seconds=n) for n in range(1000))
    for _ring in range(4):
        services.work(lambda: next(times))
        one.refresh_from_db()
        seen.append((one.state, one.done))
    assert seen == [("running", 200), ("running", 400), ("running", 450), ("done", 450)]
    assert counts(one) == (450, 0, 0, 0)


def test_files_run_into_one_source_one_after_another(cast, watch):
    first, second = brought(csv_of(row(1)), cast["monitor"]), brought(csv_of(row(2)), cast["monitor"])
    for one in (first, second):
        services.start(one, one.mapping, seen_version=1, actor=cast["monitor"], now=NOON)
    Import.objects.filter(pk=first.pk).update(state="running", started_at=NOON, leased_until=NOON + services.LEASE)
    services.work(lambda: NOON)
    second.refresh_from_db()
    assert second.state == "waiting"
    times = (NOON + services.LEASE * 2 + timedelta(seconds=n) for n in range(100))
    for _ring in range(2):
        services.work(lambda: next(times))
    assert list(Import.objects.order_by("pk").values_list("state", "stored")) == [("done", 1), ("done", 1)]


def test_a_worker_whose_lease_ran_out_writes_nothing_more(cast, watch):
    one = brought(csv_of(row(1)), cast["monitor"])
    services.start(one, one.mapping, seen_version=1, actor=cast["monitor"], now=NOON)
    slow = services._claim(one.pk, NOON)
    fast = services._claim(one.pk, NOON + services.LEASE * 2)
    assert fast is not None
    assert not services._keep_on(slow, NOON + services.LEASE * 2, done=99)
    one.refresh_from_db()
    assert one.done == 0


def test_starting_and_taking_back_are_on_the_trail(cast, watch):
    one = taken_in(csv_of(row(1)), cast["monitor"])
    services.ask_to_take_back(one, seen_version=one.version, actor=cast["pr"], now=NOON)
    events = ["monitoring.import_started", "monitoring.import_taken_back"]
    assert list(Entry.objects.order_by("seq").values_list("event", flat=True)) == events
    assert Entry.objects.order_by("seq").first().detail["sha256"] == one.sha256


def test_a_table_without_a_header_row_of_ours_guesses_nothing(cast):
    assert brought(b"foo,bar\n1,2\n", cast["monitor"]).mapping == {}
    assert HEAD.split(",")[0] == brought(csv_of(row(1)), cast["monitor"]).mapping["title"]


def test_more_rows_than_may_be_end_it_in_words_and_what_is_in_can_be_taken_back(cast, watch, monkeypatch):
    one = brought(csv_of(*(row(n, f"晴野第{n}条各说各话{n * 7919}") for n in range(250))), cast["monitor"])
    monkeypatch.setattr(services, "MOST_ROWS", 200)
    services.start(one, one.mapping, seen_version=1, actor=cast["monitor"], now=NOON)
    services.work(lambda: NOON)
    one.refresh_from_db()
    assert (one.state, one.words, one.rows, counts(one)) == ("failed", "too_many_rows", 200, (200, 0, 0, 0))
    services.ask_to_take_back(one, seen_version=one.version, actor=cast["monitor"], now=NOON)
    services.work(lambda: NOON)
    assert not Post.objects.standing().exists()
