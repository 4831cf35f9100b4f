"""The pool: who gets no answer does not wait for what comes after, and old workers go when a version goes."""

import threading
import time
from pathlib import Path

import pytest

from graph.engine.question import Question, TooSlow
from server.pool import Pool
from server.settings import Settings

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ASK = Question("ASK {}", "json")


@pytest.fixture
def pool(second):
    one = Pool(Settings(data_dir=Path("unused"), workers=2), second.path)
    yield one
    one.close()


def eventually(found, seconds=15.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until and not found():
        time.sleep(0.01)
    return found()


def test_the_error_of_a_cut_query_does_not_wait_for_the_next_worker(pool, monkeypatch):
    """A start may take as long as it likes: he who was cut off hears so at once; others wait for a worker."""
    new, gate = pool._new, threading.Event()

    def slowly():
        gate.wait(10)
        return new()

    pool.ask(ASK, 20)
    monkeypatch.setattr(pool, "_new", slowly)
    began = time.monotonic()
    with pytest.raises(TooSlow):
        pool.ask(Question(CROSS, "json"), 0.3)
    assert time.monotonic() - began < 1.5
    gate.set()
    assert pool.ask(ASK, 20).size


def test_old_workers_go_when_another_version_is_live_though_nobody_asks(pool, second, tmp_path):
    """An idle one would hold the files of a version that is let go of."""
    pool.ask(ASK, 20)
    old = {worker.pid for worker in (*pool._spare, *pool._idle._free)}
    assert len(old) == 3
    link = tmp_path / "another"
    link.symlink_to(second.path)
    pool.use(link)
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in old))
    assert eventually(lambda: {worker.snapshot for worker in pool._idle._free} == {link} and len(pool._idle._free) == 2)
    assert pool.ask(ASK, 20).size


def test_a_query_under_way_ends_on_the_version_that_it_began_with(pool, second, tmp_path):
    """The swap waits for nobody, and ends nobody."""
    found = []
    slow = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c } LIMIT 900 } { SELECT * { ?d ?e ?f } LIMIT 900 } }"
    asker = threading.Thread(target=lambda: found.append(pool.ask(Question(slow, "csv"), 30)))
    asker.start()
    assert eventually(lambda: pool.running_count)
    link = tmp_path / "another"
    link.symlink_to(second.path)
    pool.use(link)
    asker.join()
    assert found[0].body.split() == [b"n", b"810000"]
    assert eventually(lambda: {worker.snapshot for worker in pool._idle._free} == {link} and len(pool._idle._free) == 2)
