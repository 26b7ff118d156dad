"""A person asks what is kept about them, for a copy or for erasure: found, shown, answered once, written down."""

import io
import json
import zipfile
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.secrets import decrypt
from accounts.versions import Stale
from audit.models import Entry
from opinion import tasks
from opinion.models import (
    Heard,
    Match,
    PersonalRequest,
    Post,
    PostBand,
    PostEdit,
    PostKey,
    PostOriginal,
    Topic,
    WordCount,
)
from opinion.services import erasure
from opinion.services import personal as services
from opinion.services.pipeline import Intake, take_in
from opinion.services.retention import hash_authors, hashed_names
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db

OWN = raw(1, "晴野茶饮的店长电话13812345678，我是周小满", author="小周爱喝茶", likes=7)
MENTION = raw(2, "晴野茶饮被周小满举报了，大家去问@小周爱喝茶 吧", author="路人乙")
OTHER = raw(3, "晴野茶饮新品上市，@小周爱喝茶叶 说好喝", author="小周爱喝茶叶")
NUMBER = raw(4, "晴野茶饮打 138-1234-5678 就能退款", author="路人丙")
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


@pytest.fixture
def said(source):
    """Four posts: theirs, one that names them, one by a similar account, one with their number."""
    WatchFactory(rule="晴野")
    take_in(source, [OWN, MENTION, OTHER, NUMBER], now=NOON)
    return {post.key.external_id: post for post in Post.objects.select_related("key")}


def ask(actor, kind="erase", accounts=(("微博", "小周爱喝茶"),), words=("周小满", "13812345678")):
    request = services.enter_request(
        kind=kind, accounts=accounts, words=words, reference="来函 12", asked_on=NOON.date(), actor=actor, now=NOON
    )
    tasks.look_for_people()
    request.refresh_from_db()
    return request


def found(request):
    return services.subject_of(request).found


def erase(request, actor, **more):
    erasure.order_erasure(request, **{"seen_version": request.version, "actor": actor, "fresh": True, **more})
    erasure.go_on(PersonalRequest.objects.get(pk=request.pk), now=LATER)
    request.refresh_from_db()


# --- finding ---------------------------------------------------------------------------------------------------------
def test_their_posts_those_that_name_them_and_those_with_their_number_are_found(cast, said):
    request = ask(cast["pr"])
    assert found(request) == {"own": [said["p1"].pk], "mentions": [said["p2"].pk], "numbers": [said["p4"].pk]}
    counts = {name: request.counts[name] for name in ("own", "mentions", "numbers", "originals", "heard", "own_held")}
    assert counts == {"own": 1, "mentions": 1, "numbers": 1, "originals": 2, "heard": 2, "own_held": 0}


def test_posts_whose_author_is_hashed_already_are_found_too(cast, said):
    hash_authors([said["p1"]])
    assert Post.objects.get(pk=said["p1"].pk).author == hashed_names("微博", "小周爱喝茶")[0]
    assert found(ask(cast["pr"], words=()))["own"] == [said["p1"].pk]


def test_an_account_of_the_same_name_on_another_platform_is_somebody_else(cast, said):
    assert found(ask(cast["pr"], accounts=(("知乎", "小周爱喝茶"),), words=("没有人",)))["own"] == []


def test_an_account_name_that_is_masked_is_found_as_it_was_entered(cast, source, said):
    take_in(source, [raw(9, "晴野茶饮排队", author="小王13912345678")], now=NOON)
    assert len(found(ask(cast["pr"], accounts=(("微博", "小王13912345678"),), words=()))["own"]) == 1


def test_who_asks_is_encrypted_and_in_no_audit_entry(cast, said):
    request = ask(cast["pr"])
    assert "周小满".encode() not in bytes(request.subject)
    assert json.loads(decrypt(bytes(request.subject)))["words"] == ["周小满", "13812345678"]
    erase(request, cast["pr"])
    for entry in Entry.objects.all():
        told = f"{entry.subject} {json.dumps(entry.detail, ensure_ascii=False)}"
        assert not any(name in told for name in ("周小满", "小周", "13812345678", "来函"))
    events = list(Entry.objects.order_by("seq").values_list("event", flat=True))
    assert events == ["opinion.personal_request_entered", "opinion.personal_request_answered"]


