"""Real Weibo cascades: what repeats an original is folded into it, empty reposts join nothing, a rumour is one topic.

The files lie beside the project, never in it; what only the judge may read in them is left out of what is taken in.
"""

import gzip
import json
from collections import defaultdict
from datetime import datetime
from itertools import combinations, groupby
from pathlib import Path

import pytest
from django.conf import settings

from opinion import reposts
from opinion.models import Match, Post
from opinion.raw import RawPost
from opinion.services.pipeline import take_in
from opinion.text import fold
from tests.factories import SourceFactory, WatchFactory

REPLAYS = Path(settings.BASE_DIR).parent / "shared" / "data" / "replays"
EVERYTHING = " OR ".join("的了是不在一有人我这好很大来到上出个中被")
RUMOUR = "17种"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
    pytest.mark.skipif(not REPLAYS.is_dir(), reason="../shared/data/replays is not there"),
]


def cascades():
    path = REPLAYS / "dev5_ced_weibo_201303.truth.json"
    found = json.loads(path.read_text(encoding="utf-8"))["event_list"]
    return sorted(found, key=lambda event: event["original_published_at"])


def pairs(groups):
    return [pair for members in groups.values() for pair in combinations(members, 2)]


def gathered(rows):
    groups = defaultdict(list)
    for member, group in rows:
        groups[group].append(member)
    return groups


def test_originals_are_folded_with_few_mistakes_and_the_rumour_of_the_17_foods_is_one_topic():
    source, _watch = SourceFactory(platform="微博"), WatchFactory(rule=EVERYTHING)
    for _hour, group in groupby(cascades(), key=lambda event: event["original_published_at"][:13]):
        posts = [
            RawPost(event["event"], "", event["text"], "", "", datetime.fromisoformat(event["original_published_at"]))
            for event in group
        ]
        take_in(source, posts, now=posts[-1].published_at)
    truth = {event["event"]: event["near_duplicate_group"] for event in cascades()}
    originals = {pk: (lead or pk) for pk, lead in Post.objects.values_list("pk", "original")}
    names = dict(Post.objects.values_list("pk", "key__external_id"))
    folded = pairs(gathered((names[pk], lead) for pk, lead in originals.items()))
    right = [pair for pair in folded if truth[pair[0]] == truth[pair[1]]]
    assert len(folded) > 150
    assert len(right) / len(folded) >= 0.9
    rumour = [event["event"] for event in cascades() if RUMOUR in event["text"] and "食品" in event["text"]]
    assert len(rumour) >= 6
    topics = Match.objects.filter(post__key__external_id__in=rumour).values_list("topic", flat=True)
    assert len(set(topics)) == 1


def test_empty_reposts_join_no_topic_and_no_group():
    source, watch = SourceFactory(platform="微博"), WatchFactory(rule="蒙牛")
    with gzip.open(REPLAYS / "dev5_ced_weibo_201303.posts.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _number in zip(lines, range(3000), strict=False)]
    posts = [
        RawPost(row["id"], "", row["text"] or "", "", "", datetime.fromisoformat(row["published_at"])) for row in rows
    ]
    take_in(source, posts, now=posts[-1].published_at, for_watch=watch)
    empty = [
        post.pk
        for post in Post.objects.all()
        if "@" not in post.text and not reposts.says_something(fold(post.words).text)
    ]
    assert len(empty) > 300
    assert not Match.objects.filter(post__in=empty, topic__isnull=False).exists()
    assert not Post.objects.filter(pk__in=empty, original__isnull=False).exists()
    assert not Post.objects.filter(original__in=empty).exists()


def test_one_affair_of_eleven_days_is_at_most_three_topics():
    with gzip.open(next(REPLAYS.glob("dev4_*.posts.jsonl.gz")), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    watch = WatchFactory(rule="东方甄选 OR 董宇辉 OR 俞敏洪 OR 小作文")
    sources = {name: SourceFactory(platform=name[:40]) for name in {row["source"] for row in rows}}
    about = ("东方甄选", "董宇辉", "俞敏洪", "小作文")
    rows = [row for row in rows if any(word in row["title"] for word in about)]
    for _hour, group in groupby(rows, key=lambda row: row["published_at"][:13]):
        for name, some in groupby(sorted(group, key=lambda row: row["source"]), key=lambda row: row["source"]):
            posts = [RawPost(r["id"], r["title"], "", "", "", datetime.fromisoformat(r["published_at"])) for r in some]
            take_in(sources[name], posts, now=max(post.published_at for post in posts))
    affair = [row["id"] for row in rows if (row["true_event"] or "").endswith("essay")]
    topics = Match.objects.filter(watch=watch, post__key__external_id__in=affair).values_list("topic", flat=True)
    assert len(affair) > 400
    assert len(set(topics)) <= 3
