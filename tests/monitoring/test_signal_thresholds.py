"""When what was heard is worth a signal, and how bad it may be: golden cases, counted by hand."""

import pytest

from monitoring.thresholds import (
    ATTENTION,
    BURST,
    KEY_SOURCE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    NEGATIVE,
    RISK_WORD,
    Facts,
    Telling,
    burst_threshold,
    find,
    suggestion,
    worse,
)

QUIET = [0] * 50 + [1] * 6  # a watch that hears something every other day
BUSY = [4, 6, 5, 7, 3, 5, 6, 4] * 7  # five posts in six hours, give or take


def risk(term, category="food_drug", severity=2):
    return {"term": term, "category": category, "severity": severity}


def facts(**given):
    return Facts(**{"recent": 1, "usual": QUIET, "day_posts": 1, "day_negative": 0, **given})


def judged(what: Facts):
    found = find(what)
    return {finding.kind for finding in found}, suggestion(found, what)


@pytest.mark.parametrize(
    ("usual", "threshold"),
    [
        ([], 6),  # no past: a little more than the least
        ([0] * 20, 4),
        ([1] * 20, 5),  # mean 1, deviation of a Poisson stream 1: 1 + 3 and one more
        ([4] * 20, 11),
        (BUSY, 12),  # mean 5, Poisson 2.24: 5 + 6.7 and up
        ([0] * 19 + [20], 15),  # one stormy day: mean 1, deviation 4.36
    ],
)
def test_what_a_burst_is_depends_on_the_watchs_own_past(usual, threshold):
    assert burst_threshold(usual) == threshold


def test_nothing_to_say_about_a_calm_story():
    assert judged(facts(recent=3, day_posts=4, day_negative=4)) == (set(), "")


def test_a_launch_that_everybody_talks_about_is_for_attention():
    assert judged(facts(recent=12, day_posts=12, day_negative=1)) == ({BURST}, ATTENTION)


def test_many_posts_are_no_burst_for_a_watch_that_always_hears_many():
    assert judged(facts(recent=9, usual=BUSY, day_posts=9)) == (set(), "")


def test_mostly_negative_alone_is_for_attention_because_the_tone_is_estimated():
    assert judged(facts(day_posts=5, day_negative=3)) == ({NEGATIVE}, ATTENTION)


def test_a_watch_that_is_always_scolded_needs_more_to_be_noticed():
    assert judged(facts(day_posts=10, day_negative=7, usual_share=0.55)) == (set(), "")
    assert judged(facts(day_posts=10, day_negative=8, usual_share=0.55)) == ({NEGATIVE}, ATTENTION)


def test_a_lesser_risk_word_counts_in_a_negative_post_only():
    assert judged(facts(telling=[Telling(1, "neu", [risk("投诉")])])) == (set(), "")
    assert judged(facts(telling=[Telling(1, "neg", [risk("投诉")])])) == ({RISK_WORD}, ATTENTION)


def test_a_grave_word_counts_wherever_it_stands():
    assert judged(facts(telling=[Telling(1, "neu", [risk("起火", "accident", 3)])])) == ({RISK_WORD}, LEVEL_3)


def test_two_of_risk_word_negative_and_burst_are_level_three():
    telling = [Telling(1, "neg", [risk("过期")])]
    assert judged(facts(telling=telling, recent=8))[1] == LEVEL_3
    assert judged(facts(telling=telling, day_posts=6, day_negative=5))[1] == LEVEL_3
    assert judged(facts(recent=8, day_posts=8, day_negative=7))[1] == LEVEL_3


def test_all_three_or_a_grave_word_that_carries_far_is_level_two():
    telling = [Telling(1, "neg", [risk("过期")])]
    assert judged(facts(telling=telling, recent=8, day_posts=8, day_negative=7))[1] == LEVEL_2
    for far in ({"tier": "national"}, {"rank": 50}, {"followers": 1_000_000}):
        assert judged(facts(telling=[Telling(1, "neu", [risk("起火", "accident", 3)], **far)]))[1] == LEVEL_2


def test_what_does_not_quite_carry_far_stays_level_three():
    for near in ({"tier": "trade"}, {"rank": 51}, {"followers": 999_999}):
        assert judged(facts(telling=[Telling(1, "neu", [risk("起火", "accident", 3)], **near)]))[1] == LEVEL_3


def test_a_red_line_in_central_media_or_loud_on_three_platforms_is_level_one():
    red = [risk("食物中毒", "food_drug", 3)]
    assert judged(facts(telling=[Telling(1, "neg", red, tier="central")]))[1] == LEVEL_1
    assert judged(facts(telling=[Telling(1, "neg", red)], recent=8, platforms=3))[1] == LEVEL_1
    assert judged(facts(telling=[Telling(1, "neg", red)], recent=8, platforms=2))[1] == LEVEL_2
    leak = [risk("泄露", "leak", 3), risk("投诉", "enforcement", 2)]
    assert judged(facts(telling=[Telling(1, "neg", leak, tier="central")]))[1] == LEVEL_2


def test_a_key_source_raises_a_signal_and_a_negative_one_level_three():
    assert judged(facts(telling=[Telling(1, "pos", is_key=True)])) == ({KEY_SOURCE}, ATTENTION)
    assert judged(facts(telling=[Telling(1, "neg", is_key=True)])) == ({KEY_SOURCE}, LEVEL_3)


def test_words_that_are_known_are_no_news():
    what = facts(telling=[Telling(1, "neg", [risk("过期")])])
    assert find(what, known_terms=["过期"]) == []


def test_a_finding_names_its_numbers_and_its_posts():
    what = facts(
        recent=8,
        day_posts=10,
        day_negative=9,
        telling=[Telling(7, "neg", [risk("过期"), risk("立案", "enforcement", 3)]), Telling(8, "pos", is_key=True)],
    )
    told = {finding.kind: (finding.numbers, finding.posts) for finding in find(what)}
    assert told[RISK_WORD] == (
        {
            "terms": ["立案", "过期"],
            "severity": 3,
            "categories": ["enforcement", "food_drug"],
            "grave": ["enforcement"],
            "posts": 1,
        },
        [7],
    )
    assert told[KEY_SOURCE] == ({"posts": 1, "negative": 0}, [8])
    assert told[NEGATIVE][0] == {"share": 0.9, "negative": 9, "posts": 10, "usual": None}
    assert told[BURST][0] == {"posts": 8, "hours": 6, "threshold": 4, "usual": 0.1}


def test_worse_is_the_order_of_levels():
    order = ["", ATTENTION, LEVEL_3, LEVEL_2, LEVEL_1]
    assert [[worse(one, other) for other in order] for one in order] == [
        [other < one for other in range(5)] for one in range(5)
    ]
