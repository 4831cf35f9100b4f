"""A snapshot: one immutable version of the graph, and the data directory that holds the versions.

`<data-dir>/snapshots/<id>/` holds `oxigraph/`, `index.sqlite`, `report.ttl` and `manifest.json`, and
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
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO
from typing import Literal as OneOf

from pyoxigraph import Store

from graph.errors import Foreseen

Mode = OneOf["union", "separate"]
Origin = OneOf["facts", "load", "analysis", "bare", "change", "revert"]
Judging = OneOf["own", "file", "none"]

KEPT = 100  # versions kept, unless told
WHOLE = 5  # of them made anew, which share nothing with the one before
_STAGING = ".staging-"
_REMOVED = ".removed-"
_AGAIN = 0.01  # seconds between two looks at the lock


class SnapshotError(Foreseen):
    """The data directory cannot be read or written as asked; the message says what to do."""


class Occupied(SnapshotError):
    """Another process writes to the data directory."""


@dataclass(frozen=True, slots=True)
class Change:
    """One request that a version is made of: who asked, why, when, and how many quads it added and removed."""

    author: str
    message: str
    time: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is: `mode` says whether its default graph is the union of the named ones.

    `facts` is the folder of facts it was built from ("" for the package's own), `inputs` the fingerprint of all that
    was read, so that a start can tell whether to build again; `digest` is the content's (see graph/digest.py);
    `findings` are counted by severity; `engines` are the versions of what made it.

    `shapes` says what judges it: the project's own, the version's `shapes.ttl`, or nothing. `digests` are those of its
    graphs ("" is the default one of `separate` mode). `lineage` is the origin of the version that it goes back to by
    changes alone. What earlier releases did not write has a default.
    """

    id: str
    created: str
    parent: str | None
    mode: Mode
    origin: Origin
    facts: str
    inputs: str
    digest: str
    quads: int
    triples: int
    graphs: dict[str, int]
    findings: dict[str, int]
    engines: dict[str, str]
    shapes: Judging = "own"
    digests: dict[str, str] = field(default_factory=dict)
    lineage: str = ""
    changes: tuple[Change, ...] = ()
    message: str = ""

    @property
    def is_built(self) -> bool:
        """Whether it goes back to facts, so that rules and measures are derived in it and it can be built again."""
        return (self.lineage or self.origin) not in ("load", "bare")

    @property
    def is_whole(self) -> bool:
        """Whether it was made anew, and not from its parent."""
        return self.origin in ("facts", "load", "bare")


class Snapshot:
    """An opened, read-only version: `store` answers queries, `index()` opens the tables beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = read_manifest(path)

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
        uri = f"{(self.path / 'index.sqlite').resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True)

    @property
    def report(self) -> Path:
        """The SHACL report of this version, as Turtle."""
        return self.path / "report.ttl"


def read_manifest(path: Path) -> Manifest:
    """Read a version's manifest; SnapshotError where it is missing or of another release's form."""
    try:
        told = Manifest(**json.loads((path / "manifest.json").read_text(encoding="utf-8")))
        return replace(told, changes=tuple(Change(**change) for change in told.changes))  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"{path}: no readable manifest.json ({error})") from error


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
        _write(staging / "manifest.json", json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n")
        self.reached("written")
        for root, _, files in os.walk(staging):
            for name in files:
                _sync(Path(root) / name)
            _sync(Path(root))
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


def now() -> str:
    """Give this moment as an xsd:dateTime in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_id(digest: str) -> str:
    """Give the name of a version made now whose content has this digest."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"


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
