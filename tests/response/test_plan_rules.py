"""What differs between two versions, and what must hold between lines: by hand."""

from types import SimpleNamespace

from response.plan_rules import changes, circle, missing_keys, moved_lines, repeated_keys


def line(key: str, level: int = 1, order: int = 1, **more):
    return SimpleNamespace(
        **{"key": key, "level": level, "order": order, "title": key.upper(), "within": 60, "waits_for": [], **more}
    )


def test_added_removed_changed_in_the_order_of_the_levels() -> None:
    before = [line("a"), line("b", within=30), line("c", level=2), line("gone", level=2)]
    after = [line("b", within=45), line("new"), line("a", level=2), line("c", level=2)]
    found = [(one.kind, one.level, one.key, one.fields) for one in changes(before, after, ("within",))]
    assert found == [
        ("changed", 1, "b", (("within", 30, 45),)),
        ("added", 1, "new", ()),
        ("removed", 1, "a", ()),  # the same key at another level is another line
        ("added", 2, "a", ()),
        ("removed", 2, "gone", ()),
    ]


def test_what_is_put_in_above_moves_nobody() -> None:
    before = [line("a", order=1), line("b", order=2)]
    after = [line("new", order=1), line("a", order=2), line("b", order=3)]
    assert [(one.kind, one.key) for one in changes(before, after, ())] == [("added", "new")]


def test_one_line_that_goes_to_the_end_is_the_only_one_that_moved() -> None:
    assert moved_lines([(1, "a"), (1, "b"), (1, "c")], [(1, "b"), (1, "c"), (1, "a")]) == {(1, "a")}
    [change] = changes([line("a", order=1), line("b", order=2)], [line("b", order=1), line("a", order=2)], ())
    assert (change.key, change.fields) in (("a", (("order", 1, 2),)), ("b", (("order", 2, 1),)))


def test_what_cannot_be() -> None:
    a, b, c = line("a", waits_for=["b"]), line("b", waits_for=["a"]), line("c", waits_for=["b"])
    assert circle([a, b, c]) == [a, b, c]  # c never begins either
    assert circle([line("a"), line("b", waits_for=["a"]), line("c", waits_for=["a", "b"])]) == []
    alone = line("x", waits_for=["nobody", "x"])
    assert missing_keys([alone]) == [(alone, "nobody"), (alone, "x")]
    twice = line("a")
    assert repeated_keys([a, line("a", level=2), twice]) == [twice]
