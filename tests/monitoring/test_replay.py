"""`manage.py replay`: posts of the past on their own clock, apart from the live desk."""

import gzip
import json
import random
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.models import Exercise
from monitoring.models import Signal, SignalGrowth
from monitoring.selectors.sources import sources_by_class
from monitoring.services.replaying import Asked, forget_replays, replay
from notices.models import Delivery, Notice
from opinion.models import Heard, HourCount, Match, Post, PostKey, Source, Topic, Watch
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db

BEGIN = datetime.fromisoformat("2026-03-10T08:00:00+08:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SMALL_TALK = ["早高峰地铁又挤满了人", "周末去爬山看日出", "新上映的电影值得一看", "今晚的月亮特别圆"]
AFFAIR = [
    "晴野建国路店后厨起火，消防已到场",
    "晴野门店起火，顾客说闻到糊味",
    "晴野回应建国路店起火，称无人受伤",
    "晴野起火门店被投诉消防通道堵塞",
    "晴野建国路店起火原因仍在调查",
    "晴野就门店起火致歉",
]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rows():
    """Ten days of small talk, a mention of 晴野 on the third, and an affair on the ninth."""
    said = [(BEGIN + DAY * (n // 4), SMALL_TALK[n % 4] + str(n)) for n in range(40)]
    said.append((BEGIN + 2 * DAY, "晴野白桃乌龙清爽不腻"))
    said += [(BEGIN + 8 * DAY + n * 17 * MINUTE + timedelta(seconds=n), text) for n, text in enumerate(AFFAIR)]
    return [
        {"id": f"r{n}", "published_at": at.isoformat(), "source": ["微博", "知乎"][n % 2], "title": text, "rank": None}
        for n, (at, text) in enumerate(sorted(said))
    ]


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "old.jsonl", rows())


def run(capsys, file, *more):
    call_command("replay", str(file), "--watch", "晴野=晴野", "--json", *more)
    out = capsys.readouterr()
    return json.loads(out.out), out.err


def test_it_prints_what_was_found_as_the_contract_says(capsys, file):
    found, words = run(capsys, file)
    assert {name: found[name] for name in ("posts_in", "heard", "stored", "folded", "rejected")} == {
        "posts_in": 47,
        "heard": 47,
        "stored": 7,
        "folded": 0,
        "rejected": 0,
    }
    assert words.splitlines()[-1].startswith("Done in ")
    [signal] = found["signals"]
    assert (signal["id"], signal["watch"], signal["kind"], signal["previous"]) == (1, "晴野", "risk_word", None)
    affair = [row["id"] for row in rows() if "起火" in row["title"]]
    assert signal["posts"] == affair
    assert signal["suggested_level"] == 2
    first, *others = signal["updates"]
    assert (first["at"], first["suggested_level"]) == (signal["opened_at"], "attention")
    assert others
    assert {reason["kind"] for reason in signal["reasons"]} >= {"risk_word", "burst"}
    assert found["incidents_suggested"] == [
        {
            "signal": 1,
            "at": next(step["at"] for step in others if step["suggested_level"] != "attention"),
            "watch": "晴野",
            "title": signal["title"],
            "suggested_level": 2,
        }
    ]
    assert {post for topic in found["topics"] for post in topic["posts"]} >= set(affair)


def test_the_signal_opens_within_a_minute_of_the_first_post_and_no_time_lies_before_what_it_cites(capsys, file):
    found, _words = run(capsys, file)
    published = {row["id"]: datetime.fromisoformat(row["published_at"]) for row in rows()}
    [signal] = found["signals"]
    opened = datetime.fromisoformat(signal["opened_at"])
    assert timedelta(0) <= opened - published[signal["posts"][0]] <= MINUTE
    assert opened.utcoffset() is not None
    ends = datetime.fromisoformat(signal["updates"][-1]["at"])
    assert all(published[post] <= ends for post in signal["posts"])
    for growth in SignalGrowth.objects.all():
        assert all(datetime.fromisoformat(post["published_at"]) <= growth.at for post in growth.kept["posts"])


def test_lines_shuffled_within_ten_minutes_and_fed_twice_change_nothing(capsys, tmp_path, file):
    dice = random.Random(7)
    shuffled = sorted(rows(), key=lambda row: (row["published_at"][:15], dice.random()))
    assert shuffled != rows()
    twice = write(tmp_path / "twice.jsonl", [*shuffled, *shuffled])
    once, _words = run(capsys, file)
    again, _words = run(capsys, twice)
    assert (once.pop("repeated"), again.pop("repeated")) == (0, 47)
    assert again == once


def test_a_packed_file_says_the_same(capsys, tmp_path, file):
    packed = tmp_path / "old.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert run(capsys, packed)[0] == run(capsys, file)[0]


def test_the_live_desk_is_left_untouched(capsys, cast, file):
    WatchFactory(name="晴野", rule="晴野")
    take_in(SourceFactory(platform="微博"), [raw(1, "晴野今天排队")], now=NOON)

    def live():
        listed = [source.source.pk for group in sources_by_class(NOON) for source in group.sources]
        models = (Watch, Source, Heard, PostKey, Post, Topic, HourCount, Signal, Notice, Delivery)
        return listed, [list(model.objects.order_by("pk").values()) for model in models]

    before = live()
    run(capsys, file)
    assert live() == before
    exercise = Exercise.objects.get()
    assert exercise.ended_at is not None
    assert Signal.everywhere.filter(exercise=exercise).count() == 1
    assert Notice.everywhere.filter(exercise=exercise).exists()
    assert set(Source.everywhere.filter(exercise=exercise).values_list("is_enabled", flat=True)) == {False}


def test_notices_and_steps_carry_the_time_of_the_posts(capsys, cast, file):
    run(capsys, file)
    notice = Notice.everywhere.order_by("created_at").first()
    assert notice.created_at == Signal.everywhere.get().opened_at


def test_a_replay_at_a_speed_waits_for_the_clock_of_the_posts():
    posts = [("微博", raw(n, SMALL_TALK[n], at=BEGIN + n * MINUTE)) for n in range(3)]
    seen = []
    ran = replay("慢", posts, [Asked("晴野", "晴野")], speed=600, told=lambda done, now: seen.append((done, now)))
    assert seen == [(n + 1, BEGIN + n * MINUTE) for n in range(3)]
    took = ran.exercise.ended_at - ran.exercise.started_at
    assert took >= timedelta(minutes=2) / 600
    assert (ran.exercise.clock_from, ran.exercise.speed) == (BEGIN, 600)


def test_bad_lines_are_named_counted_as_rejected_and_the_others_run(capsys, tmp_path):
    file = tmp_path / "bad.jsonl"
    good = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows()[:3])
    file.write_text(f'{good}\n{{"id": "x"\n{{"id": "y", "source": "微博", "title": "晴野"}}\n')
    found, words = run(capsys, file)
    assert (found["posts_in"], found["heard"], found["rejected"]) == (5, 3, 2)
    assert "Line 4 is left out: it is not JSON." in words
    assert "Line 5 is left out: its published_at is not a time" in words


def test_watches_from_a_file_may_say_what_a_burst_is(capsys, tmp_path, file):
    watches = tmp_path / "watches.json"
    watches.write_text(json.dumps([{"name": "起火", "rule": "起火", "burst_from": 50}], ensure_ascii=False))
    found, _words = run(capsys, file, "--watch-file", str(watches))
    assert Watch.everywhere.get(name="起火").burst_from == 50
    kinds = {signal["watch"]: {reason["kind"] for reason in signal["reasons"]} for signal in found["signals"]}
    assert "burst" in kinds["晴野"]
    assert "burst" not in kinds["起火"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what to watch for"),
        (["--watch", "晴野"], "--watch is given as NAME=RULE, not as 晴野."),
        (["--watch", "晴野=(晴野"], "The rule of 晴野 cannot be read. At character 1"),
        (["--watch", "a=晴野", "--watch", "a=起火"], "Two watches are called a."),
        (["--watch", "a=晴野", "--speed", "-1"], "The speed is 0 or more."),
        (["--watch-file", "/nowhere.json"], "The watch file cannot be read"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words_and_nothing_is_written(file, arguments, words):
    with pytest.raises(CommandError) as refused:
        call_command("replay", str(file), *arguments)
    assert str(refused.value).startswith(words)
    assert Exercise.objects.count() == 0


@pytest.mark.parametrize(
    "rows_", [{}, [{"name": "a"}], [{"name": "a", "rule": 1}], [{"name": "a", "rule": "b", "x": 1}]]
)
def test_a_watch_file_of_another_shape_is_refused(tmp_path, file, rows_):
    watches = tmp_path / "watches.json"
    watches.write_text(json.dumps(rows_))
    with pytest.raises(CommandError, match="The watch file is a list"):
        call_command("replay", str(file), "--watch-file", str(watches))


def test_a_file_that_is_not_there_or_broken_is_refused_in_words(tmp_path):
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8bnot really")
    for path in (broken, tmp_path / "none.jsonl"):
        with pytest.raises(CommandError, match="The file cannot be read"):
            call_command("replay", str(path), "--watch", "晴野=晴野")


def test_for_people_it_prints_counts_and_a_line_for_each_signal(capsys, file):
    call_command("replay", str(file), "--watch", "晴野=晴野")
    first, signal, reason, *_rest = capsys.readouterr().out.splitlines()
    assert first == "47 posts: 47 heard, 7 stored, 0 of them reposts, 0 rejected"
    assert "晴野" in signal
    assert reason.startswith("    risk words at first sight: 起火")


def test_what_a_replay_wrote_is_forgotten_after_a_week_and_the_live_desk_keeps_its_own(capsys, cast, file):
    WatchFactory(rule="晴野")
    take_in(SourceFactory(), [raw(1, "晴野今天排队")], now=NOON)
    run(capsys, file)
    exercise = Exercise.objects.get()
    assert forget_replays(exercise.started_at + 6 * DAY) == 0
    assert forget_replays(exercise.started_at + 8 * DAY) == 1
    assert Exercise.objects.count() == 0
    left = [model.everywhere.count() for model in (Watch, Source, Heard, PostKey, Post, Topic, Signal, Notice)]
    assert left == [1, 1, 1, 1, 1, 1, 0, 0]
    assert Match.objects.count() == 1
