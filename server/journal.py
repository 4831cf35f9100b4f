"""What the service notes of itself: counters for Prometheus, and one JSON line a request for the operator's log.

Neither holds a header of the client's beyond the media type it asked for: no credentials, no cookies. A query's text
is cut to its first characters.
"""

import json
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

# What the layers behind the door leave for the notes, in the request's WSGI environment.
REQUEST_ID = "partnergraph.request-id"
ROUTE = "partnergraph.route"
OUTCOME = "partnergraph.outcome"
ENGINE = "partnergraph.engine"
QUERY = "partnergraph.query"

_QUERY = 500  # characters of a query in the log
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Journal:
    """The notes of one service; `log` is a file, "-" for standard error, or "" for none."""

    def __init__(self, log: str = "") -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "partnergraph_requests", "Requests by route, status and where the answer came from.",
            ("route", "status", "outcome"), registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "partnergraph_request_seconds", "Time to the whole answer, by route.", ("route",),
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.kills = Counter(
            "partnergraph_worker_kills", "Workers ended before their time, by reason.", ("reason",),
            registry=self.registry,
        )  # fmt: skip
        self._lost = Counter("partnergraph_log_lines_lost", "Log lines not written.", registry=self.registry)
        self._workers = Gauge("partnergraph_workers", "Queries that may run at once.", registry=self.registry)
        ProcessCollector(registry=self.registry)
        self._running = Gauge("partnergraph_queries_running", "Queries under way.", registry=self.registry)
        self._waiting = Gauge("partnergraph_queries_waiting", "Queries in the queue.", registry=self.registry)
        self._snapshot = Info("partnergraph_snapshot", "The live version.", registry=self.registry)
        self._labels: dict[tuple[str, str, str], Any] = {}
        self._times: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._out: IO[str] | None = None
        if log:
            self._out = sys.stderr if log == "-" else Path(log).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115

    def close(self) -> None:
        """Close the log, unless it is standard error."""
        if self._out is not None and self._out is not sys.stderr:
            with suppress(OSError):  # its last lines found no room
                self._out.close()

    def gauges(self, workers: int, running: int, waiting: int, snapshot: str) -> None:
        """Set what is read at the moment of asking."""
        self._workers.set(workers)
        self._running.set(running)
        self._waiting.set(waiting)
        self._snapshot.info({"id": snapshot})

    def note(
        self, environ: dict[str, Any], name: str, route: str, status: str, size: int, began: float, outcome: str
    ) -> None:
        """Note one answered request; `began` is a time.perf_counter() time, `status` as WSGI has it."""
        took = time.perf_counter() - began
        key = (route, status[:3], outcome)
        counter = self._labels.get(key)
        if counter is None:
            counter = self._labels.setdefault(key, self.requests.labels(*key))
            self._times.setdefault(route, self.seconds.labels(route))
        counter.inc()
        self._times[route].observe(took)
        if self._out is not None:
            self._write(self._out, environ, name, route, status, size, took, outcome)

    def _write(
        self,
        out: IO[str],
        environ: dict[str, Any],
        name: str,
        route: str,
        status: str,
        size: int,
        took: float,
        outcome: str,
    ) -> None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": name,
            "method": environ.get("REQUEST_METHOD", ""),
            "path": _as_sent(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")),
            "route": route,
            "status": int(status[:3]),
            "bytes": size,
            "ms": round(took * 1000, 2),
            "outcome": outcome,
        }
        if ENGINE in environ:
            line["engine"] = environ[ENGINE]
        query = environ.get(QUERY) or _asked(environ, outcome)
        if query:
            line["query"] = query[:_QUERY]
        text = json.dumps(line)  # in ASCII: no character of a client's is ever a line's end or a fault of encoding
        try:
            with self._lock:
                out.write(text + "\n")
                out.flush()
        except (OSError, ValueError):  # a full disk or a closed file is no reason to refuse the answer; it is counted
            self._lost.inc()


def _as_sent(path: str) -> str:
    """Give a path of a WSGI environment, whose characters are bytes, as text."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _asked(environ: dict[str, Any], outcome: str) -> str:
    """Give the query of a request that was answered from kept answers, which nobody read."""
    if outcome != "cache":
        return ""
    return next(iter(parse_qs(environ.get("QUERY_STRING", "")).get("query", [])), "")