def test_words_that_name_half_the_desk_are_refused(cast, said, monkeypatch):
    monkeypatch.setattr(services, "MOST", 3)
    request = ask(cast["pr"], accounts=(), words=("晴野",))
    assert (request.counts["too_many"], found(request)) == (3, None)
    with pytest.raises(Stale):
        erase(request, cast["pr"])


def test_a_search_that_somebody_restarted_writes_nothing(cast, said):
    request = ask(cast["pr"])
    stale = PersonalRequest.objects.get(pk=request.pk)
    services.look_again(request, seen_version=request.version, actor=cast["pr"])
    services.look_for(stale, now=LATER)
    request.refresh_from_db()
    assert (request.counts, found(request)) == ({}, None)


# --- a copy ----------------------------------------------------------------------------------------------------------
def test_the_copy_holds_their_words_unmasked_and_others_masked_without_their_names(cast, said):
    request = ask(cast["pr"], kind="export")
    copy = services.answer_with_copy(request, seen_version=request.version, actor=cast["pr"], now=LATER)
    [own] = copy["posts"]
    assert (own["author"], own["text"]) == ("小周爱喝茶", OWN.text)
    assert [(post["author"], post["text"]) for post in copy["mentions"]] == [
        ("", MENTION.text),
        ("", "晴野茶饮打 138-****-5678 就能退款"),
    ]
    request.refresh_from_db()
    assert (request.answered_by, request.answered_at, found(request)) == (cast["pr"], LATER, None)


def test_the_copy_is_handed_over_once(cast, said, signed_in):
    request = ask(cast["pr"], kind="export")
    url = reverse("opinion:export-personal", args=[request.uuid])
    client = signed_in("pr")
    response = client.post(url, {"version": request.version})
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as file:
        assert file.namelist() == ["posts.json", "posts.csv"]
        assert len(json.loads(file.read("posts.json"))["posts"]) == 1
        assert file.read("posts.csv").decode().count("\r\n") == 4
    assert client.post(url, {"version": request.version + 1}).status_code == 409
    assert Entry.objects.filter(event="opinion.personal_request_answered").count() == 1


# --- erasure ---------------------------------------------------------------------------------------------------------
def test_their_posts_lose_their_words_but_keep_row_key_and_numbers(cast, said):
    erase(ask(cast["pr"]), cast["pr"])
    post = Post.objects.get(pk=said["p1"].pk)
    assert (post.title, post.text, post.author, post.url, post.tokens, post.reasons) == ("", "", "", "", "", [])
    assert (post.erased_at, post.likes, post.key.external_id) == (LATER, 7, "p1")
    assert not PostBand.objects.filter(post=post).exists()
    assert not PostOriginal.objects.exists()
    assert Heard.objects.get(external_id="p1").text == ""
    assert Match.objects.filter(post=post).count() == 1


def test_the_same_post_polled_again_stays_erased(cast, said, source):
    erase(ask(cast["pr"]), cast["pr"])
    Heard.objects.all().delete()  # a week later the buffer has forgotten it as well
    assert take_in(source, [OWN], now=LATER) == Intake(known=1)
    post = Post.objects.get(pk=said["p1"].pk)
    assert (post.text, post.author, PostKey.objects.count(), Heard.objects.count()) == ("", "", 4, 0)


def test_in_posts_of_others_they_are_starred_out_and_the_words_cut_anew(cast, said):
    erase(ask(cast["pr"]), cast["pr"])
    post = Post.objects.get(pk=said["p2"].pk)
    assert (post.text, post.author) == ("晴野茶饮被***举报了，大家去问****** 吧", "路人乙")
    assert "晴野" in post.tokens
    assert not {"周小满", "小满", "小周"} & set(post.tokens.split())
    assert Heard.objects.get(external_id="p2").text == post.text
    other = Post.objects.get(pk=said["p3"].pk)
    assert (other.text, other.author) == (OTHER.text, OTHER.author)


