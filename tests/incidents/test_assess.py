import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Exercise
from incidents import figures
from incidents.levels import Stage
from incidents.models import Assessment
from incidents.refusals import ReasonNeeded
from incidents.selectors.assessments import age_of, cleared_lines, compare
from incidents.selectors.reading import read
from incidents.services import assessing
from incidents.services.assessing import Entered, assess, carried
from incidents.severity import Inputs, recompute
from incidents.severity import compute as compute_severity
from incidents.words import ITEMS
from tests.factories import MatchFactory, PostFactory, SourceFactory, TopicFactory
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def heard(incident, noon):
    """Put posts into the incident's topic: `heard(3, minutes_ago=10, sentiment="neg", source=...)`."""
    topic = TopicFactory()
    incident.topics.add(topic)

    def hear(count=1, *, minutes_ago=10, **values):
        posts = []
        for _ in range(count):
            values.setdefault("first_seen_at", noon)
            post = PostFactory(published_at=noon - timedelta(minutes=minutes_ago), **values)
            MatchFactory(topic=topic, watch=topic.watch, post=post, published_at=post.published_at)
            posts.append(post)
        return posts

    return hear


def test_what_is_measured(incident, heard, noon):
    weibo, douyin = SourceFactory(platform="微博"), SourceFactory(platform="抖音")
    xinhua = SourceFactory(platform="新华网", tier="central", source_class="media")
    heard(2, source=weibo, sentiment="neg", reposts=30, comments=5, likes=5)
    heard(1, source=douyin, sentiment="neu", reads=5_000, likes=20)
    heard(1, source=xinhua, sentiment="pos", minutes_ago=200, rank=7)
    copied = heard(1, source=weibo, sentiment="neu", minutes_ago=130)[0]
    heard(3, source=weibo, sentiment="neg", original=copied)  # reposts fold into their original
    heard(5, source=weibo, sentiment="neg", minutes_ago=25 * 60)  # yesterday's

    inputs = read(incident, noon).inputs

    assert (inputs.posts, inputs.platforms, inputs.last_hour) == (5, 3, 3)
    assert inputs.previous_hourly == pytest.approx(2 / 6)
    assert (inputs.reposts, inputs.reads, inputs.plays) == (60, None, 5_000)
    assert (inputs.media, inputs.hot_list) == ("central", "top_10")
    assert inputs.negative_share == pytest.approx(2 * 41 / (2 * 41 + 21 + 1 + 1))
    assert (inputs.regulator, inputs.fact_state) == (None, None)
    assert inputs.red_lines == ("hot_list",)  # central media, but not negative


def test_without_posts_only_silence_is_known(incident, noon):
    inputs = read(incident, noon).inputs
    assert (inputs.posts, inputs.platforms, inputs.media) == (0, 0, "none")
    assert (inputs.negative_share, inputs.nature, inputs.reposts, inputs.hot_list) == (None, None, None, None)


def test_the_nature_is_what_a_fair_share_of_the_negative_posts_speaks_of(incident, heard, noon):
    leak = [{"term": "泄露", "category": "leak", "severity": 3}]
    heard(11, sentiment="neg")
    assert read(incident, noon).inputs.nature == "complaint"
    heard(1, sentiment="neg", risks=leak)
    assert read(incident, noon).inputs.nature == "complaint"  # one in twelve
    heard(1, sentiment="neg", risks=leak)
    reading = read(incident, noon)
    assert (reading.inputs.nature, reading.inputs.red_lines) == ("serious", ("data_leak",))


def test_negative_central_media_is_a_red_line_with_its_posts(signed_in, incident, heard, noon):
    heard(3, sentiment="neg")
    post = heard(1, sentiment="neg", source=SourceFactory(tier="central"))[0]
    assessment = assessing.measure(incident, noon)

    assert (assessment.red_lines, assessment.suggestion) == (["central_media"], "1")
    query = assessment.parts["evidence"]["central_media"]["query"]
    page = signed_in("pr").get(reverse("incidents:posts", args=[incident.number]), query)
    assert [each.pk for each in page.context["page_obj"]] == [post.pk]


@pytest.mark.parametrize("item", ["volume", "platforms", "growth", "media", "negative_share", "nature"])
def test_every_number_leads_to_its_posts(signed_in, incident, heard, noon, item):
    heard(3, sentiment="neg", risks=[{"term": "过期", "category": "food_drug", "severity": 2}])
    heard(2, sentiment="neu")
    heard(2, minutes_ago=25 * 60)
    evidence = read(incident, noon).evidence[item]
    page = signed_in("pr").get(reverse("incidents:posts", args=[incident.number]), evidence["query"])
    found = page.context["page_obj"].paginator.count
    assert found == {"negative_share": 3, "nature": 3}.get(item, 5)


