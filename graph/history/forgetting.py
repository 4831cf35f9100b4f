"""Erasure: something is taken out of every version that is kept, and out of what lies beside it.

The versions from the first that tells of it on are made anew under names of their own, beside the old ones; then the
live one is pointed away from, atomically, and the old ones are removed. A crash in between leaves the old live version
or the new one; the command given again does what is left.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import rdflib
from pyoxigraph import Store

from graph import facets, index
from graph.change import patch
from graph.change.delta import Delta, Working
from graph.change.derived import derive_all
from graph.change.judge import without_results
from graph.counted import counted
from graph.erasure import mentioning, mentions, reach
from graph.errors import Foreseen
from graph.gone import Gone
from graph.manifest import Change, SnapshotError, engines, new_id, now
from graph.snapshot import DataDirectory, Snapshot, sync, write_manifest
from graph.store import DEFAULT, name_of, with_union


class Unknown(Foreseen, LookupError):
    """No version that is kept tells of what is to be forgotten."""


def forget(data: DataDirectory, iri: str, author: str = "") -> tuple[Snapshot, int]:
    """Take `iri`, and what only ties it, out of every version; give the next live one and how many were made anew.

    The log says so, with the IRI alone. Raises Unknown where nothing tells of it, SnapshotError. Backups made before,
    and the facts that builds are made of, are out of reach: a build leaves it out all the same.
    """
    with data.writer():
        versions = [data.open(version) for version in data.versions()]
        if not versions:
            raise SnapshotError(f"{data.path}: nothing is published here")
        erased: set[str] = set()
        for one in versions:
            erased |= reach(one.store, [iri])
        first = next((n for n, one in enumerate(versions) if _tells(one, erased)), None)
        if first is None:
            raise Unknown(f"no version tells of <{iri}>")
        Gone(data.path).forget(sorted(erased))
        data.reached("forgotten")
        place = data.staging()
        made = _Eraser(erased, place).remake(versions[first:])
        data.reached("remade")
        live = _log(data, made[-1], iri, author, len(versions) + 1)
        for old, new in zip(versions[first:], made, strict=True):
            target = data.snapshots / new.name
            if target != old.path:
                new.rename(target)
                shutil.rmtree(old.path)
            data.reached("replacing")
        shutil.rmtree(place, ignore_errors=True)
        return live, len(made)


def _tells(version: Snapshot, erased: set[str]) -> bool:
    """Whether a version, or what changed in it, tells of `erased`."""
    if next(mentioning(version.store, erased), None) is not None:
        return True
    written = version.path / "patch.rdfp"
    delta = patch.read(written) if written.is_file() else Delta()
    return any(mentions(quad, erased) for quad in (*delta.added, *delta.removed))


def _log(data: DataDirectory, made: Path, iri: str, author: str, keep: int) -> Snapshot:
    """Publish, as the next version, the remade live one, and say what was forgotten."""
    staging = data.staging()
    was = Snapshot(made)
    was.store.backup(str(staging / "oxigraph"))
    for path in made.iterdir():
        if path.is_file() and path.name not in ("manifest.json", "patch.rdfp"):
            os.link(path, staging / path.name)
    (staging / "patch.rdfp").write_text("".join(patch.text([], parent=was.id)), encoding="utf-8")
    name = new_id(was.manifest.digest)
    manifest = replace(
        was.manifest, id=name, created=name.partition("-")[0], parent=was.id, origin="forget", engines=engines(),
        lineage=was.manifest.lineage or was.manifest.origin, message="", measured=was.manifest.measured_in,
        changes=(Change(author, f"forgot <{iri}>", now(), 0, 0),),
    )  # fmt: skip
    return data.publish(staging, manifest, keep)


class _Eraser:
    """Makes versions anew without `erased`, in folders below `place`."""

    def __init__(self, erased: set[str], place: Path) -> None:
        self._erased, self._place = erased, place
        self._names: dict[str, str] = {}

    def remake(self, versions: Sequence[Snapshot]) -> list[Path]:
        """Make `versions` anew, each from the one before where it came of it by a change."""
        made: list[Path] = []
        for version in versions:
            made.append(self._remade(version, made[-1] if made else None))
        return made

    def _remade(self, version: Snapshot, before: Path | None) -> Path:
        folder = self._place / f"making-{version.id}"
        folder.mkdir()
        manifest, written = version.manifest, version.path / "patch.rdfp"
        parent = self._names.get(manifest.parent or "", manifest.parent)
        delta = self._patch(patch.read(written)) if written.is_file() else None
        if delta is not None and before is not None and parent == before.name:
            Snapshot(before).store.backup(str(folder / "oxigraph"))
            store = Store(str(folder / "oxigraph"))
            Working(store, manifest.mode).replay(delta)
        else:
            store = self._copy(version, folder)
        if manifest.is_built:
            derive_all(Working(store, manifest.mode))
        counts = counted(store, manifest.mode, folder)
        if delta is not None:
            text = patch.text([delta], parent=parent or "")
            (folder / "patch.rdfp").write_text("".join(text), encoding="utf-8")
        self._tables_of(version, folder)
        findings = self._report(version, folder)
        if (version.path / facets.FILE).is_file():
            facets.beside(store, folder)
        store.flush()
        del store
        name = f"{manifest.id.partition('-')[0]}-{counts.digest[:8]}"
        self._names[manifest.id] = name
        measured = self._names.get(manifest.measured, manifest.measured)
        told = replace(manifest, id=name, parent=parent, findings=findings, measured=measured, **asdict(counts))
        write_manifest(folder, told)
        sync(folder)
        return folder.rename(self._place / name)

    def _patch(self, delta: Delta) -> Delta:
        return Delta(
            {quad for quad in delta.added if not mentions(quad, self._erased)},
            {quad for quad in delta.removed if not mentions(quad, self._erased)},
            {graph for graph in delta.begun if name_of(graph) not in self._erased},
            {graph for graph in delta.dropped if name_of(graph) not in self._erased},
        )

    def _copy(self, version: Snapshot, folder: Path) -> Store:
        """Write the version to a store of its own: what is taken out of a shared one stays in its files."""
        store, union = Store(str(folder / "oxigraph")), version.manifest.mode == "union"
        kept = (q for q in version.store if not (union and q.graph_name == DEFAULT) and not mentions(q, self._erased))
        store.bulk_extend(with_union(kept) if union else kept)
        for graph in version.store.named_graphs():
            if name_of(graph) not in self._erased:
                store.add_graph(graph)
        store.optimize()
        return store

    def _tables_of(self, version: Snapshot, folder: Path) -> None:
        shared = self._place / f"tables-{(version.path / index.FILE).stat().st_ino}"  # one file of several versions
        if not shared.exists():
            shutil.copyfile(version.path / index.FILE, shared)
            index.erase(shared, self._erased)
        os.link(shared, folder / index.FILE)
        if (version.path / index.CHANGED).is_file():
            shutil.copyfile(version.path / index.CHANGED, folder / index.CHANGED)
            index.erase(folder / index.CHANGED, self._erased)

    def _report(self, version: Snapshot, folder: Path) -> dict[str, int]:
        """Write the report without results about what is erased; give the findings by severity."""
        if (version.path / "shapes.ttl").is_file():
            os.link(version.path / "shapes.ttl", folder / "shapes.ttl")
        text = version.report.read_text(encoding="utf-8")
        findings = dict(version.manifest.findings)
        report = rdflib.Graph().parse(data=text, format="turtle")
        nodes = {rdflib.URIRef(iri) for iri in self._erased}
        for severity, more in without_results(report, nodes).items():
            findings[severity] = max(0, findings.get(severity, 0) - more)
        (folder / "report.ttl").write_text(report.serialize(format="longturtle"), encoding="utf-8")
        return findings

