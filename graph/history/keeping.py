"""Keeping versions: back to an earlier one, checked against their digests, in one file and out of it again."""

import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Quad

from graph.change import patch
from graph.change.artefacts import carry
from graph.digest import of_quads
from graph.errors import Foreseen
from graph.gone import FILE as GONE
from graph.gone import Gone, removed
from graph.history.chain import between
from graph.manifest import Change, SnapshotError, engines, new_id, now
from graph.snapshot import DataDirectory, Snapshot
from graph.store import named_quads, union

_KEPT = ("snapshots", "sources", GONE, "CURRENT")


class BackupError(Foreseen):
    """A backup cannot be written, or is none that can be restored."""


def revert(data: DataDirectory, version: str, author: str = "", message: str = "") -> Snapshot:
    """Publish, as the next version, what `version` held. Raises SnapshotError where it is not kept."""
    with data.writer():
        live, target = data.current(), data.open(version)
        delta = between(data, live.id, version)
        place = data.staging()
        target.store.backup(str(place / "oxigraph"))
        carry(target.path, place, same=True)
        headers = {"parent": live.id, "revert": version}
        (place / "patch.rdfp").write_text("".join(patch.text([delta], **headers)), encoding="utf-8")
        Gone(data.path).note(removed((quad.subject for quad in delta.removed), target.store))
        made = new_id(target.manifest.digest)
        change = Change(author, message or f"back to {version}", now(), len(delta.added), len(delta.removed))
        manifest = replace(
            target.manifest, id=made, created=made.partition("-")[0], parent=live.id, origin="revert",
            lineage=target.manifest.lineage or target.manifest.origin, changes=(change,), engines=engines(),
            measured=target.manifest.measured_in,
        )  # fmt: skip
        return data.publish(place, manifest)


def faults(snapshot: Snapshot) -> Iterator[str]:
    """Give what is wrong with a version: its digest, its counts, the union that its default graph is."""
    manifest, store = snapshot.manifest, snapshot.store
    if of_quads(named_quads(store) if manifest.mode == "union" else store) != manifest.digest:
        yield "its statements are not those that its digest was made of"
    if sum(1 for _ in union(store)) != manifest.triples:
        yield "its default graph has another number of triples than was counted"
    if manifest.mode == "union":
        for quad in named_quads(store):
            if Quad(quad.subject, quad.predicate, quad.object) not in store:
                yield "its default graph is not the union of its graphs"
                return


def backup(data: DataDirectory, file: Path) -> int:
    """Write every version kept, and what was imported, to one file; give its size. Raises BackupError.

    Files that versions share are in it once. It appears under its name only when it is whole.
    """
    with data.writer():
        data.current()
        part = file.with_name(file.name + ".part")
        try:
            with tarfile.open(part, "w:gz", compresslevel=1) as archive:
                for name in _KEPT:
                    if (data.path / name).exists():
                        archive.add(data.path / name, name)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise BackupError(f"{file}: cannot be written ({error.strerror or error})") from error
    return file.stat().st_size


def restore(data: DataDirectory, file: Path) -> Snapshot:
    """Put the versions of a backup into `data`, where nothing is published yet; the live one is checked first.

    Raises BackupError, and SnapshotError where something is published there already.
    """
    if data.current_id() is not None:
        raise SnapshotError(f"{data.path}: something is published here; restore into a --data-dir of its own")
    with data.writer():
        place = data.staging()
        try:
            with tarfile.open(file, "r:gz") as archive:
                archive.extractall(place, filter="data")
        except (OSError, EOFError, tarfile.TarError) as error:
            raise BackupError(f"{file}: no backup that can be read ({error})") from error
        data.reached("extracted")
        held = DataDirectory(place)
        live = held.current()
        wrong = list(faults(live))
        if wrong:
            raise BackupError(f"{file}: version {live.id}: {wrong[0]}")
        for version in held.versions():
            shutil.rmtree(data.snapshots / version, ignore_errors=True)
            (held.snapshots / version).rename(data.snapshots / version)
            data.reached("restoring")
        if (place / "sources").is_dir():
            shutil.rmtree(data.path / "sources", ignore_errors=True)
            (place / "sources").rename(data.path / "sources")
        if (place / GONE).is_file():
            (place / GONE).replace(data.path / GONE)
        data.point_to(live.id)
        shutil.rmtree(place)
        return data.open(live.id)
