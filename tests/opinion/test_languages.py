"""In which writing a text stands, and watches that want only some."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.languages import Language, language_of
from opinion.models import Match
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("晴野茶饮今天上新", "zh"),
        ("晴野 Tea 出了新的 cold brew", "zh"),
        ("晴野の新しいお茶はとても美味しいです", "ja"),
        ("晴野の茶，这个名字好怪，点进去看还是晴野", "zh"),
        ("청야 차 신제품 출시", "ko"),
        ("Qingye Tea recalls a batch in Singapore", "latin"),
        ("https://example.test/qingye/recall 晴野召回", "zh"),
        ("110 😡😡", "zh"),
        ("Чай отозван", "other"),
    ],
)
def test_the_writing_of_a_text(text, code):
    assert language_of(text) == code


@given(st.text())
def test_any_text_has_a_language(text):
    assert language_of(text) in Language.values


@pytest.mark.django_db
def test_a_watch_hears_only_the_languages_and_classes_it_wants():
    latin = WatchFactory(rule="Qingye", languages=["latin"])
    media = WatchFactory(rule="Qingye", source_classes=["media"])
    posts = [raw(1, "Qingye Tea recalls a batch"), raw(2, "晴野 Qingye 的茶召回了")]
    take_in(SourceFactory(source_class="platform"), posts, now=NOON)
    assert set(Match.objects.values_list("watch", "post__key__external_id")) == {(latin.pk, "p1")}
    take_in(SourceFactory(source_class="media"), posts, now=NOON)
    assert Match.objects.filter(watch=media).count() == 2
