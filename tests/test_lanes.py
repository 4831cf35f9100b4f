"""Lanes: quick questions find a worker whatever slow ones do; shapes tell them apart."""

import importlib
import threading
import time

import pytest

lanes = importlib.import_module("server.lanes")
QUICK, UNKNOWN, SLOW = lanes.QUICK, lanes.UNKNOWN, lanes.SLOW


def soon() -> float:
    return time.monotonic() + 0.02


@pytest.mark.parametrize(
    ("workers", "slow", "unknown", "quick"), [(1, 1, 1, 1), (2, 1, 1, 2), (4, 2, 3, 4), (8, 4, 6, 8)]
)
def test_slow_questions_leave_the_last_workers_to_quick_ones(workers: int, slow: int, unknown: int, quick: int) -> None:
    for lane, most in ((SLOW, slow), (UNKNOWN, unknown), (QUICK, quick)):
        here = lanes.Lanes(list(range(workers)), 9)
        for _ in range(most):
            here.take(lane, soon())
        with pytest.raises(lanes.Full):
            here.take(lane, soon())
        for _ in range(quick - most):  # what was left, quick ones still get
            here.take(QUICK, soon())


def test_the_quick_are_served_first() -> None:
    here = lanes.Lanes(["one"], 9)
    here.take(SLOW, soon())
    served: list[int] = []

    def wait(lane: int) -> None:
        thing = here.take(lane, time.monotonic() + 5)
        served.append(lane)
        here.give_back(thing)

    threads = [threading.Thread(target=wait, args=(lane,)) for lane in (SLOW, UNKNOWN, QUICK)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        while here.waiting < number:
            time.sleep(0.001)
    here.give_back("one")
    for thread in threads:
        thread.join()
    assert served == [QUICK, UNKNOWN, SLOW]


def test_a_full_queue_refuses_at_once_and_quick_ones_have_their_own() -> None:
    here = lanes.Lanes(["one"], 1)
    here.take(SLOW, soon())
    waiting = threading.Thread(target=lambda: here.give_back(here.take(SLOW, time.monotonic() + 5)))
    waiting.start()
    while not here.waiting:
        time.sleep(0.001)
    began = time.monotonic()
    for lane in (SLOW, UNKNOWN):
        with pytest.raises(lanes.Full, match="full"):
            here.take(lane, time.monotonic() + 5)
    assert time.monotonic() - began < 0.5
    with pytest.raises(lanes.Full, match="in time"):
        here.take(QUICK, soon())
    here.give_back("one")
    waiting.join()
    assert here.drain() == ["one"], "who gave up waiting took nothing"


def test_nothing_is_lost_or_lent_twice_under_many_threads() -> None:
    here = lanes.Lanes(list(range(3)), 99)
    held: set[int] = set()
    twice: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            try:
                thing = here.take((number + _) % 3, time.monotonic() + (0.001 if number % 2 else 5))
            except lanes.Full:
                continue
            if thing in held:
                twice.append(thing)
            held.add(thing)
            held.discard(thing)
            here.give_back(thing)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not twice and sorted(here.drain()) == [0, 1, 2] and not here.waiting


@pytest.mark.parametrize(("one", "other", "same"), [
    ("ASK { <a> ?p ?o }", "ASK { <b> ?p ?o }", True),
    ("SELECT * { ?s ?p 'x' } LIMIT 10", 'SELECT * { ?s ?p "y" } LIMIT 99', True),
    ("SELECT * { ?s ?p ?o }", "SELECT * { ?s ?p ?o . ?o ?q ?r }", False),
    ("ASK { ?s ?p ?o } # one", "# two\nASK {\n  ?s ?p ?o }", True),
    ("ASK { ?s <a#b> ?o }", "ASK { ?s <a#b> ?o . ?o ?p ?s }", False),
    ("ASK { ?s ?p '# x' }", "ASK { ?s ?p '# x' . ?o ?p ?s }", False),
])  # fmt: skip
def test_questions_of_a_shape(one: str, other: str, same: bool) -> None:
    shapes = lanes.Shapes()
    assert (shapes.key(one) == shapes.key(other)) is same


def test_a_shape_is_known_by_its_last_work() -> None:
    shapes = lanes.Shapes()
    key = shapes.key("ASK { <a> ?p ?o }")
    assert shapes.lane(key) == UNKNOWN
    for work, lane in ((0.001, QUICK), (9.0, SLOW), (0.001, QUICK)):
        shapes.learn(key, work)
        assert shapes.lane(key) == lane


def test_a_long_question_is_slow_before_it_was_asked() -> None:
    shapes = lanes.Shapes()
    key = shapes.key("ASK { ?s ?p '" + "x" * 10_000 + "' }")
    shapes.learn(key, 0.0)
    assert shapes.lane(key) == SLOW


def test_what_is_replaced_may_be_waited_for_though_nobody_may_queue() -> None:
    """Whoever comes while a place is made new is no worse off than had he come a moment later."""
    here = lanes.Lanes(["old"], 0)
    assert here.pick(lambda thing: thing == "new") is None
    assert here.pick(lambda thing: thing == "old") == "old"
    found: list[str] = []
    waiting = threading.Thread(target=lambda: found.append(here.take(QUICK, time.monotonic() + 5)))
    waiting.start()
    while not here.waiting:
        time.sleep(0.001)
    with pytest.raises(lanes.Full, match="full"):
        here.take(QUICK, soon())
    here.replace("new")
    waiting.join()
    assert found == ["new"]
    here.expect()
    here.replace("new")
    with pytest.raises(lanes.Full, match="full"):
        here.take(SLOW, soon()), here.take(SLOW, soon())
