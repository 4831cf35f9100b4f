"""A snapshot: one immutable version of the graph, and the data directory that holds the versions.

`<data-dir>/snapshots/<id>/` holds `oxigraph/`, `index.sqlite`, `report.ttl` and `manifest.json`;
`<data-dir>/CURRENT` names the live one and changes only by an atomic rename after fsync, so a crash at any instant
leaves the old version or the new one, whole.
"""

import fcntl
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from pyoxigraph import Store

from graph.errors import Foreseen

Mode = OneOf["union", "separate"]
Origin = OneOf["facts", "load", "analysis"]

KEPT = 5
_STAGING = ".staging-"


class SnapshotError(Foreseen):
    """The data directory cannot be read or written as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is: `mode` says whether its default graph is the union of the named ones.

    `facts` is the folder of facts it was built from ("" for the package's own), `inputs` the fingerprint of all that
    was read, so that a start can tell whether to build again; `digest` is the content's (see graph/digest.py);
    `findings` are counted by severity; `engines` are the versions of what made it.
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
        return Manifest(**json.loads((path / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"{path}: no readable manifest.json ({error})") from error


class DataDirectory:
    """The directory that holds the versions of one graph: any number of readers, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.snapshots = path / "snapshots"

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
        return [*self.snapshots.glob(f"{_STAGING}*"), *unpublished]

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Be the directory's one writer; SnapshotError where another is at work. Leftovers of a crash are removed."""
        try:
            self.snapshots.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "LOCK").open("w", encoding="ascii")
        except OSError as error:
            raise SnapshotError(f"{self.path}: cannot be written ({error.strerror})") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SnapshotError(f"{self.path}: another process is writing here; wait for it") from error
            for leftover in self._leftovers():
                shutil.rmtree(leftover)
            yield

    def staging(self) -> Path:
        """Make an empty directory for the next version; the next writer removes it should this one fail."""
        path = self.snapshots / f"{_STAGING}{secrets.token_hex(6)}"
        path.mkdir()
        return path

    def publish(self, staging: Path, manifest: Manifest) -> Snapshot:
        """Make `staging` the live version under `manifest.id`, atomically, and let go of the oldest beyond KEPT."""
        _write(staging / "manifest.json", json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n")
        for root, _, files in os.walk(staging):
            for name in files:
                _sync(Path(root) / name)
            _sync(Path(root))
        staging.rename(self.snapshots / manifest.id)
        _sync(self.snapshots)
        _write(self.path / "CURRENT.new", manifest.id + "\n")
        (self.path / "CURRENT.new").replace(self.path / "CURRENT")
        _sync(self.path)
        for old in [v for v in self.versions() if v != manifest.id][: -(KEPT - 1)]:
            shutil.rmtree(self.snapshots / old)
        return Snapshot(self.snapshots / manifest.id)


def new_id(digest: str) -> str:
    """Give the name of a version made now whose content has this digest."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"


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
