"""What is kept of a signal has a print: whoever changes one letter of it is found out."""

from hashlib import sha256

from monitoring.signals.keeping import fingerprint, fits

KEPT = {"posts": [{"title": "晴野门店起火", "rank": None, "likes": 7}], "counts": {"posts": 1}}
WRITTEN = '{"counts":{"posts":1},"posts":[{"likes":7,"rank":null,"title":"晴野门店起火"}]}'


def test_the_print_is_that_of_the_canonical_json():
    assert fingerprint(KEPT) == sha256(WRITTEN.encode()).hexdigest()


def test_the_order_of_names_makes_no_difference_and_every_change_does():
    assert fingerprint(dict(reversed(KEPT.items()))) == fingerprint(KEPT)
    assert fits(KEPT, fingerprint(KEPT))
    assert not fits({**KEPT, "counts": {"posts": 2}}, fingerprint(KEPT))


def test_where_nothing_was_kept_nothing_fits():
    assert not fits({}, "")
    assert not fits({}, fingerprint({}))
