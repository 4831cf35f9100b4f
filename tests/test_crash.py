"""Whatever instant a writer is killed at: the last version answered, or the one in flight, is there whole."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from graph.bare import ensure_bare
from graph.change.commit import commit
from graph.change.request import Request
from graph.erasure import mentioning
from graph.history import BackupError, Unknown, backup, faults, forget, restore
from graph.manifest import SnapshotError
from graph.snapshot import DataDirectory
from tests import crash

POINTS = ("applied", "staged", "written", "synced", "named", "pointed", "published", "pruning")
FORGETTING = ("forgotten", "remade", "replacing")
RANDOM = 200
IS = NamedNode("x:is")


def script(data: DataDirectory, point: str = "", first: int = 1, largest: int = 0) -> "subprocess.Popen[str]":
    """Start the writer."""
    return subprocess.Popen(
        [sys.executable, str(Path(crash.__file__)), str(data.path), point, str(first), str(largest)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent, start_new_session=True,
    )  # fmt: skip


def number_of(data: DataDirectory) -> int:
    """Give the number that the live version says twice; a mixture of two versions would say two."""
    held = data.current()
    said = {quad.object.value for quad in held.store.quads_for_pattern(None, IS, None, None)}  # type: ignore[union-attr]
    assert len(said) <= 1, f"{held.id} is a mixture: {said}"
    return int(next(iter(said), "0"))


class Reader:
    """Somebody who reads the live version all the time."""

    def __init__(self, data: DataDirectory) -> None:
        self.data, self.seen, self.faults = data, 0, list[str]()
        self._ended = False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        last = 0
        while not self._ended:
            try:
                number = number_of(self.data)
            except (AssertionError, SnapshotError, OSError) as error:
                if self.data.current_id() in self.data.versions():  # else it was let go of while it was opened
                    self.faults.append(repr(error))
                continue
            if number < last:
                self.faults.append(f"{last} and then {number}")
            last = number
            self.seen += 1
            time.sleep(0.01)

    def end(self) -> None:
        self._ended = True
        self._thread.join()
        assert self.faults == [] and self.seen


def until(process: "subprocess.Popen[str]", word: str) -> list[str]:
    """Wait until the writer says something that begins with `word`; give all that it said."""
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        if line.startswith(word):
            break
    return said


def killed(data: DataDirectory, process: "subprocess.Popen[str]", said: list[str]) -> None:
    """Check the directory after `process`, which may still be alive and `said` things, was killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    said += (process.communicate()[0] or "").split("\n")
    done = [int(line.split()[1]) for line in said if line.startswith("done ")]
    begun = [int(line.split()[1]) for line in said if line.startswith("begin ")]
    held = number_of(data)
    allowed = {done[-1]} if done else {begun[0] - 1} if begun else {held}
    assert held in allowed | set(begun[-1:]), (held, done[-3:], begun[-3:])
    assert list(faults(data.current())) == []


def test_the_points_are_those_that_the_code_has(root: Path) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (root / "graph").rglob("*.py"))
    named = set(re.findall(r'reached\("(\w+)"\)', code))
    assert named == {*POINTS, *FORGETTING, "extracted", "restoring"}


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    """A bare store."""
    directory = DataDirectory(tmp_path / "data")
    ensure_bare(directory, None)
    return directory


@pytest.mark.parametrize("point", [pytest.param(p, marks=[] if p == "pointed" else [pytest.mark.long]) for p in POINTS])
def test_a_writer_that_dies_at_a_point_leaves_a_whole_version(data: DataDirectory, point: str) -> None:
    process = script(data, point)
    process.wait(60)
    assert process.returncode == -signal.SIGKILL, "the point was reached"
    killed(data, process, [])
    after = commit(data, Request("update", crash.UPDATE.format(5000).encode()), 512)
    assert number_of(data) == 5000 and list(faults(after)) == []
    assert [p.name for p in data.snapshots.iterdir() if p.name.startswith(".")] == [], "leftovers are removed"


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_a_writer_that_is_killed_at_any_instant_leaves_a_whole_version(data: DataDirectory) -> None:
    chance, reader, first = random.Random(7), Reader(data), 1
    for _ in range(RANDOM):
        process = script(data, first=first)
        said = until(process, chance.choice(["begin", "done"]))
        time.sleep(chance.uniform(0.0, 1.0))
        killed(data, process, said)
        first = number_of(data) + 1
    reader.end()
    assert first > RANDOM // 4, "it wrote in between"


@pytest.mark.long
def test_a_full_disk_is_said_and_loses_nothing(data: DataDirectory) -> None:
    commit(data, Request("update", crash.UPDATE.format(7).encode()), 512)
    process = script(data, first=8, largest=40_000)  # the tables are larger
    said = process.communicate(timeout=60)[0]
    assert "refused" in said and "cannot be written" in said, said
    assert number_of(data) == 7 and list(faults(data.current())) == []
    commit(data, Request("update", crash.UPDATE.format(9).encode()), 512)
    assert number_of(data) == 9


def test_a_backup_is_restored_whole_or_not_at_all(data: DataDirectory, tmp_path: Path) -> None:
    commit(data, Request("update", crash.UPDATE.format(3).encode()), 512)
    file = tmp_path / "backup.tar.gz"
    backup(data, file)
    again = DataDirectory(tmp_path / "again")
    assert restore(again, file).id == data.current_id() == again.current_id()
    assert again.versions() == data.versions() and number_of(again) == 3
    with pytest.raises(SnapshotError):
        restore(again, file)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(BackupError):
        restore(DataDirectory(tmp_path / "none"), file)
    assert DataDirectory(tmp_path / "none").current_id() is None


class Died(Exception):
    """A writer ends here."""


@pytest.mark.parametrize(
    "point",
    [
        "remade",
        *(
            pytest.param(p, marks=pytest.mark.long)
            for p in ("forgotten", "replacing", "synced", "pointed", "published")
        ),
    ],
)
def test_an_erasure_that_dies_can_be_done_again(data: DataDirectory, point: str) -> None:
    firm = "https://w3id.org/partner-ecosystem/id/organization/x"
    for text in (f"INSERT DATA {{ <{firm}> <x:is> 1 }}", "INSERT DATA { <x:other> <x:is> 1 }"):
        commit(data, Request("update", text.encode()), 512)

    def die(here: str) -> None:
        if here == point:
            raise Died

    with pytest.raises(Died):
        forget(DataDirectory(data.path, die), firm)
    live = data.current()
    assert list(faults(live)) == [] and number_of(data) == 1, "the last version or the next one, whole"
    with suppress(Unknown):  # nothing was left to do
        forget(data, firm)
    for version in data.versions():
        held = data.open(version)
        assert next(mentioning(held.store, [firm]), None) is None and list(faults(held)) == []
    assert len({version.partition("-")[0] for version in data.versions()}) == len(data.versions())
    after = commit(data, Request("update", b"INSERT DATA { <x:more> <x:is> 1 }"), 512)
    assert list(faults(after)) == []


@pytest.mark.parametrize("point", ["extracted", "restoring"])
def test_a_restore_that_dies_can_be_done_again(data: DataDirectory, tmp_path: Path, point: str) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(data, file)

    def die(here: str) -> None:
        if here == point:
            raise Died

    with pytest.raises(Died):
        restore(DataDirectory(tmp_path / "again", die), file)
    again = DataDirectory(tmp_path / "again")
    assert again.current_id() is None
    assert restore(again, file).id == data.current_id()
