"""Hostile requests beside small ones: `python -m tests.benchmarks.hostile [--peers] [--seconds N] [--write]`.

Each kind of tests/benchmarks/attacks.py is sent for some seconds while small queries go on beside it. Exit code 1
where one gets another status than its documented one, too late or a cut body; where the listener that queries name is
ever asked; where the service holds more memory than it says; or where the 99th percentile of the small queries is ten
times that of quiet seconds in the same run, counting refused ones as endless.
"""

import argparse
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from graph.export import whole
from graph.formats import NQUADS
from tests.benchmarks import peers, report
from tests.benchmarks.attacks import ATTACKS, TIMEOUT, Attack
from tests.benchmarks.canary import Canary
from tests.benchmarks.clients import CLOSED, SILENT, Outcome, Target
from tests.benchmarks.processes import Server, answers, data_directory, service
from tests.benchmarks.throughput import point_queries

MEMORY = 512  # MiB a worker may hold
WORKERS = 4
_WEB, _WORKER = 1024, 128  # MiB: the web process with what it holds of answers and bodies; a worker without a query
BOUND = _WEB + (WORKERS + 1) * (MEMORY + _WORKER)  # MiB, with the warm spare
FACTOR = 10.0  # times the quiet 99th percentile
_QUIET = 5.0
_PATIENCE = 5.0  # seconds past a kind's own limit


