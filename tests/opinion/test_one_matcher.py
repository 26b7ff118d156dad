"""The threads of a worker share one matcher: a changed watch is compiled once, by whoever meets it first."""

import threading

from opinion.services.analysis import _compiled, matcher_of


def test_threads_that_meet_a_changed_watch_at_once_build_one_matcher() -> None:
    watches = tuple((number, " OR ".join(f"词{number}之{n}" for n in range(50))) for number in range(50))
    ready, found = threading.Barrier(8), []

    def match() -> None:
        ready.wait()
        found.append(matcher_of(watches))

    before = _compiled.cache_info().misses
    threads = [threading.Thread(target=match) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(map(id, found)))) == (8, 1)
    assert _compiled.cache_info().misses == before + 1


def test_a_rule_that_cannot_be_read_silences_no_other() -> None:
    assert list(matcher_of(((1, "晴野 OR"), (2, "晴野"))).match("晴野今天")) == [2]
