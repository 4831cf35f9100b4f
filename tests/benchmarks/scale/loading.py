"""Loading at size: from a file to a published, validated snapshot, against `oxigraph load` of the same file.

python -m tests.benchmarks.scale.loading --partners 10000 100000 640000 --folder /tmp/scale --write

Each runs alone, in a process of its own, one after the other; the snapshot is judged once more by itself, to tell
what validation alone takes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import synthesize
from tests.benchmarks.report import put
from tests.benchmarks.scale.page import PAGE
from tests.benchmarks.scale.snapshots import QUADS, SEED

MOST_TIMES, MOST_MEMORY, MOST_SECONDS = 2.5, 6 << 10, 60  # of `oxigraph load`; MiB; of validation


@dataclass(frozen=True)
class Run:
    """What a process took: seconds that passed, seconds of processor time, and its most memory in MiB."""

    seconds: float
    work: float
    memory: int


@dataclass(frozen=True)
class Loaded:
    """One size: the peer's load, ours to the published snapshot, and the judging of that snapshot alone."""

    peer: Run
    ours: Run
    judged: Run

    @property
    def times(self) -> float:
        """How many times as long ours takes."""
        return self.ours.seconds / self.peer.seconds

    @property
    def holds(self) -> bool:
        """Whether all three bounds are kept."""
        kept = self.times <= MOST_TIMES and self.ours.memory < MOST_MEMORY
        return kept and self.judged.seconds < MOST_SECONDS


def took(command: Sequence[str]) -> Run:
    """Run a command to its end. Raises CalledProcessError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10)


def measured(file: Path, peer: str, place: Path) -> Loaded:
    """Load `file` both ways into folders in `place`."""
    ours = [sys.executable, "-c", "from graph.command import main; main()"]
    data = ["--data-dir", str(place / "data")]
    return Loaded(
        took([peer, "load", "--location", str(place / "peer"), "--file", str(file)]),
        took([*ours, "load", str(file), *data]),
        took([*ours, "validate", *data]),
    )


def lines(results: dict[int, Loaded]) -> list[str]:
    """Give the section as lines of Markdown."""
    head = ["partners", "`oxigraph load`", "`partnergraph load`", "times", "most memory", "validation alone", "holds"]
    found = [f"Run of {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} processors "
             "(`python -m tests.benchmarks.scale.loading`): seconds that passed, in brackets of processor time. "
             f"It holds with at most {MOST_TIMES:g} times the peer's time, less than {MOST_MEMORY >> 10} GiB, and "
             f"less than {MOST_SECONDS} s for validation.", "",
             f"| {' | '.join(head)} |", "|---:|---:|---:|---:|---:|---:|---|"]  # fmt: skip
    for partners, one in sorted(results.items()):
        runs = [f"{run.seconds:.1f} ({run.work:.1f})" for run in (one.peer, one.ours, one.judged)]
        found.append(f"| {partners:,} | {runs[0]} | {runs[1]} | {one.times:.2f} | {one.ours.memory:,} MiB | {runs[2]} "
                     f"| {'yes' if one.holds else 'no'} |")  # fmt: skip
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size; give 1 where a bound is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--partners", type=int, nargs="+", default=[10_000, 100_000, 640_000])
    parser.add_argument("--folder", type=Path, required=True, help="where the graphs are kept")
    parser.add_argument("--peers", type=Path, help="folder of an environment's programmes with `oxigraph` in it")
    parser.add_argument("--write", action="store_true", help="write the section of docs/scale.md")
    given = parser.parse_args(arguments)
    peer = shutil.which("oxigraph", path=str(given.peers) if given.peers else None)
    if peer is None:
        parser.error("there is no programme `oxigraph`")
    results: dict[int, Loaded] = {}
    for partners in given.partners:
        file = given.folder / str(partners) / QUADS
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            synthesize.write(file, partners, SEED)
        with TemporaryDirectory(dir=given.folder, prefix="loading-") as place:
            results[partners] = measured(file, peer, Path(place))
        print(lines(results)[-1], flush=True)
        if given.write:
            put("loading", lines(results), PAGE)
    return 0 if all(one.holds for one in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