def test_a_person_adds_what_they_know(cast, incident, heard, noon):
    heard(3, sentiment="neg")
    assessment = assess(
        incident, actor=cast["legal"], now=noon, entered=Entered(regulator="case", fact_state="suspected")
    )

    assert (assessment.inputs["regulator"], assessment.inputs["fact_state"]) == ("case", "suspected")
    assert (assessment.red_lines, assessment.suggestion, assessment.made_by) == (["regulator_case"], "1", cast["legal"])
    entry = incident.timeline.get()
    assert (entry.event, entry.detail["suggestion"]) == ("incidents.assessed", "1")


def test_it_recomputes_from_what_was_kept(cast, incident, heard, noon):
    heard(4, sentiment="neg", reposts=7)
    heard(3, minutes_ago=100)
    made = assess(incident, actor=cast["legal"], now=noon, entered=Entered(fact_state="doubtful"))

    kept = Assessment.objects.get(pk=made.pk)
    again = recompute(kept.formula, kept.inputs)

    assert (again.index.hex(), again.confidence, again.suggestion) == (
        float(kept.severity).hex(),
        kept.confidence,
        kept.suggestion,
    )
    assert json.loads(json.dumps(again.parts())) == kept.parts["factors"]


def test_overruling_what_was_measured_takes_a_reason(cast, incident, heard, noon):
    heard(3, sentiment="neg")
    with pytest.raises(ReasonNeeded) as needed:
        assess(incident, actor=cast["legal"], now=noon, entered=Entered(nature="grave"))
    assert (needed.value.what, incident.assessments.count(), incident.timeline.count()) == ("nature", 0, 0)

    made = assess(
        incident, actor=cast["legal"], now=noon, entered=Entered(nature="grave"), note="已有两人送医，医院证实"
    )
    assert made.inputs["nature"] == "grave"


def test_a_red_line_ends_only_when_a_person_clears_it(cast, incident, heard, noon):
    heard(2, sentiment="neg", source=SourceFactory(tier="central"))
    assessing.measure(incident, noon)
    later = noon + timedelta(hours=30)  # the report is out of the window by now
    assert assessing.measure(incident, later).red_lines == ["central_media"]

    with pytest.raises(ReasonNeeded) as needed:
        assess(incident, actor=cast["legal"], now=later, entered=Entered())
    assert needed.value.what == "central_media"

    cleared = assess(incident, actor=cast["legal"], now=later, entered=Entered(), note="该报道已更正，媒体公开致歉")
    assert cleared.red_lines == []
    assert assessing.measure(incident, later).red_lines == []


def test_a_cleared_line_is_crossed_again_by_a_new_report(cast, incident, heard, noon):
    source = SourceFactory(tier="central")
    heard(1, sentiment="neg", source=source)
    assess(incident, actor=cast["legal"], now=noon, entered=Entered(), note="转载的是旧闻，媒体已经撤稿")
    assert carried(incident.assessments.first(), read(incident, noon)).red_lines == ()
    heard(1, sentiment="neg", source=source)
    assert carried(incident.assessments.first(), read(incident, noon)).red_lines == ("central_media",)


@pytest.mark.parametrize("who", ["monitor", "gm", "spokesperson", "auditor", "outsider"])
def test_only_the_working_group_assesses(cast, incident, noon, who):
    with pytest.raises(PermissionDenied):
        assess(incident, actor=cast[who], now=noon, entered=Entered())
    assert not Assessment.objects.exists()


def test_what_is_over_is_not_assessed(cast, noon):
    with pytest.raises(PermissionDenied):
        assess(standing_at(Stage.ARCHIVED, 3, opened_by=cast["pr"]), actor=cast["pr"], now=noon, entered=Entered())


def test_the_page_says_what_takes_a_reason(signed_in, incident, heard, noon):
    heard(2, sentiment="neg", source=SourceFactory(tier="central"))
    url = reverse("incidents:assess", args=[incident.number])
    client = signed_in("pr")
    assert client.get(url).context["form"].initial["red_lines"] == ("central_media",)

    refused = client.post(url, {"regulator": "inquiry", "red_lines": []})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["note"])

    kept = client.post(url, {"regulator": "inquiry", "red_lines": ["central_media"]})
    assert (kept.status_code, incident.assessments.get().inputs["regulator"]) == (302, "inquiry")


# --- which posts are an incident's -----------------------------------------------------------------------------------
def test_posts_attached_and_posts_of_its_topics_each_once(incident, heard, noon):
    topical = heard(2)
    by_hand = PostFactory()
    for post in (by_hand, topical[0]):
        incident.attachments.create(post=post, attached_at=noon)
    PostFactory()  # somebody else's
    assert set(figures.posts_of(incident)) == {by_hand, *topical}


