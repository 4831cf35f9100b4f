"""All analysis of a made-up graph: its seconds and the most memory of all its processes together.

    python -m tests.benchmarks.scale.analysis --partners 100000 640000 --folder /tmp/scale --write

The graphs are those of `tests.benchmarks.scale`; what is measured is the work of `graph.analysis.large.every`.
"""

import argparse
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from graph.analysis.large.version import every
from tests.benchmarks.report import put
from tests.benchmarks.scale.page import PAGE
from tests.benchmarks.scale.snapshots import snapshot

BETWEEN = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Analysed:
    """What all analysis took: seconds and MiB, the networks with their nodes and ties, and what is left out."""

    seconds: float
    memory: int
    networks: dict[str, tuple[int, int]]
    left_out: dict[str, str]


def analysed(place: Path) -> Analysed:
    """Measure the networks of the graph in `place`, with the tables of all nodes."""
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(BETWEEN):
            most = max(most, sum(map(_resident, _family("self"))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        with TemporaryDirectory(prefix="scale-analysis-") as tables:
            found, left = every(place, Path(tables))
    finally:
        done.set()
        watcher.join()
    sizes = {one.network.name: (one.nodes, one.edges) for one in found}
    return Analysed(time.perf_counter() - began, most >> 10, sizes, left)


def _family(process: str) -> Iterator[str]:
    """Give a process and all that it began."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it is gone
            continue
        for child in children:
            yield from _family(child)


def _resident(process: str) -> int:
    """Give the memory that a process holds, in KiB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def lines(found: dict[int, Analysed]) -> list[str]:
    """Give the section of the page as lines of Markdown."""
    told = [f"Run of {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} processors (`python -m "
            "tests.benchmarks.scale.analysis`): all networks with all their measures, and the tables of all nodes' "
            "values; seconds that passed, and the most memory of all processes together.", "",
            "| partners | networks with ties | most nodes | most ties | s | MiB |",
            "|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for partners, one in found.items():
        nodes, ties = (max((size[n] for size in one.networks.values()), default=0) for n in (0, 1))
        told.append(f"| {partners:,} | {len(one.networks)} | {nodes:,} | {ties:,} | {one.seconds:.1f} | {one.memory} |")
    return told


def main() -> None:
    """Measure the sizes named and print the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--partners", type=int, nargs="+", default=[100_000, 640_000])
    parser.add_argument("--folder", type=Path, required=True, help="where the graphs are kept")
    parser.add_argument("--write", action="store_true", help="write the section of docs/scale.md")
    given = parser.parse_args()
    found = {}
    for partners in given.partners:
        place, _ = snapshot(given.folder, partners)
        found[partners] = analysed(place)
        print(partners, found[partners], flush=True)
    print("\n".join(lines(found)))
    if given.write:
        put("analysis", lines(found), PAGE)


if __name__ == "__main__":
    main()
