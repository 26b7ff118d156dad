"""What is proposed in triage and why: worked by hand on the pure rule."""

import pytest

from incidents.proposals import Found, Home, harmed, propose
from incidents.severity import Inputs, compute


def found(posts=0, negative=0, *, home=None, signal="", red_lines=(), categories=None):
    """Something said `posts` times in a day, with the severity these numbers have."""
    share = negative / posts if posts else None
    estimate = compute(Inputs(posts=posts, platforms=1, media="ordinary", negative_share=share, red_lines=red_lines))
    return Found(home, signal, estimate, posts, negative, categories or {})


def kind_and_reasons(proposed):
    return proposed.kind, proposed.incident, proposed.suggestion, [code for code, _numbers in proposed.reasons]


def test_its_topic_is_in_an_incident():
    proposed = propose(found(3, 1, home=Home(7, shares_topic=True, alike=0.0)))
    assert kind_and_reasons(proposed) == ("put_in", 7, "attention", ["same_topic", "posts", "severity"])


@pytest.mark.parametrize(("alike", "kind"), [(0.3, "put_in"), (0.29, "ignore")])
def test_it_sounds_like_one(alike, kind):
    proposed = propose(found(1, 1, home=Home(7, shares_topic=False, alike=alike)))
    assert (proposed.kind, proposed.incident) == (kind, 7 if kind == "put_in" else None)


def test_a_signal_suggests_a_level():
    proposed = propose(found(1, 1, signal="2"))
    assert kind_and_reasons(proposed) == ("open", None, "2", ["signal", "posts", "severity"])


def test_a_signal_for_attention_opens_nothing():
    assert propose(found(2, 1, signal="attention")).kind == "ignore"


def test_a_red_line_opens_one_whatever_the_sum():
    proposed = propose(found(1, 1, red_lines=("central_media",)))
    assert kind_and_reasons(proposed) == ("open", None, "1", ["red_line", "posts", "severity"])


@pytest.mark.parametrize(("negative", "kind"), [(3, "open"), (2, "ignore")])
def test_the_index_speaks_from_three_negative_posts_on(negative, kind):
    assert propose(found(4, negative)).kind == kind


@pytest.mark.parametrize(
    ("posts", "negative", "why"),
    [(0, 0, "nothing_lately"), (5, 0, "not_negative"), (5, 2, "few"), (5, 3, "not_grave")],
)
def test_why_it_is_to_be_ignored(posts, negative, why):
    calm = {"reposts": 0, "last_hour": 0, "previous_hourly": 1.0, "hot_list": "none", "regulator": "none"}
    estimate = compute(Inputs(posts=posts, media="none", negative_share=0.3, nature="complaint", **calm))
    proposed = propose(Found(None, "", estimate, posts, negative))
    assert (proposed.kind, proposed.reasons[0][0]) == ("ignore", why)


def test_what_it_harms_is_what_its_negative_posts_speak_of():
    assert harmed({"food_drug": 2, "recall": 1, "outage": 2, "leak": 1}) == ("quality", "business", "reputation")
    assert harmed({}) == ("reputation",)
