"""A version is put into use by a person: checked first, on the trail, with who and since when, and back again."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Entry
from opinion.models import Post, SentimentModel
from opinion.sentiment import SHIPPED, engine, model_file
from opinion.services import sentiment
from opinion.services.pipeline import take_in
from opinion.services.sentiment import desk_engine
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _aside(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.SENTIMENT_ENGINE = "hybrid"


@pytest.fixture
def other(tmp_path: Path) -> SentimentModel:
    """A version that is kept and not in use."""
    model = model_file.load(SHIPPED)
    model.rules[-1] += 1e-3
    model_file.save(model, tmp_path / "other.npz")
    kept = sentiment.keep_model(tmp_path / "other.npz", now=NOON)
    assert [one.is_used for one in kept] == [False, False]
    return kept[0]


def test_a_person_switches_and_the_trail_says_who(cast, other, noon):
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    other.refresh_from_db()
    assert (other.is_used, other.switched_by, other.switched_at) == (True, cast["pr"], noon)
    assert desk_engine().model_version == other.version
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.detail["versions"][0]) == (
        "opinion.model_switched",
        cast["pr"],
        other.version,
    )


def test_both_engines_of_the_file_are_switched(cast, other, noon):
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    used = dict(SentimentModel.objects.filter(is_used=True).values_list("engine", "path"))
    assert used == {"hybrid": other.path, "snownlp": other.path}


def test_old_scores_keep_their_version(cast, other, noon):
    WatchFactory(rule="晴野")
    take_in(SourceFactory(), [raw(1, STORIES[0])], now=noon)
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    take_in(SourceFactory(), [raw(2, STORIES[1], at=NOON + minutes(1))], now=noon)
    shipped = engine("hybrid").model_version
    assert list(Post.objects.order_by("published_at").values_list("score_model", flat=True)) == [shipped, other.version]


def test_and_back_to_the_shipped_one(cast, other, noon):
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    sentiment.switch_model(None, actor=cast["pr"], now=noon)
    assert desk_engine().model_version == engine("hybrid").model_version
    assert [entry.actor for entry in Entry.objects.all()] == [cast["pr"]] * 2


def test_a_file_that_is_gone_is_not_switched_to(cast, other, noon, settings):
    (settings.VAR_DIR / other.path).unlink()
    with pytest.raises(model_file.ModelUnreadable):
        sentiment.switch_model(other, actor=cast["pr"], now=noon)
    assert (SentimentModel.objects.filter(is_used=True).count(), Entry.objects.count()) == (0, 0)


@pytest.mark.parametrize("who", ["monitor", "legal", "gm", "spokesperson", "dept", "admin", "auditor", "outsider"])
def test_who_may_not_switch_changes_nothing(cast, signed_in, other, noon, who):
    with pytest.raises(PermissionDenied):
        sentiment.switch_model(other, actor=cast[who], now=noon)
    assert signed_in(who).get(page_of(other)).status_code == 403
    assert signed_in(who).post(page_of(other), {"used": ""}).status_code == 403
    assert not SentimentModel.objects.filter(is_used=True).exists()


# --- the page --------------------------------------------------------------------------------------------------------
def page_of(model):
    return reverse("opinion:switch-model", args=[model.pk])


def test_a_check_page_names_both_versions_and_changes_nothing(signed_in, other):
    page = signed_in("pr").get(page_of(other)).content.decode()
    assert other.version in page
    assert not SentimentModel.objects.filter(is_used=True).exists()


def test_the_page_switches_and_switches_back(signed_in, other):
    client = signed_in("pr")
    assert client.post(page_of(other), {"used": ""}).url == reverse("opinion:quality")
    assert desk_engine().model_version == other.version
    assert other.version in client.get(reverse("opinion:use-shipped-model")).content.decode()
    client.post(reverse("opinion:use-shipped-model"), {"used": other.version})
    assert desk_engine().model_version == engine("hybrid").model_version


def test_somebody_was_faster(signed_in, cast, other, noon):
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    answer = signed_in("pr").post(reverse("opinion:use-shipped-model"), {"used": ""})
    assert answer.status_code == 409
    assert desk_engine().model_version == other.version


def test_a_damaged_file_is_told_and_nothing_is_switched(signed_in, other, settings):
    (settings.VAR_DIR / other.path).write_bytes(b"not a model")
    answer = signed_in("pr").post(page_of(other), {"used": ""}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert not SentimentModel.objects.filter(is_used=True).exists()


def test_a_model_nobody_made_is_not_found(signed_in):
    assert signed_in("pr").get(reverse("opinion:switch-model", args=[99])).status_code == 404


def test_the_quality_page_lists_them_with_who_and_since_when(signed_in, cast, other, noon):
    sentiment.switch_model(other, actor=cast["pr"], now=noon)
    made, shipped = signed_in("gm").get(reverse("opinion:quality")).context["versions"]
    assert (made.name, made.is_used, made.since, made.by) == (other.version, True, noon, str(cast["pr"]))
    assert (shipped.row, shipped.name, shipped.is_used) == (None, engine("hybrid").model_version, False)
    sentiment.switch_model(None, actor=cast["pr"], now=noon)
    made, shipped = signed_in("gm").get(reverse("opinion:quality")).context["versions"]
    assert (made.is_used, shipped.is_used, shipped.by) == (False, True, str(cast["pr"]))
    assert shipped.since == Entry.objects.order_by("-seq").first().at