def test_stories_and_keywords_name_them_no_more(cast, said):
    topic = Topic.objects.filter(matches__post=said["p1"]).first()
    topic.title = said["p1"].text
    topic.save()
    assert WordCount.objects.filter(word="周小满").exists()
    erase(ask(cast["pr"]), cast["pr"])
    for title, terms in Topic.objects.values_list("title", "terms"):
        assert "周小满" not in title
        assert "周小满" not in terms
    assert not WordCount.objects.filter(word="周小满").exists()
    topic.refresh_from_db()
    assert topic.title


def test_evidence_keeps_its_words_but_not_its_author_and_the_answer_says_so(cast, said):
    Post.objects.filter(pk__in=[said["p1"].pk, said["p2"].pk, said["p4"].pk]).update(is_held=True)
    request = ask(cast["pr"])
    erase(request, cast["pr"])
    own, mention = Post.objects.get(pk=said["p1"].pk), Post.objects.get(pk=said["p2"].pk)
    assert (own.text, own.author, own.erased_at) == (said["p1"].text, hashed_names("微博", "小周爱喝茶")[0], None)
    assert mention.text == MENTION.text
    assert PostOriginal.objects.count() == 2
    done = {name: request.counts[name] for name in ("erased", "kept", "masked", "mentions_kept", "emptied")}
    assert done == {"erased": 0, "kept": 1, "masked": 0, "mentions_kept": 2, "emptied": 0}


def test_an_erasure_that_died_half_way_is_finished_by_the_next(cast, said, monkeypatch):
    request = ask(cast["pr"])
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_mask_mentions", lambda *given, **more: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            erase(request, cast["pr"])
    request.refresh_from_db()
    assert (request.answered_at, Post.objects.get(pk=said["p1"].pk).text) == (None, "")
    assert (request.counts["gone"], request.counts["to_go"]) == (1, 3)
    tasks.erase_people()
    request.refresh_from_db()
    assert (request.counts["erased"], request.counts["masked"], request.counts["gone"]) == (1, 1, 3)
    assert request.answered_by == cast["pr"]


def test_of_two_workers_at_one_erasure_the_slower_ends_and_nothing_is_counted_twice(cast, said):
    request = ask(cast["pr"])
    erasure.order_erasure(request, seen_version=request.version, actor=cast["pr"], fresh=True)
    slower = PersonalRequest.objects.get(pk=request.pk)
    tasks.erase_people()
    erasure.go_on(slower, now=LATER)
    request.refresh_from_db()
    assert (request.counts["erased"], request.counts["masked"], request.counts["emptied"]) == (1, 1, 2)
    assert Entry.objects.filter(event="opinion.personal_request_answered").count() == 1


def test_what_is_being_erased_is_neither_looked_for_again_nor_ordered_twice(cast, said):
    request = ask(cast["pr"])
    erasure.order_erasure(request, seen_version=request.version, actor=cast["pr"], fresh=True)
    request.refresh_from_db()
    for act in (services.look_again, partial(erasure.order_erasure, fresh=True)):
        with pytest.raises(Stale):
            act(request, seen_version=request.version, actor=cast["pr"])


def test_without_a_fresh_credential_nothing_is_erased(cast, said):
    request = ask(cast["pr"])
    with pytest.raises(PermissionDenied):
        erase(request, cast["pr"], fresh=False)
    assert Post.objects.get(pk=said["p1"].pk).text


def test_of_two_who_answer_the_second_is_told(cast, said):
    request = ask(cast["pr"])
    seen = request.version
    erase(request, cast["pr"])
    with pytest.raises(Stale):
        erase(PersonalRequest.objects.get(pk=request.pk), cast["pr"], seen_version=seen)


