"""The versions of a data directory in a chain, each with its parent, and the difference between any two."""

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad, Store

from graph.change import patch
from graph.change.delta import Delta
from graph.manifest import Change, Manifest, Mode, SnapshotError, read_manifest
from graph.snapshot import DataDirectory
from graph.store import DEFAULT


def chain(data: DataDirectory) -> list[Manifest]:
    """Give the manifests of the versions kept, the newest first. Raises SnapshotError."""
    return [read_manifest(data.snapshots / version) for version in reversed(data.versions())]


def written(data: DataDirectory) -> list[Change]:
    """Give the changes written to the live version since its build or load, those of versions no longer kept excepted.

    Empty where nothing is live, and where a `revert` took all of them back. Raises SnapshotError.
    """
    live = found = data.current_id()
    changes: list[Change] = []
    digests = []
    kept = set(data.versions()) if live is not None else set()
    while found in kept:
        one = read_manifest(data.snapshots / str(found))
        digests.append(one.digest)
        if one.origin not in ("change", "revert", "forget"):
            return [] if one.digest == digests[0] else changes
        changes += one.changes if one.origin != "forget" else ()
        found = one.parent
    return changes


def about(data: DataDirectory, iri: str) -> list[Manifest]:
    """Give the versions, the newest first, whose change adds or removes a statement that mentions `iri`."""
    marked = f"<{iri}>"
    return [one for one in chain(data) if _mentions(data.snapshots / one.id / "patch.rdfp", marked)]


def _mentions(written: Path, marked: str) -> bool:
    if not written.is_file():
        return False
    with written.open(encoding="utf-8") as lines:
        return any(marked in line for line in lines if line[:2] in ("A ", "D "))


def delta_of(data: DataDirectory, version: str) -> Delta | None:
    """Give what `version` changed in its parent, None where that is not written beside it. Raises SnapshotError."""
    found = data.open(version).path / "patch.rdfp"
    return patch.read(found) if found.is_file() else None


def between(data: DataDirectory, old: str, new: str) -> Delta:
    """Give the net difference from the version `old` to `new`, in either direction of time.

    It is put together from the patches between them, in time that these take; where one has none (it was made anew),
    the two are compared, by their columns or else quad by quad. Raises SnapshotError where there is no such version.
    """
    for first, last, forwards in ((old, new, True), (new, old, False)):
        steps = _steps(data, first, last)
        if steps is not None:
            total = Delta()
            for step in steps:
                total.absorb(step)
            return total if forwards else total.inverse()
    from graph.columns.difference import difference  # DuckDB takes a while to load

    before, after = data.open(old), data.open(new)
    apart = difference(before.path, after.path)
    if apart is None:
        return compare(before.store, before.manifest.mode, after.store, after.manifest.mode)
    old_graphs, new_graphs = set(before.store.named_graphs()), set(after.store.named_graphs())
    return Delta(*apart, begun=set(new_graphs - old_graphs), dropped=set(old_graphs - new_graphs))


def compare(before: Store, before_mode: Mode, after: Store, after_mode: Mode) -> Delta:
    """Give the difference between two stores, without the default graph where it is derived."""
    old_graphs, new_graphs = set(before.named_graphs()), set(after.named_graphs())
    return Delta(
        added={quad for quad in _quads(after, after_mode) if quad not in before},
        removed={quad for quad in _quads(before, before_mode) if quad not in after},
        begun=set(new_graphs - old_graphs),
        dropped=set(old_graphs - new_graphs),
    )


def _quads(store: Store, mode: Mode) -> Iterable[Quad]:
    return (quad for quad in store if mode == "separate" or quad.graph_name != DEFAULT)


def _steps(data: DataDirectory, first: str, last: str) -> list[Delta] | None:
    """Give the patches from `first` to `last`, a descendant; None where that is none, or one of them has no patch."""
    kept = set(data.versions())
    for wanted in (first, last):
        if wanted not in kept:
            raise SnapshotError(f"{data.path}: no snapshot {wanted!r}")
    found: list[Delta] = []
    version: str | None = last
    while version != first:
        if version is None or version not in kept:
            return None
        step = delta_of(data, version)
        if step is None:
            return None
        found.append(step)
        version = read_manifest(data.snapshots / version).parent
    return found[::-1]