def test_a_post_taken_out_stays_out_until_it_is_put_in_again(incident, heard, noon):
    post = heard(1)[0]
    incident.attachments.create(post=post, attached_at=noon, detached_at=noon)
    assert not figures.posts_of(incident).exists()
    incident.attachments.create(post=post, attached_at=noon)
    assert figures.posts_of(incident).get() == post


def test_a_drills_posts_belong_to_the_drill(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon)
    incident = standing_at("triaged", 0, opened_by=cast["pr"], exercise=drill)
    topic = TopicFactory(exercise=drill)
    incident.topics.add(topic)
    MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(exercise=drill))
    assert figures.posts_of(incident).count() == 1


def test_the_curve_has_no_gaps_and_counts_reposts(incident, heard, noon):
    original = heard(1, minutes_ago=100, sentiment="neg")[0]
    heard(2, minutes_ago=40, sentiment="neg", original=original)
    heard(1, minutes_ago=5, sentiment="pos")
    curve = figures.curve(incident, noon)

    assert curve.step == timedelta(minutes=15)
    assert {b - a for a, b in zip(curve.starts, curve.starts[1:], strict=False)} == {curve.step}
    assert {tone: sum(counts) for tone, counts in curve.counts.items()} == {"neg": 3, "neu": 0, "pos": 1}


def test_the_sparkline_takes_two_queries_however_many(cast, heard, incident, noon, django_assert_num_queries):
    heard(3, minutes_ago=10, copy_count=2)
    heard(1, minutes_ago=130)
    others = [standing_at("triaged", 0, opened_by=cast["pr"]) for _ in range(3)]
    others[0].attachments.create(post=PostFactory(published_at=noon), attached_at=noon)
    with django_assert_num_queries(2):
        lines = figures.sparklines([incident, *others], noon)
    assert (sum(lines[incident.pk]), sum(lines[others[0].pk]), sum(lines[others[1].pk])) == (10, 1, 0)
    assert len(lines[incident.pk]) == 12


# --- overruling ------------------------------------------------------------------------------------------------------
WHY = "自媒体转述不实，核实后另行评估"


def test_a_factor_is_overruled_with_a_reason_and_recomputes(cast, incident, heard, noon):
    heard(4, sentiment="neg")
    said = Entered(overruled={"influence": 80.0})
    with pytest.raises(ReasonNeeded) as needed:
        assess(incident, actor=cast["legal"], now=noon, entered=said, note="太高")
    assert (needed.value.what, incident.assessments.count()) == ("influence", 0)

    made = assess(incident, actor=cast["legal"], now=noon, entered=said, note=WHY)
    kept = Assessment.objects.get(pk=made.pk)
    influence = kept.parts["factors"][1]
    again = recompute(kept.formula, kept.inputs)
    assert (influence["score"], [item["points"] for item in influence["items"]]) == (80.0, [0.0, 0.0, 0.0])
    assert again.index.hex() == float(kept.severity).hex()
    assert json.loads(json.dumps(again.parts())) == kept.parts["factors"]


def test_another_level_is_suggested_with_a_reason(cast, incident, heard, noon):
    heard(4, sentiment="neg")
    with pytest.raises(ReasonNeeded) as needed:
        assess(incident, actor=cast["legal"], now=noon, entered=Entered(suggestion="1"))
    assert needed.value.what == "suggestion"
    made = assess(incident, actor=cast["legal"], now=noon, entered=Entered(suggestion="1"), note=WHY)
    assert (made.advice, made.suggestion) == ("1", "3")  # the formula's own stays beside it
    assert incident.timeline.first().detail["suggestion"] == "1"
    assert recompute(made.formula, made.inputs).suggestion == "3"


def test_to_suggest_what_the_formula_says_takes_no_reason(cast, incident, heard, noon):
    heard(4, sentiment="neg")
    assert assess(incident, actor=cast["legal"], now=noon, entered=Entered(suggestion="3")).advice == "3"


def test_measured_anew_the_figures_speak_again(cast, incident, heard, noon):
    heard(4, sentiment="neg")
    said = Entered(regulator="inquiry", overruled={"spread": 5.0}, suggestion="1")
    assess(incident, actor=cast["legal"], now=noon, entered=said, note=WHY)
    again = assessing.measure_again(incident, actor=cast["pr"], now=noon + HOUR)
    assert (again.inputs["overruled"], again.advice, again.inputs["regulator"]) == ({}, again.suggestion, "inquiry")


def test_measuring_again_clears_no_red_line_and_takes_one_click(signed_in, incident, heard, noon):
    heard(2, sentiment="neg", source=SourceFactory(tier="central"))
    assessing.measure(incident, noon - HOUR)
    answer = signed_in("legal").post(reverse("incidents:measure-again", args=[incident.number]))
    assert (answer.status_code, incident.assessments.count()) == (302, 2)
    assert incident.assessments.first().red_lines == ["central_media"]
    assert signed_in("gm").post(reverse("incidents:measure-again", args=[incident.number])).status_code == 403