# --- pages -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "listed", "opened"), [("pr", 200, 200), ("auditor", 200, 403), ("monitor", 403, 403)])
def test_who_may_see_requests_and_who_they_are_about(cast, said, signed_in, who, listed, opened):
    request = ask(cast["pr"])
    client = signed_in(who)
    page = client.get(reverse("opinion:personal"))
    assert page.status_code == listed
    assert "周小满" not in page.content.decode()
    assert client.get(reverse("opinion:personal-request", args=[request.uuid])).status_code == opened


def test_a_request_is_entered_looked_for_and_shown(cast, said, signed_in, django_capture_on_commit_callbacks):
    client = signed_in("pr")
    form = {"kind": "erase", "accounts": "微博 小周爱喝茶\n", "words": "周小满", "asked_on": "2020-01-02"}
    response = client.post(reverse("opinion:enter-personal"), form)
    request = PersonalRequest.objects.get()
    assert response.url == reverse("opinion:personal-request", args=[request.uuid])
    assert "every 3s" in client.get(response.url).content.decode()
    tasks.look_for_people()
    page = client.get(response.url).content.decode()
    assert "every 3s" not in page
    assert "小周爱喝茶" in page


@pytest.mark.parametrize(
    "wrong", [{"accounts": "小周"}, {"words": "周"}, {"accounts": "", "words": ""}, {"asked_on": "2999-01-01"}]
)
def test_a_request_that_names_nobody_is_not_entered(cast, signed_in, wrong):
    form = {"kind": "erase", "accounts": "微博 小周爱喝茶", "words": "周小满", "asked_on": "2020-01-02", **wrong}
    assert signed_in("pr").post(reverse("opinion:enter-personal"), form).status_code == 422
    assert not PersonalRequest.objects.exists()


def test_today_is_the_day_in_the_company_s_zone(cast, signed_in):
    form = {"kind": "erase", "accounts": "微博 小周爱喝茶", "words": "", "asked_on": "2026-11-19"}
    with time_machine.travel("2026-11-18T20:00Z", tick=False):  # it is the 19th in Shanghai
        assert signed_in("pr").post(reverse("opinion:enter-personal"), form).status_code == 302
    assert PersonalRequest.objects.get().asked_on.day == 19


def test_the_check_page_asks_for_a_fresh_credential_and_a_get_erases_nothing(cast, said, signed_in, monkeypatch):
    request = ask(cast["pr"])
    url = reverse("opinion:erase-personal", args=[request.uuid])
    client = signed_in("pr")
    assert client.get(url).url.startswith(reverse("account_reauthenticate"))
    assert client.post(url, {"version": request.version, "confirm": "yes"}).url.startswith(
        reverse("account_reauthenticate")
    )
    assert Post.objects.get(pk=said["p1"].pk).text
    monkeypatch.setattr("opinion.views.personal.is_fresh", lambda request: True)
    assert client.get(url).status_code == 200
    assert Post.objects.get(pk=said["p1"].pk).text
    assert client.post(url, {"version": request.version, "confirm": "yes"}).status_code == 302
    page = client.get(reverse("opinion:personal-request", args=[request.uuid])).content.decode()
    assert ("every 3s" in page, reverse("opinion:look-again", args=[request.uuid]) in page) == (True, False)
    tasks.erase_people()
    assert Post.objects.get(pk=said["p1"].pk).text == ""


