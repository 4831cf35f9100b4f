"""A snapshot: one immutable version of the graph, and the data directory that holds the versions.

`<data-dir>/snapshots/<id>/` holds `oxigraph/`, `index.sqlite`, `facets.sqlite`, `report.ttl` and `manifest.json`, and
`analysis.sqlite` where its analysis was made with it;
`<data-dir>/CURRENT` names the live one and changes only by an atomic rename after fsync, so a crash at any instant
leaves the old version or the new one, whole.
"""

import fcntl
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import IO
from weakref import finalize

from pyoxigraph import Store

from graph import facets, index
from graph.manifest import Manifest, SnapshotError, read_manifest

KEPT = 100  # versions kept, unless told
WHOLE = 5  # of them made anew, which share nothing with the one before
_STAGING = ".staging-"
_REMOVED = ".removed-"
_AGAIN = 0.01  # seconds between two looks at the lock


class Occupied(SnapshotError):
    """Another process writes to the data directory."""


class Snapshot:
    """An opened, read-only version: `store` answers queries, `index()` and `lists()` open the tables beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = read_manifest(path)
        self._made: Path | None = None
        self._lock = Lock()

    @cached_property
    def store(self) -> Store:
        """The engine over this version, read-only."""
        return Store.read_only(str(self.path / "oxigraph"))

    @property
    def id(self) -> str:
        """The version's name: when it was made and the first digits of its digest."""
        return self.manifest.id

    def index(self) -> sqlite3.Connection:
        """Open the tables beside the graph (provenance, names), read-only; one connection a thread."""
        return index.opened(self.path)

    def lists(self) -> sqlite3.Connection:
        """Open the tables of lists and facets, read-only; one connection a thread.

        Where a change left none beside the version, they are made now, once, and go with this object.
        """
        path = self.path / facets.FILE
        if not path.is_file():
            with self._lock:
                if self._made is None:
                    # The name is one that the next start of a service removes where this process was killed.
                    made = mkdtemp(prefix=f"partnergraph-spool-{os.getpid()}-")
                    finalize(self, shutil.rmtree, made, ignore_errors=True)
                    self._made = facets.beside(self.store, Path(made))
                path = self._made
        return index.read_only(path)

    @property
    def report(self) -> Path:
        """The SHACL report of this version, as Turtle."""
        return self.path / "report.ttl"


class DataDirectory:
    """The directory that holds the versions of one graph: any number of readers, one writer at a time."""

    def __init__(self, path: Path, reached: Callable[[str], None] = lambda _: None) -> None:
        """Take the directory at `path`; `reached` is told each point at which a writer may be interrupted."""
        self.path = path
        self.snapshots = path / "snapshots"
        self.reached = reached

    def current_id(self) -> str | None:
        """Give the live version's id, or None where nothing was published yet; SnapshotError where it is unreadable."""
        try:
            return (self.path / "CURRENT").read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SnapshotError(f"{self.path}: cannot be read ({error.strerror})") from error

    def current(self) -> Snapshot:
        """Open the live version; SnapshotError where nothing was published yet."""
        found = self.current_id()
        if found is None:
            raise SnapshotError(f"{self.path}: nothing is published here; 'partnergraph build' makes a graph")
        return self.open(found)

    def open(self, snapshot: str) -> Snapshot:
        """Open the version called `snapshot`; SnapshotError where there is none."""
        if snapshot not in self.versions():
            raise SnapshotError(f"{self.path}: no snapshot {snapshot!r}")
        return Snapshot(self.snapshots / snapshot)

    def versions(self) -> list[str]:
        """Give the ids of the versions kept, oldest first; one that a writer did not live to publish is none."""
        live = self.current_id()
        return [name for name in self._names() if live is not None and name <= live]

    def _names(self) -> list[str]:
        if not self.snapshots.is_dir():
            return []
        return sorted(p.name for p in self.snapshots.iterdir() if p.is_dir() and not p.name.startswith("."))

    def _leftovers(self) -> list[Path]:
        """Give what a writer that was killed left behind; the caller is the directory's writer."""
        known = set(self.versions())
        unpublished = [self.snapshots / name for name in self._names() if name not in known]
        begun = (path for start in (_STAGING, _REMOVED) for path in self.snapshots.glob(f"{start}*"))
        return [*begun, *unpublished]

    @contextmanager
    def writer(self, wait: float = 0.0) -> Iterator[None]:
        """Be the directory's one writer, waiting `wait` seconds for another; leftovers of a crash are removed.

        Raises SnapshotError where another is still at work, and where the disk does not take what is written.
        """
        with self._told():
            self.snapshots.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "LOCK").open("w", encoding="ascii")
        with lock:
            until = time.monotonic() + wait
            while not _locked(lock):
                if time.monotonic() >= until:
                    raise Occupied(f"{self.path}: another process is writing here; wait for it")
                time.sleep(_AGAIN)
            with self._told():
                for leftover in self._leftovers():
                    shutil.rmtree(leftover)
                yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a line what the disk refuses."""
        try:
            yield
        except OSError as error:
            raise SnapshotError(f"{self.path}: cannot be written ({error.strerror or error})") from error

    def staging(self) -> Path:
        """Make an empty directory for the next version; the next writer removes it should this one fail."""
        path = self.snapshots / f"{_STAGING}{secrets.token_hex(6)}"
        path.mkdir()
        return path

    def publish(self, staging: Path, manifest: Manifest, keep: int = KEPT) -> Snapshot:
        """Make `staging` the live version under `manifest.id`, atomically, then let go of the oldest (see `prune`)."""
        write_manifest(staging, manifest)
        self.reached("written")
        sync(staging)
        self.reached("synced")
        staging.rename(self.snapshots / manifest.id)
        _sync(self.snapshots)
        self.reached("named")
        self.point_to(manifest.id)
        self.prune(keep)
        return Snapshot(self.snapshots / manifest.id)

    def point_to(self, version: str) -> None:
        """Make `version` the live one, atomically. The caller is the directory's writer."""
        _write(self.path / "CURRENT.new", version + "\n")
        self.reached("pointed")
        (self.path / "CURRENT.new").replace(self.path / "CURRENT")
        self.reached("published")
        _sync(self.path)

    def prune(self, keep: int = KEPT, whole: int = WHOLE) -> list[str]:
        """Let go of the oldest versions beyond `keep`, and of those before the last `whole` made anew; give their ids.

        The live version always stays. The caller is the directory's writer.
        """
        live, anew = self.current_id(), 0
        gone = []
        for kept, version in enumerate(reversed(self.versions()), 1):
            if version != live and (kept > max(keep, 1) or anew >= whole):
                gone.append(version)
            else:
                anew += _is_whole(self.snapshots / version)
        for version in gone:
            hidden = self.snapshots / f"{_REMOVED}{version}"
            (self.snapshots / version).rename(hidden)
            self.reached("pruning")
            shutil.rmtree(hidden)
        return gone


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what the version in `folder` is."""
    _write(folder / "manifest.json", json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n")


def sync(folder: Path) -> None:
    """Let all that lies in `folder` be on the disk before anything refers to it."""
    for root, _, files in os.walk(folder):
        for name in files:
            _sync(Path(root) / name)
        _sync(Path(root))


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_whole(path: Path) -> bool:
    """Whether the version in `path` was made anew; one of another release's form counts as such."""
    try:
        return read_manifest(path).is_whole
    except SnapshotError:
        return True


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
