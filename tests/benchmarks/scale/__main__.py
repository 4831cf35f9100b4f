"""Measure the engines against size and write the page.

python -m tests.benchmarks.scale --partners 1000 10000 100000 640000 --folder /tmp/scale --write
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import peers, virtuoso
from tests.benchmarks.scale import exports, page, planner
from tests.benchmarks.scale.measure import Ask, InWorker, OverHttp, Timed, timed
from tests.benchmarks.scale.queries import FAMILIES
from tests.benchmarks.scale.snapshots import QUADS, Built, snapshot
from tests.benchmarks.vocabulary import NAMED_GRAPH

OURS, ROWS, SERVED, VIRTUOSO = "Partnergraph", "Oxigraph in process", "oxigraph serve", "Virtuoso"


def run(place: Path, seconds: float, programmes: Path | None) -> tuple[dict[str, dict[str, Timed]], str]:
    """Ask every query of every engine over the snapshot in `place`; say, too, how well the planner chose."""
    found: dict[str, dict[str, Timed]] = {}
    with TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        alone = folder / "alone"  # the same rows without columns: the row engine answers all
        alone.mkdir()
        (alone / "oxigraph").symlink_to((place / "oxigraph").resolve())
        for engine, given in ((OURS, place), (ROWS, alone)):
            worker = InWorker(given, folder, seconds)
            found[engine] = _all(engine, worker.ask)
            worker.close()
        by_columns = _all("columns alone", planner.InColumns(place, folder / "spill").ask)
        chosen = planner.line(planner.slower(found[OURS], found[ROWS], by_columns))
        serve = peers.oxigraph_over(programmes, seconds)
        if serve is not None:
            with serve(place / "oxigraph") as server:
                found[SERVED] = _all(SERVED, OverHttp(server.port, "/query", seconds).ask)
        if virtuoso.installed():
            with virtuoso.served(place / "virtuoso", place / QUADS) as server:
                found[VIRTUOSO] = _all(VIRTUOSO, OverHttp(server.port, virtuoso.PATH, seconds, NAMED_GRAPH).ask)
    return found, chosen


def _all(engine: str, ask: Ask) -> dict[str, Timed]:
    found = {}
    for queries in FAMILIES.values():
        for name, text in queries.items():
            found[name] = timed(ask, text)
            told = found[name].milliseconds
            print(f"{engine:20} {name:28} {'-' if told is None else f'{told:.1f}'}", flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the options ask for; give 1 where an answer differs from the row engine's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--partners", type=int, nargs="+", default=[1000, 10_000, 100_000, 640_000])
    parser.add_argument("--folder", type=Path, required=True, help="where the graphs are kept")
    parser.add_argument("--seconds", type=float, default=60.0, help="the longest that an answer is waited for")
    parser.add_argument("--peers", type=Path, help="folder of an environment's programmes with `oxigraph` in it")
    parser.add_argument("--write", action="store_true", help="write docs/scale.md and docs/scale.svg")
    given = parser.parse_args(arguments)
    results: page.Results = {}
    built: dict[int, Built | None] = {}
    written: page.Written = {}
    chosen: dict[int, str] = {}
    for partners in given.partners:
        place, built[partners] = snapshot(given.folder, partners)
        results[partners], chosen[partners] = run(place, given.seconds, given.peers)
        written[partners] = exports.exports(place, given.peers)
        if given.write:
            page.write(results, built, written, chosen, given.seconds * 1000)
    differing = [
        (partners, name)
        for partners, engines in results.items()
        for name, reference in engines[ROWS].items()
        if reference.milliseconds is not None and engines[OURS][name].answer != reference.answer
    ]
    differing += [(partners, form) for partners, found in written.items() for form in exports.differing(found)]
    print("answers that differ:", differing or "none")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
