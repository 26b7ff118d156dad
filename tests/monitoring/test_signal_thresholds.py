"""When what was heard is worth a signal, and how bad it may be: golden cases, counted by hand."""

import pytest

from monitoring.signals.thresholds import (
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
    calm_days,
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
        ([], 6),  # no past, or less than a day of it
        ([0, 0, 0], 6),
        ([0] * 20, 2),  # one post added: mean 0.05, deviation of a Poisson stream 0.22; never less than two
        ([0] * 16 + [1] * 4, 2),  # a mention a day: mean 0.25, deviation 0.5
        ([1] * 20, 5),  # mean 1.05, deviation 1.02: 1.05 + 3.07 and up
        ([4] * 20, 11),  # mean 4.05, deviation 2.01
        (BUSY, 12),  # mean 5.02, Poisson 2.24: 5.02 + 6.72 and up
        ([0] * 19 + [20], 2),  # one stormy stretch is left out
        ([0] * 15 + [9] * 5, 14),  # a quarter of all is none: mean 2.3, deviation 3.9
    ],
)
def test_what_a_burst_is_depends_on_the_watchs_own_past(usual, threshold):
    assert burst_threshold(usual) == threshold


def test_nothing_to_say_about_a_calm_story():
    assert judged(facts(recent=1, day_posts=4, day_negative=4)) == (set(), "")


def test_a_launch_that_everybody_talks_about_is_for_attention():
    assert judged(facts(recent=12, day_posts=12, day_negative=1)) == ({BURST}, ATTENTION)


def test_the_company_may_say_itself_what_a_burst_is():
    assert judged(facts(recent=5, burst_from=6)) == (set(), "")
    assert judged(facts(recent=6, burst_from=6, usual=BUSY)) == ({BURST}, ATTENTION)


def test_where_a_watch_is_usually_quiet_all_that_is_said_at_once_is_one_affair():
    assert judged(facts(recent_of_watch=2)) == ({BURST}, ATTENTION)
    assert judged(facts(recent_of_watch=30, usual=BUSY)) == (set(), "")
    assert judged(facts(recent_of_watch=5, usual=[])) == (set(), "")


def test_where_a_watch_is_quiet_two_posts_in_a_day_are_more_than_usual_but_never_loud():
    assert judged(facts(days=[2, *[0] * 12, 1])) == ({BURST}, ATTENTION)
    assert judged(facts(days=[1, *[0] * 13])) == (set(), "")
    assert judged(facts(days=[2, *[1] * 13])) == (set(), "")
    assert judged(facts(days=[2, *[0] * 13], usual=[0] * 12)) == (set(), "")  # three days say too little
    telling = [Telling(1, "neg", [risk("过期")]), Telling(2, "neg", [risk("过期")])]
    assert judged(facts(days=[9, *[0] * 13], telling=telling))[1] == ATTENTION


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


def grave(key, term="起火", category="accident", **more):
    return Telling(key, "neu", [risk(term, category, 3)], **more)


def test_a_grave_word_counts_in_any_post_and_two_posts_of_it_are_level_three():
    assert judged(facts(telling=[grave(1)])) == ({RISK_WORD}, ATTENTION)
    assert judged(facts(telling=[grave(1), grave(2)])) == ({RISK_WORD}, LEVEL_3)


def test_a_repost_is_a_second_voice():
    assert judged(facts(telling=[grave(1, copies=1)])) == ({RISK_WORD}, LEVEL_3)


def test_a_word_that_is_only_said_by_the_way_lifts_nothing():
    assert judged(facts(telling=[grave(1), grave(2)], recent=21, day_posts=21))[1] == ATTENTION
    assert judged(facts(telling=[grave(1), grave(2)], two_days=20))[1] == LEVEL_3


