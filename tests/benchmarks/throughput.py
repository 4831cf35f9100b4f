"""Point queries a second over HTTP, beside a route that does nothing: `python -m tests.benchmarks.throughput`.

All ratios are of one run on one machine: the rounds of the cases are interleaved and each case gives its median.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from graph.export import whole
from graph.formats import NQUADS
from graph.snapshot import Snapshot
from tests.benchmarks import peers, report
from tests.benchmarks.load import CONNECTIONS, Result, measure
from tests.benchmarks.processes import data_directory, service_with_noop

_ENTITIES = 200
_UNCACHED, _CACHED = 0.5, 0.95  # of the no-op route: the targets
_WARM = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and give 0 where both targets are met, else 1."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        snapshot = data_directory(options.data, Path(folder)).current()
        ours = stack.enter_context(service_with_noop(snapshot.path.parent.parent))
        queries = [f"/sparql?query={quote(q)}" for q in point_queries(snapshot)]
        cases: dict[str, tuple[int, list[str], bool]] = {
            "no-op route": (ours.port, ["/noop"], False),
            "no-op route of an empty Flask application": (ours.port, ["/bare"], False),
            "/health": (ours.port, ["/health"], False),
            "point queries, each another": (ours.port, queries, True),
            "point queries, answers kept": (ours.port, [q + "1000" for q in queries], False),
        }
        oxigraph = peers.oxigraph(options.peers, Path(folder))
        if oxigraph is not None:
            export = Path(folder) / "all.nq"
            with export.open("wb") as out:
                out.writelines(whole(snapshot.store, NQUADS))
            peer = stack.enter_context(oxigraph(export))
            elsewhere = [query.replace("/sparql", "/query", 1) for query in queries]
            cases["oxigraph serve, point queries"] = (peer.port, elsewhere, True)
        results = _rounds(cases, options.rounds, options.seconds)
    lines, met = _table(results)
    print("\n".join(lines))
    if options.write:
        report.write("throughput", lines)
    return 0 if met else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.throughput", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each case in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="a data directory; by default the shipped facts are built")
    parser.add_argument("--peers", type=Path, help="a folder with the programme `oxigraph`, else made with pip")
    parser.add_argument("--write", action="store_true", help=f"write the table to {report.PAGE}")
    return parser.parse_args(arguments)


def point_queries(snapshot: Snapshot) -> list[str]:
    """Give a query for what is said of each of some entities, without the number that ends its LIMIT."""
    found = snapshot.store.query(
        "SELECT DISTINCT ?s { ?s a ?class . FILTER(STRSTARTS(STR(?s), 'https://w3id.org/partner-ecosystem/id/')) } "
        f"ORDER BY ?s LIMIT {_ENTITIES}"
    )
    return [f"SELECT ?p ?o WHERE {{ {row['s']} ?p ?o }} LIMIT " for row in found]  # type: ignore[union-attr, index]


def _rounds(cases: dict[str, tuple[int, list[str], bool]], rounds: int, seconds: float) -> dict[str, Result]:
    taken: dict[str, list[Result]] = {name: [] for name in cases}
    for port, paths, unique in cases.values():
        measure(port, paths, _WARM, unique)
    for number in range(rounds):
        for name, (port, paths, unique) in cases.items():
            again = [path + str(number + 1) for path in paths] if unique else paths
            taken[name].append(measure(port, again, seconds, unique))
    return {name: _median(results) for name, results in taken.items()}


def _median(results: list[Result]) -> Result:
    middle = sorted(results, key=lambda r: r.rate)[len(results) // 2]
    return Result(statistics.median(r.rate for r in results), sum(r.bad for r in results), middle.median, middle.p99)


def _table(results: dict[str, Result]) -> tuple[list[str], bool]:
    noop = results["no-op route"].rate
    lines = [f"{CONNECTIONS} connections, one run, medians of interleaved rounds.", "",
             "| case | requests a second | of the no-op route | median ms | p99 ms | errors |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    lines += [f"| {name} | {r.rate:,.0f} | {r.rate / noop:.2f} | {r.median:.2f} | {r.p99:.2f} | {r.bad} |"
              for name, r in results.items()]  # fmt: skip
    uncached = results["point queries, each another"].rate / noop
    kept = results["point queries, answers kept"].rate / noop
    bad = sum(r.bad for r in results.values())
    lines += ["", f"Targets: uncached at least {_UNCACHED} of the no-op route ({uncached:.2f}), "
                  f"kept at least {_CACHED} ({kept:.2f}), no errors ({bad})."]  # fmt: skip
    return lines, uncached >= _UNCACHED and kept >= _CACHED and not bad


if __name__ == "__main__":
    sys.exit(main())
