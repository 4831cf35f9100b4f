"""Large answers on the disk: how much they may take, and that nothing stays behind, however a service ends."""

import subprocess
import sys
import tempfile
import threading
from itertools import repeat
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from graph import export
from graph.formats import GRAPH_FORMATS
from graph.spool import Overfull, spooled
from server.scratch import PREFIX, Room, Scratch

MAKE = "import sys; from server.scratch import Scratch; one = Scratch(); print(one.path, flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def owner(place):
    """Start a process that owns a folder; give it and the folder."""
    process = subprocess.Popen([sys.executable, "-c", MAKE], env={"TMPDIR": str(place)}, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])  # fmt: skip
    return process, Path(process.stdout.readline().strip())


def test_a_folder_goes_with_its_owner(place):
    process, folder = owner(place)
    assert folder.parent == place and folder.is_dir()
    process.communicate()
    assert not folder.exists()
    mine = Scratch()
    (mine.path / "answer").write_text("x")
    mine.close()
    assert not mine.path.exists()
    mine.close()


def test_what_a_killed_owner_left_is_removed_by_the_next_and_nothing_else_is(place):
    """The lock goes with the process; its number may be another's by then."""
    dead, left = owner(place)
    alive, used = owner(place)
    dead.kill()
    dead.communicate()
    (left / "answer").write_text("x")
    old = place / f"{PREFIX}z5gpkivl"
    made = place / f"{PREFIX}{alive.pid}-now"  # its lock is not there yet
    other = place / "partnergraph-else"
    for folder in (old, made, other):
        folder.mkdir()
    one = Scratch()
    assert {path for path in place.iterdir() if path.is_dir()} == {used, made, other, one.path}
    one.close()
    alive.communicate()
    assert not used.exists()


def test_room_is_for_so_many_documents_and_bytes():
    room = Room(3, 100)
    assert room.take(60) and room.take(40)
    assert not room.take(1), "no byte is left"
    room.give(60)
    assert room.take(10) and room.take(10)
    assert not room.take(10), "three are on their way"
    for size in (40, 10, 10):
        room.give(size)
    assert room.take(1000), "a large one alone may go"
    assert not room.take(1)


def test_room_is_never_given_twice():
    room, taken = Room(5, 50), []

    def work():
        for _ in range(500):
            if room.take(10):
                taken.append(1)
                assert len(taken) <= 5
                taken.pop()
                room.give(10)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(room.take(10) for _ in range(5)) and not room.take(1)


def test_a_spool_that_is_full_takes_no_more():
    """The text has no end: whoever read all of it before counting would never come back."""
    with pytest.raises(Overfull):
        spooled(repeat("x" * 1000), 1_000_000)
    with spooled(["é"] * 50, 100) as full:
        assert full.tell() == 100


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_a_document_may_be_so_large_and_no_larger(form):
    triples = [Triple(NamedNode(f"http://x/{n}"), NamedNode("http://x/p"), Literal("x" * 50)) for n in range(500)]
    size = export.write(triples, form).size
    assert export.write(triples, form, largest=size).size == size
    with pytest.raises(Overfull):
        export.write(triples, form, largest=size // 2)
