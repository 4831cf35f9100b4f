"""Processes of the service killed at random under load: `python -m tests.benchmarks.kills --seconds 300`.

Clients ask for large and small answers all the while and check every 200 to its last statement. Whatever process is
killed, the service must come back by itself (but for its first process, which the machine's service manager would
start again and here this script does), no 200 may be wrong or cut, and the published data must be the same after.
"""

import argparse
import csv
import http.client
import io
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from pyoxigraph import RdfFormat, parse

from graph.digest import of_quads
from graph.snapshot import Snapshot
from tests.benchmarks import report
from tests.benchmarks.processes import Server, data_directory, service
from tests.benchmarks.throughput import point_queries

_CLIENTS = 3  # threads in each of two processes
_COMES_BACK = 20.0  # seconds in which the service must answer again
_PATIENCE = 20.0
_RESULT = "{http://www.w3.org/2005/sparql-results#}result"
_ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


@dataclass(frozen=True, slots=True)
class Job:
    """A query, the media type it is asked in, and how many statements or rows its answer has."""

    query: str
    accept: str
    count: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill for some time, print what became of the requests, and give 0 where nothing failed, else 1."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as name:
        data = data_directory(options.data, Path(name))
        snapshot = data.current()
        before = _content(snapshot)
        server = service(data.path, options.log, timeout=5, workers=4, result_size=64)
        with server, ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as clients:
            until = time.monotonic() + options.seconds
            loads = [clients.submit(load, server.port, jobs(snapshot), until) for _ in range(2)]
            killed, waits = kill(server, until, random.Random(options.seed))
            seen, wrong = Counter[str](), list[str]()
            for found, faults in (future.result() for future in loads):
                seen.update(found)
                wrong += faults
            left = len(server.processes())
        if _content(data.current()) != before:
            wrong.append("the published data is not what it was")
    wrong += [f"{status} is no status of this" for status in seen if status.isdigit() and status not in ("200", "503")]
    wrong += ["no answer was large"] * (not seen["large answers, whole"])
    lines = _table(options.seconds, killed, waits, seen, wrong, left)
    print("\n".join(lines))
    if options.write:
        report.write("kills", lines)
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kills", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=None, help="of what is killed when")
    parser.add_argument("--data", type=Path, help="a data directory; by default the shipped facts are built")
    parser.add_argument("--log", type=Path, help="a file for what the service writes")
    parser.add_argument("--write", action="store_true", help=f"write the table to {report.PAGE}")
    return parser.parse_args(arguments)


def _content(snapshot: Snapshot) -> tuple[str, str]:
    """The live version's name, and the digest of what is in it, worked out anew."""
    fresh = Snapshot(snapshot.path)
    return fresh.id, of_quads(quad for graph in fresh.store.named_graphs()
                            for quad in fresh.store.quads_for_pattern(None, None, None, graph))  # fmt: skip


def jobs(snapshot: Snapshot) -> list[Job]:
    """Give the queries that clients ask: everything in several formats, and what is said of one thing."""
    triples = snapshot.manifest.triples
    large = [Job("CONSTRUCT WHERE { ?s ?p ?o }", kind, triples)
             for kind in ("application/n-triples", "text/turtle", "application/rdf+xml")]  # fmt: skip
    large += [Job(_ALL, kind, triples) for kind in
              ("text/csv", "application/sparql-results+json", "application/sparql-results+xml")]  # fmt: skip
    small = [f"{query}1000" for query in point_queries(snapshot)]
    counts = {query: sum(1 for _ in snapshot.store.query(query)) for query in small}  # type: ignore[arg-type, misc]
    return large + [Job(query, "application/sparql-results+json", counts[query]) for query in small]


def kill(server: Server, until: float, chance: random.Random) -> tuple[Counter[str], list[float]]:
    """Kill processes of `server` until then; give how many of which, and the seconds it took to come back each time."""
    killed, waits = Counter[str](), list[float]()
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.3, 3.0))
        pid = chance.choice(server.processes())
        what = "first process" if pid == server.pid else _kind(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[what] += 1
        if what == "first process":
            server.restart()
        waits.append(server.wait(_COMES_BACK))
    return killed, waits


def _kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "gone already"
    kinds = {b"forkserver": "worker or its forkserver", b"resource_tracker": "resource tracker"}
    return next((name for part, name in kinds.items() if part in command), "web process")


def load(port: int, work: Sequence[Job], until: float) -> tuple[Counter[str], list[str]]:
    """Ask `work` in some order until then; give what was counted, and each wrong answer as a sentence."""
    seen, wrong = Counter[str](), list[str]()

    def client(chance: random.Random) -> None:
        large = [job for job in work if job.count > 1000]
        while time.monotonic() < until:
            job = chance.choice(large if chance.random() < 0.3 else work)
            try:
                status, body = _ask(port, job, chance.randrange(1_000_000))
            except http.client.IncompleteRead:
                seen["cut connections, seen as cut"] += 1
                continue
            except (OSError, http.client.HTTPException):
                seen["connection errors"] += 1
                time.sleep(0.05)
                continue
            seen[str(status)] += 1
            if status != 200:
                continue
            fault = check(job, body)
            if fault:
                wrong.append(f"{job.query[:80]} as {job.accept}: {fault}")
            seen["large answers, whole" if job.count > 1000 else "small answers, whole"] += not fault

    threads = [threading.Thread(target=client, args=(random.Random(),)) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen, wrong


def _ask(port: int, job: Job, number: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        query = quote(f"{job.query} #{number}")  # another each time: no kept answer
        connection.request("GET", f"/sparql?query={query}", headers={"Accept": job.accept})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def check(job: Job, body: bytes) -> str:
    """Read the whole answer and say what is wrong with it, or nothing."""
    try:
        count = _count(job.accept, body)
    except (ValueError, SyntaxError) as error:  # of XML too
        return f"no {job.accept}: {error}"
    return "" if count == job.count else f"{count} instead of {job.count}"


def _count(kind: str, body: bytes) -> int:
    if kind == "text/csv":
        rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
        return len([row for row in rows[1:] if len(row) == len(rows[0])])
    if kind == "application/sparql-results+json":
        return len(json.loads(body)["results"]["bindings"])
    if kind == "application/sparql-results+xml":
        return sum(1 for _ in ElementTree.fromstring(body).iter(_RESULT))
    if kind == "application/rdf+xml":
        ElementTree.fromstring(body)  # the engine's reader takes a document without its end
    form = RdfFormat.from_media_type(kind)
    return len({(q.subject, q.predicate, q.object) for q in parse(body, format=form)})


def _table(seconds: float, killed: Counter[str], waits: Sequence[float], seen: Counter[str], wrong: Sequence[str],
           left: int) -> list[str]:  # fmt: skip
    lines = [f"{sum(killed.values())} processes killed in {seconds:g} s.", "", "| | |", "|---|---|"]
    lines += [f"| killed: {what} | {count} |" for what, count in sorted(killed.items())]
    named = {what: f"answers with {what}" if what.isdigit() else what for what in seen}
    lines += [f"| {named[what]} | {count} |" for what, count in sorted(seen.items())]
    lines += [f"| longest until the service answered again | {max(waits, default=0):.1f} s |",
              f"| processes at the end | {left} |", ""]  # fmt: skip
    failed = [f"- failed: {fault}" for fault in wrong[:20]]
    return lines + (failed or ["No 200 was wrong or cut, and no data was lost."])


if __name__ == "__main__":
    sys.exit(main())
