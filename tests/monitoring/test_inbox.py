"""分诊: the queue and the reader, who sees them, what the address keeps, and that pages stay cheap."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.models import Signal
from monitoring.selectors import waiting_count
from opinion.models import Post
from opinion.services.pipeline import take_in
from tests.factories import NOON, MatchFactory, PostFactory, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db

INBOX = "/inbox/"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("monitor", 200),
        ("pr", 200),
        ("legal", 200),
        ("gm", 200),
        ("member", 200),
        ("spokesperson", 200),
        ("head", 200),
        ("dept", 403),
        ("auditor", 403),
        ("security", 403),
        ("admin", 403),
        ("outsider", 403),
    ],
)
def test_who_sees_the_inbox(signed_in, who, status):
    post = PostFactory()
    client = signed_in(who)
    assert client.get(INBOX).status_code == status
    assert client.get(reverse("monitoring:fresh")).status_code == status
    assert client.get(reverse("monitoring:open-post", args=[post.uuid])).status_code == status


def test_who_only_reads_gets_no_buttons(signed_in):
    PostFactory()
    page = signed_in("gm").get(INBOX).content.decode()
    assert "/ignore/" not in page
    assert "/snooze/" not in page
    assert "/inbox/enter/" not in page


def test_it_wants_a_sign_in(client):
    assert client.get(INBOX).status_code == 302


def rows(answer):
    return [row.post for row in answer.context["page"].rows]


def test_the_queue_holds_waiting_originals_the_newest_first(signed_in):
    old = PostFactory(published_at=NOON - timedelta(hours=2))
    new = PostFactory(published_at=NOON)
    PostFactory(original=new)
    PostFactory(triage="ignored")
    answer = signed_in("monitor").get(INBOX)
    assert rows(answer) == [new, old]
    assert answer.context["post"] == new
    assert answer.context["counts"] == {"waiting": 2, "attached": 0, "snoozed": 0, "ignored": 1}


def test_posts_of_an_exercise_stay_out(signed_in, noon):
    from accounts.models import Exercise

    drill = Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon)
    post = PostFactory(exercise=drill)
    client = signed_in("monitor")
    assert rows(client.get(INBOX)) == []
    assert client.get(reverse("monitoring:open-post", args=[post.uuid])).status_code == 404


def test_the_address_keeps_the_filters(signed_in):
    watch = WatchFactory()
    media = SourceFactory(source_class="media", platform="城市晚报")
    wanted = PostFactory(
        source=media, platform="城市晚报", sentiment="neg", title="晴野换标签", tokens="晴野 换 标签", author="甲"
    )
    MatchFactory(watch=watch, post=wanted)
    PostFactory(sentiment="pos")
    client = signed_in("monitor")
    for query in (
        f"watch={watch.uuid}",
        "sentiment=neg",
        "source_class=media",
        f"platform={quote('城市晚报')}",
        f"q={quote('换标签')}",
        f"watch={watch.uuid}&sentiment=neg&q={quote('换标签')}",
        f"q=@{quote('甲')}",
    ):
        answer = client.get(f"{INBOX}?{query}")
        assert rows(answer) == [wanted], query
        assert reverse("monitoring:open-post", args=[wanted.uuid]) + "?" in answer.content.decode()


def test_a_filter_that_means_nothing_is_left_out(signed_in):
    PostFactory()
    answer = signed_in("monitor").get(f"{INBOX}?watch=nonsense&sentiment=maybe&state=gone&after=x")
    assert (answer.status_code, len(rows(answer))) == (200, 1)


def test_the_search_takes_percent_signs_literally(signed_in):
    PostFactory(title="满 100% 减 50", tokens="满 100 减 50")
    PostFactory(title="满 100 减 50", tokens="满 100 减 50")
    assert len(rows(signed_in("monitor").get(f"{INBOX}?q=100%25"))) == 1


def test_more_follows_where_the_page_ended(signed_in):
    posts = [PostFactory(published_at=NOON - minutes(n)) for n in range(35)]
    client = signed_in("monitor")
    first = client.get(INBOX)
    assert rows(first) == posts[:30]
    after = first.context["page"].after
    more = client.get(f"{INBOX}?after={after}", headers={"HX-Request": "true", "HX-Target": "more"}).content.decode()
    assert [f'id="row-{post.uuid}"' in more for post in posts] == [False] * 30 + [True] * 5
    assert 'id="more"' not in more
    assert rows(client.get(f"{INBOX}?after={after}")) == posts[30:]


def test_what_strangers_wrote_is_escaped_and_the_words_are_marked(signed_in):
    post = PostFactory(
        title="<script>alert(1)</script>", text="<img src=x onerror=alert(1)> 晴野换标签", author="<i>甲</i>"
    )
    MatchFactory(post=post, words=["晴野"])
    page = signed_in("monitor").get(INBOX).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>甲" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; <mark>晴野</mark>换标签" in page


def test_a_row_shows_the_suggestion_of_its_storys_open_signal(signed_in):
    topic = TopicFactory()
    post = PostFactory()
    MatchFactory(watch=topic.watch, post=post, topic=topic)
    Signal.objects.create(
        watch=topic.watch, topic=topic, kind="burst", opened_at=NOON, grown_at=NOON, suggestion="2", reasons=[]
    )
    [row] = signed_in("monitor").get(INBOX).context["page"].rows
    assert (row.signal.suggestion, len(row.spark)) == ("2", 16)


def test_the_reader_says_unknown_where_the_source_said_nothing(signed_in):
    post = PostFactory(likes=1200, comments=None, reposts=None, reads=None)
    answer = signed_in("monitor").get(reverse("monitoring:open-post", args=[post.uuid]))
    reading = answer.context["reading"]
    assert reading.engagement == 1200
    assert [number for _name, number in reading.metrics] == [None, None, 1200, None, None, None, None]


def test_the_reader_shows_reposts_scores_and_risks(signed_in):
    WatchFactory(rule="晴野")
    source = SourceFactory()
    take_in(source, [raw(1, "晴野门店后厨起火，店员烫伤，太可怕了大家小心"), raw(2, STORIES[1])], now=NOON)
    take_in(source, [raw(3, "//@甲:晴野门店后厨起火，店员烫伤，太可怕了大家小心", at=NOON + minutes(3))], now=NOON)
    post = Post.objects.get(key__external_id="p1")
    reading = signed_in("monitor").get(reverse("monitoring:open-post", args=[post.uuid])).context["reading"]
    assert [copy.key.external_id for copy in reading.copies] == ["p3"]
    assert reading.risks[0][0] == "起火"
    assert all(set(reason) == {"text", "kind", "about", "pulls"} for reason in reading.reasons)


def test_the_original_opens_apart_and_tells_nothing_of_us(signed_in):
    post = PostFactory(url="https://example.com/1?a=1&b=2")
    page = signed_in("monitor").get(reverse("monitoring:open-post", args=[post.uuid])).content.decode()
    link = 'href="https://example.com/1?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow"'
    assert link in page


def test_htmx_gets_the_reader_alone(signed_in):
    post = PostFactory()
    address = reverse("monitoring:open-post", args=[post.uuid])
    part = signed_in("monitor").get(address, headers={"HX-Request": "true", "HX-Target": "reader"}).content.decode()
    assert "<html" not in part
    assert post.text in part


def test_an_empty_inbox_says_what_was_done_and_which_sources_are_silent(signed_in, noon):
    SourceFactory(name="知乎热榜", failures=9, health="unreachable", last_good_at=noon)
    answer = signed_in("monitor").get(INBOX)
    assert [source.name for source in answer.context["silent"]] == ["知乎热榜"]
    assert answer.context["done"]["all"] == 0
    assert "知乎热榜" in answer.content.decode()


def test_the_count_beside_triage(cast):
    PostFactory()
    PostFactory(triage="snoozed")
    assert (waiting_count(cast["monitor"]), waiting_count(cast["dept"])) == (1, 0)


def story_rows(number):
    for n in range(number):
        topic = TopicFactory()
        post = PostFactory(published_at=NOON - minutes(n))
        for watch in (topic.watch, WatchFactory()):
            MatchFactory(watch=watch, post=post, topic=topic)
        PostFactory(original=post)
        Signal.objects.create(
            watch=topic.watch, topic=topic, kind="burst", opened_at=NOON, grown_at=NOON, suggestion="2", reasons=[]
        )


def test_the_page_takes_the_same_queries_at_one_row_and_at_three(signed_in):
    client = signed_in("monitor")
    client.get(INBOX)  # the first request of a session writes it
    counts = []
    for more in (1, 2):
        story_rows(more)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(INBOX).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 35