def test_the_list_takes_the_same_queries_for_one_request_and_for_three(
    cast, said, signed_in, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in("pr")
    ask(cast["pr"])
    client.get(reverse("opinion:personal"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("opinion:personal"))
    ask(cast["pr"])
    ask(cast["pr"])
    with django_assert_num_queries(len(one)):
        client.get(reverse("opinion:personal"))


# --- opening an original ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"), [("pr", 200), ("legal", 200), ("monitor", 403), ("gm", 403), ("auditor", 403)]
)
def test_who_may_open_the_unmasked_original(cast, said, signed_in, who, status):
    url = reverse("opinion:open-original", args=[said["p1"].uuid])
    assert signed_in(who).get(url).status_code == status


def test_an_original_is_shown_once_with_a_reason_in_the_trail(cast, said, signed_in):
    url = reverse("opinion:open-original", args=[said["p1"].uuid])
    client = signed_in("legal")
    assert "13812345678" not in client.get(url).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert not Entry.objects.filter(event="opinion.original_opened").exists()
    shown = client.post(url, {"reason": "核对投诉人 13912345678"})
    assert "13812345678" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = Entry.objects.get(event="opinion.original_opened")
    assert (entry.actor, entry.subject) == (cast["legal"], f"post:{said['p1'].uuid}")
    assert entry.detail == {"reason": "核对投诉人 139****5678"}
    assert "13812345678" not in client.get(url).content.decode()


def test_a_post_in_which_nothing_was_masked_has_no_original(cast, said, signed_in):
    url = reverse("opinion:open-original", args=[said["p3"].uuid])
    assert signed_in("pr").post(url, {"reason": "看看"}).status_code == 200
    assert not Entry.objects.filter(event="opinion.original_opened").exists()


def test_the_reader_offers_the_original_only_where_there_is_one_to_those_who_may(cast, said, signed_in):
    def offers(who, post):
        page = signed_in(who).get(reverse("monitoring:open-post", args=[post.uuid])).content.decode()
        return reverse("opinion:open-original", args=[post.uuid]) in page

    assert offers("pr", said["p1"])
    assert not offers("pr", said["p3"])
    assert not offers("monitor", said["p1"])


def test_an_erased_post_says_so_where_it_is_read(cast, said, signed_in):
    erase(ask(cast["pr"]), cast["pr"])
    client = signed_in("pr")
    page = client.get(reverse("monitoring:open-post", args=[said["p1"].uuid])).content.decode()
    assert 'class="note info">' in page
    assert "周小满" not in page


def test_the_page_says_what_is_kept_how_long(signed_in, settings):
    settings.AUTHOR_DAYS = 91
    page = signed_in("auditor").get(reverse("opinion:personal")).content.decode()
    assert "91" in page
    assert "180" in page


# --- earlier words of edited posts -----------------------------------------------------------------------------------
def test_a_post_that_named_them_before_it_was_edited_is_found_and_starred(cast, source, said):
    harmless = raw(2, "晴野茶饮被顾客举报了，大家小心", author="路人乙")
    take_in(source, [harmless], now=LATER)
    request = ask(cast["pr"])
    assert found(request)["mentions"] == [said["p2"].pk]
    erase(request, cast["pr"])
    edit = PostEdit.objects.get()
    assert edit.text == MENTION.text.replace("周小满", "***").replace("@小周爱喝茶", "******")
    assert Post.objects.get(pk=said["p2"].pk).text == harmless.text


def test_what_was_erased_or_starred_is_not_said_again_by_its_source(cast, source, said):
    erase(ask(cast["pr"]), cast["pr"])
    before = list(Post.objects.order_by("pk").values("title", "text"))
    changed = raw(2, MENTION.text + "（更新：周小满已回应）", author="路人乙")
    take_in(source, [OWN, MENTION, OTHER, NUMBER], now=LATER)
    take_in(source, [changed], now=LATER)
    assert list(Post.objects.order_by("pk").values("title", "text")) == before
    assert not PostEdit.objects.exists()


def test_their_erased_posts_keep_no_earlier_words(cast, source, said):
    take_in(source, [raw(1, "晴野茶饮的店长态度很差", author="小周爱喝茶")], now=LATER)
    assert PostEdit.objects.count() == 1
    erase(ask(cast["pr"]), cast["pr"])
    assert not PostEdit.objects.exists()
    assert not Topic.objects.filter(title__contains="我是周小满").exists()


def test_the_copy_tells_earlier_words_too(cast, source, said):
    take_in(source, [raw(1, "晴野茶饮的店长态度很差", author="小周爱喝茶")], now=LATER)
    request = ask(cast["pr"], kind="export")
    copy = services.answer_with_copy(request, seen_version=request.version, actor=cast["pr"], now=LATER)
    [post] = copy["posts"]
    assert [row["text"] for row in post["earlier"]] == ["晴野茶饮的店长电话138****5678，我是周小满"]
