"""The quality page: how often people and the model agreed, by what and when, and what the models say of themselves."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Exercise
from audit.models import Entry
from opinion.agreement import Agreement
from opinion.models import Correction, Post, SentimentModel, TrainingRun
from opinion.selectors import quality
from opinion.sentiment.rows import read_rows
from tests.factories import NOON, PostFactory, SourceFactory

PAGE = "/opinion/quality/"


def judge(cast, said, told, *, at=NOON, by="monitor", source=None, version="test", **values):
    post = PostFactory(sentiment=said, model_sentiment=told, **({"source": source} if source else {}), **values)
    return Correction.objects.create(post=post, label=said, model_label=told, model_version=version, by=cast[by], at=at)


# --- the share and its interval --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("agreed", "n", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (1, 1, 0.207, 1.0), (81, 263, 0.255, 0.366)],
)
def test_the_interval_is_wilsons(agreed, n, low, high):
    """The last row is the example of Newcombe (1998), method 3."""
    assert [round(edge, 3) for edge in Agreement(n, agreed).interval] == [low, high]


def test_of_nothing_nothing_is_known():
    assert (Agreement(0, 0).share, Agreement(0, 0).interval) == (None, None)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_share_lies_in_its_interval(both):
    one = Agreement(*both)
    low, high = one.interval
    assert 0 <= low <= one.share + 1e-12
    assert one.share - 1e-12 <= high <= 1


# --- what is counted -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_counts_overall_by_sentiment_class_version_and_week(cast):
    media = SourceFactory(source_class="media")
    judge(cast, "neg", "neg")
    judge(cast, "neg", "neu", by="pr")
    judge(cast, "neg", "neu", source=media, at=NOON + timedelta(days=7))
    judge(cast, "pos", "pos", source=media, at=NOON + timedelta(days=7), version="newer")
    found = quality.judgement()
    assert (found.all, found.people, found.since) == (Agreement(4, 2), 2, NOON)
    assert [(said.value, counts, one) for said, counts, one in found.matrix] == [
        ("neg", [1, 2, 0], Agreement(3, 1)),
        ("neu", [0, 0, 0], Agreement(0, 0)),
        ("pos", [0, 0, 1], Agreement(1, 1)),
    ]
    classes = {one.value: agreed for one, agreed in found.classes}
    assert (classes["platform"], classes["media"]) == (Agreement(2, 1), Agreement(2, 1))
    assert [(f"{week:%F}", one) for week, one in found.weeks] == [
        ("2026-11-16", Agreement(2, 1)),
        ("2026-11-23", Agreement(2, 1)),
    ]
    assert found.by_version == {"test": Agreement(3, 1), "newer": Agreement(1, 1)}


@pytest.mark.django_db
def test_a_week_begins_on_monday_midnight_in_the_companys_zone(cast):
    midnight = NOON.replace(day=22, hour=16)  # Monday 00:00 in Shanghai
    judge(cast, "neg", "neg", at=midnight - timedelta(seconds=1))
    judge(cast, "neg", "neu", at=midnight)
    assert [(f"{week:%F}", one.agreed) for week, one in quality.judgement().weeks] == [
        ("2026-11-16", 1),
        ("2026-11-23", 0),
    ]


@pytest.mark.django_db
def test_what_was_taken_back_or_drilled_counts_for_nothing(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    judge(cast, "neg", "pos", exercise=drill)
    Correction.objects.filter(pk=judge(cast, "neg", "pos").pk).update(taken_back_at=noon, taken_back_by=cast["pr"])
    assert quality.judgement().all == Agreement(0, 0)
    assert quality.disagreements() == []


@pytest.mark.django_db
def test_the_newest_20_disagreements(cast):
    said = [judge(cast, "neg", "pos", at=NOON + timedelta(minutes=n)) for n in range(22)]
    judge(cast, "neg", "neg", at=NOON + timedelta(hours=9))
    assert quality.disagreements() == said[:1:-1]


# --- the page --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *[(name, 200) for name in ("monitor", "pr", "gm", "spokesperson", "head")],
        *[(name, 403) for name in ("dept", "auditor", "admin", "outsider")],
    ],
)
def test_who_sees_it(signed_in, who, status):
    client = signed_in(who)
    assert [client.get(url).status_code for url in (PAGE, reverse("opinion:training"))] == [status, status]


@pytest.mark.django_db
def test_nobody_judged_yet_is_said_with_the_next_step(signed_in):
    page = signed_in("gm").get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    assert "Nobody has judged a post yet" in page
    assert 'href="/inbox/"' in page


@pytest.mark.django_db
def test_it_says_how_many_and_that_they_were_chosen_by_people(signed_in, cast):
    judge(cast, "neg", "neu")
    judge(cast, "neg", "neg")
    post = Post.objects.order_by("pk")[0]
    answer = signed_in("gm").get(PAGE, headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert "50%" in page
    assert "95 % interval 9% to 91%" in page
    assert "chosen by people, not by chance" in page
    assert f"/inbox/{post.uuid}/" in page
    assert "data as of" in page
    assert answer.context["chart"]["labels"] == ["11-16 · n=2"]


@pytest.mark.django_db
def test_the_figures_of_the_model_in_use_stand_beside_the_shipped_ones(signed_in, settings):
    settings.SENTIMENT_ENGINE = "hybrid"
    one = signed_in("gm").get(PAGE).context["figures"]
    assert one.columns[0].n > 0
    assert [column.version for column in one.columns].count(one.columns[0].version) == 1  # in use is the shipped one
    held = {"n": 200, "macro_f1": 0.75, "macro_f1_interval": [0.7, 0.8]}
    SentimentModel.objects.create(
        version="hybrid-ours",
        engine="hybrid",
        path="models/ours.npz",
        figures={"rows": {"learned": 900}, "held_back": {"hybrid": {"all": held}}},
        made_at=NOON,
        is_used=True,
    )
    two = signed_in("gm").get(PAGE).context["figures"]
    assert (two.columns[0].version, two.columns[0].n) == ("hybrid-ours", 200)
    assert [(column.version, column.n) for column in two.columns[1:]] == [
        (column.version, column.n) for column in one.columns
    ]
    assert [cells[0] for _words, cells in two.rows][:2] == [(0.75, 0.7, 0.8), None]  # the file does not tell the second


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(signed_in, cast, noon):
    client, numbers = signed_in("pr"), []
    client.get(PAGE)  # the first page of a session does more
    for count in (1, 3):
        for number in range(count):
            judge(cast, "neg", "pos", by="monitor")
            run = TrainingRun.objects.create(asked_by=cast["pr"], asked_at=noon, state="done", ended_at=noon)
            model = SentimentModel.objects.create(
                version=f"hybrid-{count}{number}", engine="hybrid", path=f"{count}{number}.npz", made_at=noon
            )
            run.models_made.add(model)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


# --- the export ------------------------------------------------------------------------------------------------------
EXPORT = "/opinion/quality/corrections/"


def taken(client):
    answer = client.post(EXPORT)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(answer.streaming_content).decode()


@pytest.mark.django_db
def test_the_export_can_be_trained_on_and_is_on_the_trail(signed_in, cast, tmp_path):
    judge(cast, "neg", "neu", title="门店拉胯", text="等了两小时，\n还没有座位", platform="微博")
    text = taken(signed_in("pr"))
    assert text.startswith("\ufefftext,label,source,")
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8", newline="")
    [row] = read_rows(path)
    assert (row.text, row.label, row.source) == ("门店拉胯\n等了两小时，\n还没有座位", "neg", "微博")
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.detail) == ("opinion.corrections_exported", cast["pr"], {"rows": 1})


@pytest.mark.django_db
def test_no_cell_of_it_runs_in_a_spreadsheet(signed_in, cast):
    judge(cast, "neg", "neu", title="=HYPERLINK(1)", text="")
    [_head, row] = csv.reader(io.StringIO(taken(signed_in("pr")).removeprefix("\ufeff")))
    assert row[0] == "'=HYPERLINK(1)"


@pytest.mark.django_db
def test_words_that_were_erased_are_not_taken_out(signed_in, cast, noon):
    said = judge(cast, "neg", "neu")
    Post.objects.filter(pk=said.post_id).update(title="", text="", erased_at=noon)
    assert taken(signed_in("pr")).count("\r\n") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["monitor", "gm", "spokesperson", "dept", "auditor", "outsider"])
def test_who_may_not_take_it(signed_in, who):
    assert signed_in(who).post(EXPORT).status_code == 403
    assert Entry.objects.filter(event="opinion.corrections_exported").count() == 0
