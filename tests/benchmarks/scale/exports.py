"""The whole graph as one file: ours out of columns against `oxigraph dump` of the same store, and what they wrote.

`python -m tests.benchmarks.scale.exports PLACE FORMAT FILE` writes one file of ours, in a process of its own.
"""

import os
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import DefaultGraph, RdfFormat, Store, parse, serialize

from graph import export, formats
from graph.columns.document import opened
from graph.names import PREFIXES
from graph.spool import chunks

OURS, PEER = "Partnergraph", "oxigraph dump"
LONG = 20.0  # seconds; what takes longer is written once


@dataclass(frozen=True)
class Exported:
    """What one file took: seconds that passed and of processors, the most memory in MiB; what is in it."""

    seconds: float
    work: float
    memory: int
    size: int
    statements: int
    digest: int


def exports(place: Path, programmes: Path | None) -> dict[str, dict[str, Exported]]:
    """Give what each format took each writer, the better of two times where it is not long; the peer where installed.

    The peer writes a default graph as Turtle, as we do; as N-Quads all that the store holds, the union too.
    """
    peer = shutil.which("oxigraph", path=str(programmes) if programmes else None)
    found: dict[str, dict[str, Exported]] = {}
    for form in (formats.TURTLE, formats.NQUADS):
        own = [sys.executable, "-m", __name__, str(place), form.name]
        theirs = [str(peer), "dump", "--location", str(place / "oxigraph"),
                  *(["--graph", "default"] if not form.quads else []), "--file"]  # fmt: skip
        found[form.label] = {OURS: _best(own, place, form)}
        if peer:
            found[form.label][PEER] = _best(theirs, place, form)
        for writer, told in found[form.label].items():
            print(f"{writer:20} {form.label:28} {told.seconds:.1f} s, {told.work:.1f} s of work, {told.memory} MiB")
    return found


def differing(found: dict[str, dict[str, Exported]]) -> list[str]:
    """Give the formats in which the two say something else; N-Quads are compared without the union."""
    return [label for label, by in found.items() if len({(e.statements, e.digest) for e in by.values()}) > 1]


def _best(command: Sequence[str], place: Path, form: formats.Format) -> Exported:
    with TemporaryDirectory(prefix="scale-export-", dir=place.parent) as folder:
        file = Path(folder) / f"whole{form.suffix}"
        took = _timed([*command, str(file)])
        if took[0] < LONG:
            took = min(took, _timed([*command, str(file)]))
        return Exported(*took, file.stat().st_size, *_meaning(file, form))


def _timed(command: Sequence[str]) -> tuple[float, float, int]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10


class _Sum:
    """A writer that counts lines and adds up their sums: the same for the same lines in any order."""

    def __init__(self) -> None:
        self.lines, self.total, self._rest = 0, 0, b""

    def write(self, data: bytes) -> int:
        """Take `data`."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += len(lines)
        self.total += sum(map(zlib.crc32, lines))
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""


def _meaning(file: Path, form: formats.Format) -> tuple[int, int]:
    """Give how many statements a file has, those of a union left out, and what tells them from others."""
    found = _Sum()
    quads = parse(path=str(file), format=form.rdf)
    kept = (quad for quad in quads if not form.quads or not isinstance(quad.graph_name, DefaultGraph))
    serialize(kept, found, format=RdfFormat.N_QUADS)  # type: ignore[arg-type]
    return found.lines, found.total


def main() -> None:
    """Write one file."""
    place, name, file = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    form = formats.by_name(name)
    with opened(place) as columns, file.open("wb") as out:
        if columns is None:
            out.writelines(export.whole(Store.read_only(str(place / "oxigraph")), form))
        else:
            out.writelines(chunks(columns.write(export.everything(form), form, PREFIXES)))


if __name__ == "__main__":
    main()