# --- as it ages ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("level", "hours", "is_old"), [(1, 1, False), (1, 2, True), (2, 2, False), (3, 4, False)])
def test_it_ages_by_the_rhythm_of_the_level(cast, noon, level, hours, is_old):
    incident = standing_at(Stage.RESPONDING, level, opened_by=cast["pr"])
    assert age_of(assessing.measure(incident, noon - hours * HOUR), noon).is_old is is_old


def test_posts_that_came_in_since_are_counted(incident, heard, noon):
    heard(2, first_seen_at=noon - 2 * HOUR)
    made = assessing.measure(incident, noon - HOUR)
    heard(3, first_seen_at=noon)
    assert (age_of(made, noon).new_posts, age_of(made, noon - HOUR).new_posts) == (3, 0)


def test_what_changed_between_two(signed_in, cast, incident, heard, noon):
    heard(3, sentiment="neg", source=SourceFactory(tier="central"))
    first = assessing.measure(incident, noon)
    second = assess(
        incident,
        actor=cast["legal"],
        now=noon + HOUR,
        entered=Entered(fact_state="refuted"),
        note="该报道已更正，公开致歉",
    )
    found = compare(first, second)
    assert [str(label) for label in found.cleared] == ["央媒负面报道"]
    assert "fact_state" in [code_of(row.label) for row in found.items]
    assert found.delta == round(round(second.severity, 1) - round(first.severity, 1), 1)

    url = reverse("incidents:compare-assessments", args=[incident.number])
    page = signed_in("gm").get(url, {"before": second.pk, "after": first.pk})  # the older one comes first all the same
    assert page.context["comparison"].before.assessment == first
    assert signed_in("gm").get(url, {"before": "x", "after": first.pk}).status_code == 404


def code_of(label):
    return next(code for code, words in ITEMS.items() if words == label)


def test_assessments_of_another_incident_are_not_compared(signed_in, cast, incident, noon):
    other = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True)
    mine, theirs = assessing.measure(incident, noon), assessing.measure(other, noon)
    url = reverse("incidents:compare-assessments", args=[incident.number])
    assert signed_in("legal").get(url, {"before": mine.pk, "after": theirs.pk}).status_code == 404


def test_who_cleared_a_red_line_and_why(cast, incident, heard, noon):
    heard(2, sentiment="neg", source=SourceFactory(tier="central"))
    assessing.measure(incident, noon)
    assess(incident, actor=cast["legal"], now=noon, entered=Entered(), note="该报道已更正，媒体公开致歉")
    assessing.measure(incident, noon + HOUR)
    [line] = cleared_lines(incident)
    assert (line.by, line.at, line.reason) == (cast["legal"], noon, "该报道已更正，媒体公开致歉")
    heard(1, sentiment="neg", source=SourceFactory(tier="central"))
    assessing.measure(incident, noon + HOUR)
    assert cleared_lines(incident) == []  # it is crossed again


# --- what if ---------------------------------------------------------------------------------------------------------
def test_what_if_computes_and_keeps_nothing(signed_in, incident, heard, noon):
    heard(4, sentiment="neg")
    made = assessing.measure(incident, noon)
    client, url = signed_in("gm"), reverse("incidents:what-if", args=[incident.number])
    as_measured = client.get(url)
    assert as_measured.context["result"].index == round(made.severity, 1)

    inputs = {**made.inputs, "posts": 1000, "negative_share": 100, "nature": "grave", "overruled": ""}
    asked = {name: value for name, value in inputs.items() if value is not None}
    page = client.get(url, asked, headers={"HX-Request": "true"})
    by_hand = compute_severity(
        Inputs(**{**made.inputs, "posts": 1000, "negative_share": 1.0, "nature": "grave", "red_lines": ()})
    )
    assert page.context["result"].index == round(by_hand.index, 1)
    assert client.get(url, {"posts": -5, "negative_share": 300}).context["result"].index == round(made.severity, 1)
    assert incident.assessments.count() == 1


def test_each_level_beside_the_others(signed_in, cast, incident):
    call_command("load_plan")
    columns = signed_in("pr").get(reverse("response:levels-panel", args=[incident.number])).context["columns"]
    assert [column["level"] for column in columns] == [1, 2, 3]
    first = columns[0]["lines"][0]
    assert (first["owner"], first["due"]) == (cast["gm"], incident.opened_at + timedelta(minutes=40))
    assert signed_in("outsider").get(reverse("response:levels-panel", args=[incident.number])).status_code in (403, 404)