def test_two_of_risk_words_negative_and_loud_are_level_three():
    telling = [Telling(1, "neg", [risk("过期")]), Telling(2, "neg", [risk("过期")])]
    assert judged(facts(telling=telling))[1] == ATTENTION
    assert judged(facts(telling=telling, recent=3))[1] == ATTENTION  # a burst, but not loud
    assert judged(facts(telling=telling, recent=4))[1] == LEVEL_3
    assert judged(facts(telling=telling, day_posts=6, day_negative=5))[1] == LEVEL_3
    assert judged(facts(recent=8, day_posts=8, day_negative=7))[1] == LEVEL_3


def test_one_risk_word_in_a_crowd_is_level_three_where_a_quarter_is_negative():
    telling = [Telling(1, "neg", [risk("过期")])]
    assert judged(facts(telling=telling, recent=8, day_posts=8, day_negative=2))[1] == LEVEL_3
    assert judged(facts(telling=telling, recent=8, day_posts=8, day_negative=1))[1] == ATTENTION
    assert judged(facts(telling=telling, recent=12, day_posts=12, day_negative=2))[1] == ATTENTION


def test_all_three_or_a_grave_word_that_carries_far_is_level_two():
    telling = [Telling(1, "neg", [risk("过期")]), Telling(2, "neg", [risk("过期")])]
    assert judged(facts(telling=telling, recent=8, day_posts=8, day_negative=7))[1] == LEVEL_2
    assert judged(facts(telling=[grave(1), grave(2, rank=50)]))[1] == LEVEL_2
    assert judged(facts(telling=[grave(1), grave(2, rank=51)]))[1] == LEVEL_3
    assert judged(facts(telling=[grave(1), grave(2)], recent=4))[1] == LEVEL_2


def test_one_post_with_a_grave_word_is_enough_where_everybody_hears_it():
    for great in ({"tier": "national"}, {"followers": 1_000_000}):
        assert judged(facts(telling=[grave(1, **great)]))[1] == LEVEL_2
    for small in ({"tier": "trade"}, {"followers": 999_999}, {"rank": 1}):
        assert judged(facts(telling=[grave(1, **small)]))[1] == ATTENTION


def test_a_red_line_in_central_media_or_loud_on_three_platforms_is_level_one():
    red = [risk("食物中毒", "food_drug", 3)]
    two = [Telling(1, "neg", red), Telling(2, "neg", red)]
    assert judged(facts(telling=[Telling(1, "neg", red, tier="central")]))[1] == LEVEL_1
    assert judged(facts(telling=two, recent=8, platforms=3))[1] == LEVEL_1
    assert judged(facts(telling=two, recent=8, platforms=2))[1] == LEVEL_2
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
            "voices": 1,
            "of": 10,
        },
        [7],
    )
    assert told[KEY_SOURCE] == ({"posts": 1, "negative": 0}, [8])
    assert told[NEGATIVE][0] == {"share": 0.9, "negative": 9, "posts": 10, "usual": None}
    assert told[BURST][0] == {"posts": 8, "hours": 6, "threshold": 2, "usual": 0.1}


def test_worse_is_the_order_of_levels():
    order = ["", ATTENTION, LEVEL_3, LEVEL_2, LEVEL_1]
    assert [[worse(one, other) for other in order] for one in order] == [
        [other < one for other in range(5)] for one in range(5)
    ]


@pytest.mark.parametrize(
    ("days", "ago"),
    [
        ([], None),
        ([9, 7, 4], None),  # the first wave
        ([2, 9, 7, 4], None),  # calming down
        ([5, 2, 9], 1),
        ([5, 3, 9], None),  # three is more than a quarter of nine
        ([4, 2, 1, 9], 2),
        ([4, 1, 1, 9], 1),
        ([3, 0, 0, 9], None),  # not loud again
        ([5, 4, 1, 12], 2),
        ([5, 0, 3], None),  # there was no wave before
    ],
)
def test_talk_that_calmed_down_and_is_loud_again_is_a_new_wave(days, ago):
    assert calm_days(days) == ago
