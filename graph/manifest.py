"""What a version is, as its `manifest.json` says it: its name and digest, where it comes from, what changed in it."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal as OneOf

from graph.errors import Foreseen

Mode = OneOf["union", "separate"]
Origin = OneOf["facts", "load", "analysis", "bare", "change", "revert", "forget"]
Judging = OneOf["own", "file", "none"]


ENGINES = ("partnergraph", "pyoxigraph", "duckdb", "pyshacl", "rdflib", "networkx", "igraph", "numpy", "scipy")


class SnapshotError(Foreseen):
    """The data directory cannot be read or written as asked; the message says what to do."""


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
    changes alone, `measured` the version whose measures it still holds. What earlier releases did not write has a
    default.
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
    measured: str = ""

    @property
    def measured_in(self) -> str:
        """The version in which the measures that it holds were worked out, "" where it holds none."""
        return self.measured or (self.id if self.origin == "analysis" else "")

    @property
    def is_built(self) -> bool:
        """Whether it goes back to facts, so that rules and measures are derived in it and it can be built again."""
        return (self.lineage or self.origin) not in ("load", "bare")

    @property
    def is_whole(self) -> bool:
        """Whether it was made anew, and not from its parent."""
        return self.origin in ("facts", "load", "bare")


def read_manifest(path: Path) -> Manifest:
    """Read a version's manifest; SnapshotError where it is missing or of another release's form."""
    try:
        told = Manifest(**json.loads((path / "manifest.json").read_text(encoding="utf-8")))
        return replace(told, changes=tuple(Change(**change) for change in told.changes))  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"{path}: no readable manifest.json ({error})") from error


def now() -> str:
    """Give this moment as an xsd:dateTime in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_id(digest: str) -> str:
    """Give the name of a version made now whose content has this digest."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"


def engines() -> dict[str, str]:
    """Give the versions of what makes a snapshot."""
    return {name: version(name) for name in ENGINES}
