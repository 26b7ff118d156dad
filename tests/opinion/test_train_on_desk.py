"""Learning from people: what is learned from, who may ask, one training at a time, and what comes of it on the desk."""

import json
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Exercise
from accounts.versions import Stale
from audit.models import Entry
from opinion.models import Post, SentimentModel, TrainingRun
from opinion.sentiment import SHIPPED, engine, model_file
from opinion.sentiment import training as engines
from opinion.sentiment.rows import Row
from opinion.services import corrections, training
from opinion.services.sentiment import desk_engine
from tests.factories import NOON, PostFactory
from tests.opinion.factories import minutes

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def _aside(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.SENTIMENT_ENGINE = "hybrid"


def judged(cast, label, *, title="晴野", text="排队", by="monitor", at=NOON, **values):
    post = PostFactory(title=title, text=text, sentiment="neu", model_sentiment="neu", **values)
    corrections.correct(post, label, actor=cast[by], now=at)
    return post


# --- what is learned from --------------------------------------------------------------------------------------------
def test_corrections_in_force_are_rows_as_the_engines_read_posts(cast):
    judged(cast, "neg", title="门店拉胯", text="等了两小时")
    judged(cast, "neu", title="", text="明天八点开门", at=NOON + minutes(1))
    assert training.corrected_rows() == [
        Row("门店拉胯\n等了两小时", "neg", "corrections"),
        Row("明天八点开门", "neu", "corrections"),
    ]


def test_what_was_taken_back_drilled_or_erased_is_not_learned_from(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    judged(cast, "neg", exercise=drill)
    erased = judged(cast, "neg")
    Post.objects.filter(pk=erased.pk).update(title="", text="", erased_at=noon)
    post = judged(cast, "neg")
    corrections.take_back(post.corrections.get(), actor=cast["monitor"], now=noon)
    assert training.corrected_rows() == []


def test_the_newest_word_of_a_person_stands(cast):
    post = judged(cast, "neg", title="门店", text="排队")
    corrections.correct(Post.objects.get(pk=post.pk), "pos", actor=cast["pr"], now=NOON + minutes(9))
    assert training.corrected_rows() == [Row("门店\n排队", "pos", "corrections")]


def run_command(*args: object) -> tuple[dict[str, Any], str]:
    out, err = StringIO(), StringIO()
    call_command("train_sentiment", *map(str, args), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def test_the_command_learns_from_people_and_holds_some_back_by_the_same_hash(cast, tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "PACKAGE_TEXTS", 0)  # seconds instead of a minute
    said = "绝绝子的奇幻漂流"  # a phrase that no row of ours knows, so that people alone can teach it
    for number in range(40):
        judged(cast, "neg", title=f"第{number}家店", text=f"{said}{number}号")
    rows = training.corrected_rows()
    held_back = sum(row.is_held_back for row in rows)
    assert 0 < held_back < 20
    told, err = run_command("--out", tmp_path / "learned.npz")
    assert told["corrections"] == {"learned": 40 - held_back, "held_back": held_back}
    assert told["held_back"]["hybrid"]["by_source"]["corrections"]["n"] == held_back
    assert "40 of the rows were corrected or confirmed by people on this desk." in err
    assert engine("hybrid", tmp_path / "learned.npz").score([f"第99家店{said}"])[0].label == "neg"
    assert desk_engine().model_version == engine("hybrid").model_version  # nothing has changed on the desk

    without, _ = run_command("--out", tmp_path / "without.npz", "--no-corrections")
    assert without["corrections"] == {"learned": 0, "held_back": 0}
    assert without["rows"]["learned"] == told["rows"]["learned"] - (40 - held_back)
    assert without["versions"] != told["versions"]


# --- asking ----------------------------------------------------------------------------------------------------------
def test_the_head_of_the_team_asks_and_it_waits(cast, noon):
    run = training.ask(actor=cast["pr"], now=noon)
    assert (run.state, run.asked_by, run.asked_at) == ("waiting", cast["pr"], noon)
    assert Entry.objects.get().event == "opinion.training_asked"


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_one_at_a_time(cast, noon, state):
    TrainingRun.objects.create(asked_by=cast["pr"], asked_at=noon, state=state, leased_until=noon)
    with pytest.raises(Stale):
        training.ask(actor=cast["pr"], now=noon)
    assert TrainingRun.objects.count() == 1


@pytest.mark.parametrize("who", ["monitor", "legal", "gm", "spokesperson", "dept", "admin", "auditor", "outsider"])
def test_who_may_not_ask_changes_nothing(cast, signed_in, noon, who):
    with pytest.raises(PermissionDenied):
        training.ask(actor=cast[who], now=noon)
    assert signed_in(who).post(reverse("opinion:train-model")).status_code == 403
    assert TrainingRun.objects.count() == 0


def test_asking_on_the_page_rings_for_a_worker_and_says_so_twice(signed_in, django_capture_on_commit_callbacks):
    client = signed_in("pr")
    with django_capture_on_commit_callbacks() as rung:
        assert client.post(reverse("opinion:train-model")).url == "/opinion/quality/#training"
        assert client.post(reverse("opinion:train-model")).status_code == 302
    assert (len(rung), TrainingRun.objects.count()) == (1, 1)
    assert client.get(reverse("opinion:train-model")).status_code == 405


# --- the worker ------------------------------------------------------------------------------------------------------
COPY = """
import json, shutil, sys
shutil.copy({model!r}, sys.argv[sys.argv.index("--out") + 1])
print("on the way", file=sys.stderr)
print(json.dumps({{"corrections": {{"learned": 12, "held_back": 3}}}}))
"""


@pytest.fixture
def other_model(tmp_path: Path) -> Path:
    """A model that is not the shipped one."""
    model = model_file.load(SHIPPED)
    model.rules[-1] += 1e-3
    path = tmp_path / "other.npz"
    model_file.save(model, path)
    return path


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def asked(cast, now=NOON):
    training.ask(actor=cast["pr"], now=now)
    run = training.claim(now)
    assert run is not None
    return run


def test_it_ends_with_a_model_that_is_not_in_use(cast, other_model):
    run = asked(cast)
    assert training.train(run, clock=lambda: NOON, command=script(COPY.format(model=str(other_model)))) is True
    run.refresh_from_db()
    assert (run.state, run.rows, run.ended_at, run.leased_until, run.words) == ("done", 12, NOON, None, "")
    made = list(run.models_made.order_by("engine"))
    model = model_file.load(other_model)
    assert [(one.engine, one.version, one.is_used) for one in made] == [
        ("hybrid", model.hybrid_version, False),
        ("snownlp", model.snownlp_version, False),
    ]
    assert made[0].figures == model.figures
    assert desk_engine().model_version == engine("hybrid").model_version
    assert [entry.event for entry in Entry.objects.order_by("seq")] == [
        "opinion.training_asked",
        "opinion.training_ended",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys; print('Traceback', file=sys.stderr); sys.exit('there is no snownlp package')", "snownlp package"),
        ("import os; os.kill(os.getpid(), 9)", "-9"),
        ("print('{}')", "model"),  # told figures and wrote no model
        ("print('hello')", ""),
    ],
)
def test_a_training_that_fails_says_why_and_leaves_nothing(cast, text, words):
    run = asked(cast)
    assert training.train(run, clock=lambda: NOON, command=script(text)) is True
    run.refresh_from_db()
    assert (run.state, run.ended_at, SentimentModel.objects.count()) == ("failed", NOON, 0)
    assert run.words
    assert words in run.words
    assert training.ask(actor=cast["pr"], now=NOON + minutes(1)).state == "waiting"  # and it can be asked for again


def test_a_training_that_hangs_is_ended(cast, monkeypatch):
    monkeypatch.setattr(training, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(training, "LONGEST", timedelta(seconds=0.2))
    run = asked(cast)
    assert training.train(run, clock=lambda: NOON, command=script("import time; time.sleep(60)")) is True
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.words


def test_one_worker_takes_it(cast, noon):
    training.ask(actor=cast["pr"], now=noon)
    assert training.claim(noon) is not None
    assert training.claim(noon) is None


def test_what_a_dead_worker_left_is_taken_up_again(cast, noon):
    run = asked(cast, noon)
    assert training.claim(noon + training.LEASE) is None
    again = training.claim(noon + training.LEASE + timedelta(seconds=1))
    assert again == run


def test_who_lost_the_lease_stops_and_writes_nothing(cast, other_model, monkeypatch):
    monkeypatch.setattr(training, "RENEW_SECONDS", 0.05)
    run = asked(cast)
    taken = training.claim(NOON + training.LEASE + timedelta(seconds=1))
    slow = "import time; time.sleep(1)\n" + COPY.format(model=str(other_model))
    assert training.train(run, clock=lambda: NOON, command=script(slow)) is False
    run.refresh_from_db()
    assert (run.state, run.leased_until) == ("running", taken.leased_until)
    assert SentimentModel.objects.count() == 0


def test_the_lease_is_kept_while_it_lasts(cast, other_model, monkeypatch):
    monkeypatch.setattr(training, "RENEW_SECONDS", 0.05)
    times = iter(NOON + timedelta(seconds=n) for n in range(1000))
    run = asked(cast)
    slow = "import time; time.sleep(0.5)\n" + COPY.format(model=str(other_model))
    assert training.train(run, clock=lambda: next(times), command=script(slow)) is True
    assert run.leased_until > NOON + training.LEASE


def test_nothing_to_train_is_nothing_done(noon):
    assert training.claim(noon) is None


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_the_page_follows_while_it_lasts(signed_in, cast, noon, state):
    run = TrainingRun.objects.create(asked_by=cast["pr"], asked_at=noon, state=state, leased_until=noon)
    client = signed_in("gm")
    assert "data-poll-url" in client.get(reverse("opinion:training"), headers={"HX-Request": "true"}).content.decode()
    TrainingRun.objects.filter(pk=run.pk).update(state="failed", words="没有内存", ended_at=noon)
    page = client.get(reverse("opinion:training"), headers={"HX-Request": "true"}).content.decode()
    assert "没有内存" in page
    assert "data-poll-url" not in page