@dataclass(slots=True)
class Found:
    """What became of one kind at one server."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)
    p99: float = math.nan

    def said(self) -> str:
        """Give the statuses and the longest time as a cell of the table."""
        names = {CLOSED: "closed", SILENT: "no answer"}
        return f"{', '.join(str(names.get(s, s)) for s in sorted(self.statuses))} in {self.slowest:.1f} s"


@dataclass(slots=True)
class Run:
    """What became of all kinds at one server: small queries' 99th percentiles in ms, and the most MiB it held."""

    name: str
    quiet: float = math.nan
    beside: float = math.nan
    most: int = 0
    touched: int = 0
    kinds: dict[str, Found] = field(default_factory=dict)
    restarts: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, print the table, and give 0 where nothing failed, else 1."""
    options = _options(arguments)
    chosen = [a for a in ATTACKS if not options.only or any(word in a.name for word in options.only)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = data_directory(options.data, folder)
        snapshot = data.current()
        queries = [quote(query) for query in point_queries(snapshot)]
        started = service(data.path, options.log, timeout=TIMEOUT, memory=MEMORY, workers=WORKERS, result_size=64)
        runs = [run(started, "/sparql", queries, chosen, options.seconds)]
        if options.peers:
            export = folder / "all.nq"
            with export.open("wb") as out:
                out.writelines(whole(snapshot.store, NQUADS))
            programmes = peers.environment(options.programmes, folder)
            for start, endpoint in peers.started(programmes, folder, TIMEOUT):
                runs.append(run(start(export), endpoint, queries, chosen, options.seconds))
    faults = judge(runs[0], chosen)
    lines = _table(runs, chosen, faults)
    print("\n".join(lines))
    if options.write:
        report.write("hostile", lines)
    return 1 if faults else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hostile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="that each kind goes on")
    parser.add_argument("--peers", action="store_true", help="the same against oxigraph serve and rdflib-endpoint")
    parser.add_argument("--programmes", type=Path, help="a folder with the peers' programmes, else made with pip")
    parser.add_argument("--data", type=Path, help="a data directory; by default the shipped facts are built")
    parser.add_argument("--only", nargs="*", default=[], help="kinds whose name holds one of these")
    parser.add_argument("--log", type=Path, help="a file for what the service writes")
    parser.add_argument("--write", action="store_true", help=f"write the table to {report.PAGE}")
    return parser.parse_args(arguments)


def run(server: Server, endpoint: str, queries: list[str], attacks: Sequence[Attack], seconds: float) -> Run:
    """Send every kind of `attacks` to `server` for `seconds`, small `queries` beside it."""
    found = Run(server.name)
    with (
        Canary() as canary, server, _clients() as clients, _watched(server, found),
        _probed(server.port, endpoint, queries) as probed,
    ):  # fmt: skip
        target = Target(server.port, endpoint, canary.address)
        time.sleep(_QUIET)
        spans: dict[str, tuple[float, float]] = {"": (probed.began, time.monotonic())}
        for attack in attacks:
            began = time.monotonic()
            outcomes = clients.submit(send, attack.name, target, seconds).result()
            spans[attack.name] = (began, time.monotonic())
            found.kinds[attack.name] = _found(attack, outcomes)
            if not answers(server.port, f"{endpoint}?query=ASK%7B%7D", _PATIENCE):
                found.restarts += 1
                server.restart()
            time.sleep(0.3)
        touched = canary.touched
    found.touched = touched
    for name, (began, ended) in spans.items():
        p99 = probed.p99(began, ended)
        if name:
            found.kinds[name].p99 = p99
        else:
            found.quiet = p99
    found.beside = probed.p99(spans[""][1], math.inf)
    return found


def send(name: str, target: Target, seconds: float) -> list[Outcome]:
    """Send the kind called `name` for `seconds`, all its clients at once: in a process of its own."""
    attack = next(a for a in ATTACKS if a.name == name)
    until, outcomes = time.monotonic() + seconds, list[Outcome]()

    def client(number: int) -> None:
        turn = number
        while True:
            outcomes.append(attack.clients[turn % len(attack.clients)](target, attack.within + _PATIENCE))
            turn += attack.at_once
            if time.monotonic() >= until:
                return

    threads = [threading.Thread(target=client, args=(n,)) for n in range(attack.at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _found(attack: Attack, outcomes: Sequence[Outcome]) -> Found:
    faults = sorted({o.fault for o in outcomes if o.fault})
    return Found(Counter(o.status for o in outcomes), max(o.seconds for o in outcomes), faults)


def judge(ours: Run, attacks: Sequence[Attack]) -> list[str]:
    """Give what failed, a sentence each."""
    faults = []
    for attack in attacks:
        found = ours.kinds[attack.name]
        wrong = sorted(set(found.statuses) - set(attack.statuses))
        if wrong:
            faults.append(f"{attack.name}: {wrong} is not documented for it ({list(attack.statuses)} is)")
        if found.slowest > attack.within:
            faults.append(f"{attack.name}: {found.slowest:.1f} s, longer than {attack.within:g} s")
        faults += [f"{attack.name}: {fault}" for fault in found.faults]
    if ours.touched:
        faults.append(f"the canary was asked {ours.touched} times")
    if ours.most > BOUND:
        faults.append(f"{ours.most} MiB of memory, more than {BOUND}")
    if not ours.beside < FACTOR * ours.quiet:
        faults.append(f"small queries: {ours.beside:.1f} ms beside, {ours.quiet:.1f} ms in quiet")
    if ours.restarts:
        faults.append(f"the service did not answer {ours.restarts} times")
    return faults


def _table(runs: Sequence[Run], attacks: Sequence[Attack], faults: Sequence[str]) -> list[str]:
    names = {CLOSED: "closed"}
    lines = [f"{len(attacks)} kinds; deadline {TIMEOUT:g} s, {WORKERS} workers of {MEMORY} MiB. In each cell: "
             "statuses, the longest time, and the 99th percentile of small queries beside it in ms (`inf`: over 1 % "
             "of them got no answer).", ""]  # fmt: skip
    lines += ["| kind | documented | " + " | ".join(r.name for r in runs) + " |", "|---" * (2 + len(runs)) + "|"]
    for attack in attacks:
        cells = [f"{r.kinds[attack.name].said()}; {r.kinds[attack.name].p99:.1f}" for r in runs]
        documented = ", ".join(str(names.get(s, s)) for s in attack.statuses)
        lines.append(f"| {attack.name} | {documented} | " + " | ".join(cells) + " |")
    lines += ["", "| | " + " | ".join(r.name for r in runs) + " |", "|---" * (1 + len(runs)) + "|"]
    rows: dict[str, Callable[[Run], str]] = {
        "small queries in quiet, 99th percentile (ms)": lambda r: f"{r.quiet:.1f}",
        "small queries beside, 99th percentile (ms)": lambda r: f"{r.beside:.1f}",
        "the most memory (MiB)": lambda r: str(r.most),
        "canary asked (times)": lambda r: str(r.touched),
        "had to be started again (times)": lambda r: str(r.restarts),
    }
    lines += [f"| {name} | " + " | ".join(cell(r) for r in runs) + " |" for name, cell in rows.items()]
    lines += ["", f"Bounds: {FACTOR:g} times the quiet percentile, {BOUND} MiB.", ""]
    return lines + ([f"- failed: {fault}" for fault in faults] or ["Nothing failed."])


@contextmanager
def _clients() -> Iterator[ProcessPoolExecutor]:
    """A process for the attackers, behind the small queries in the machine's favour as strangers elsewhere would be."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), os.nice, (15,)) as pool:
        yield pool


@contextmanager
def _watched(server: Server, found: Run) -> Iterator[None]:
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            found.most = max(found.most, server.memory() >> 20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Probed:
    """The small queries of a run: when each was sent and its milliseconds, known once the run is over."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.seen: list[tuple[float, float]] = []

    def p99(self, began: float, ended: float) -> float:
        """Give the 99th percentile of what was sent in a span of time."""
        times = sorted(ms for sent, ms in self.seen if began <= sent < ended)
        return times[len(times) * 99 // 100] if times else math.inf


@contextmanager
def _probed(port: int, endpoint: str, queries: list[str]) -> Iterator[Probed]:
    command = [sys.executable, "-m", "tests.benchmarks.probe", str(port), endpoint]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(" ".join(queries) + "\n")
        process.stdin.flush()
        time.sleep(1.0)  # its own start, and the first of each query
        probed = Probed()
        yield probed
        out, _ = process.communicate("\n")
        probed.seen = [(float(a), float(b)) for a, b in (line.split() for line in out.splitlines())]


if __name__ == "__main__":
    sys.exit(main())
