"""录入线索: what a person saw goes through the same pipeline, under a source of its own, once."""

import pytest
from django.urls import reverse

from audit.models import Entry
from opinion.models import Match, Post, Source
from tests.factories import WatchFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/inbox/enter/"


def test_a_lead_becomes_a_post_and_is_opened(signed_in, cast):
    WatchFactory(rule="晴野")
    values = {"text": "同事群里说晴野要召回\n电话13812345678", "platform": "微信群", "url": "https://example.com/1"}
    answer = signed_in("monitor").post(ADDRESS, values)
    post = Post.objects.get()
    assert answer.url == reverse("monitoring:open-post", args=[post.uuid])
    assert (post.title, post.text, post.platform) == ("同事群里说晴野要召回", "电话138****5678", "微信群")
    assert (post.source.source_class, post.source.is_enabled) == ("own", False)
    assert Entry.objects.get().event == "opinion.lead_entered"


def test_the_same_lead_again_leads_to_the_same_post(signed_in):
    WatchFactory(rule="晴野")
    client = signed_in("monitor")
    values = {"text": "晴野要召回", "platform": "微信群"}
    assert client.post(ADDRESS, values).url == client.post(ADDRESS, values).url
    assert (Post.objects.count(), Entry.objects.count()) == (1, 1)


def test_what_no_rule_wants_needs_a_watch_and_gets_it(signed_in):
    watch = WatchFactory(rule="晴野")
    client = signed_in("monitor")
    values = {"text": "楼下那家奶茶店要出事", "platform": "电话"}
    refused = client.post(ADDRESS, values)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["watch"]
    assert not Post.objects.exists()
    assert client.post(ADDRESS, {**values, "watch": str(watch.uuid)}).status_code == 302
    assert Match.objects.get().watch == watch


def test_wrong_input_is_refused_at_its_field(signed_in):
    answer = signed_in("monitor").post(ADDRESS, {"text": " ", "platform": "", "url": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"text", "platform", "url"}
    assert not Source.objects.exists()


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "admin", "outsider"])
def test_who_may_not_enter_one_is_refused(signed_in, who):
    client = signed_in(who)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"text": "晴野", "platform": "电话"}).status_code == 403
    assert not Post.objects.exists()
