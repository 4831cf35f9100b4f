"""One query, asked of one engine as often as pays; its best time and its answer."""

import csv
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import RdfFormat, parse

from graph.engine.question import EngineError, Question
from graph.engine.worker import Worker

ROUNDS = 5
LONG = 2.0  # seconds; what takes longer is asked once


@dataclass(frozen=True)
class Timed:
    """The best time in milliseconds, None where there was no answer in time, and what was answered.

    It is processor time where the engine tells it, which a busy machine changes little; else the time that passed.
    """

    milliseconds: float | None
    answer: str = ""


Ask = Callable[[str], tuple[bytes, float | None] | None]


def timed(ask: Ask, text: str) -> Timed:
    """Ask until the best time is known; the first asking only warms up, unless it took long."""
    best, answer = float("inf"), b""
    for number in range(ROUNDS + 1):
        began = time.perf_counter()
        found = ask(text)
        took = time.perf_counter() - began
        if found is None:
            return Timed(None)
        answer, work = found
        if number or took > LONG:
            best = min(best, took if work is None else work)
        if took > LONG:
            break
    return Timed(best * 1000, digest(answer, text))


def digest(answer: bytes, query: str) -> str:
    """Give what tells two answers to `query` apart, in whatever order its rows are and however they are quoted."""
    if "ASK" in query:
        return str(_truth(json.loads(answer)))
    rows = (sorted(str(quad.triple) for quad in parse(answer, RdfFormat.N_TRIPLES)) if "CONSTRUCT" in query
            else sorted(map(str, csv.reader(answer.decode().splitlines()))))  # fmt: skip
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def _truth(document: dict[str, Any]) -> bool:
    """Read an answer to ASK; Virtuoso gives a table with a number where prefixes come before the word."""
    if "boolean" in document:
        return bool(document["boolean"])
    return any(value["value"] == "1" for row in document["results"]["bindings"] for value in row.values())


class InWorker:
    """The product's own worker over the snapshot in a folder."""

    def __init__(self, folder: Path, spool: Path, seconds: float) -> None:
        self._folder, self._spool, self._seconds = folder, spool, seconds
        self._worker = Worker(folder, spool, 6000)
        self._worker.wait_until_ready()

    def ask(self, text: str) -> tuple[bytes, float | None] | None:
        """Give the answer and its processor time, None past the time that there is; the worker is then another."""
        form = "ntriples" if "CONSTRUCT" in text else "csv" if "ASK" not in text else "json"
        try:
            answer = self._worker.ask(Question(text, form), time.monotonic() + self._seconds)
        except EngineError:
            self._worker.kill()
            self._worker = Worker(self._folder, self._spool, 6000)
            self._worker.wait_until_ready()
            return None
        return answer.file.read_bytes() if answer.file else answer.body, answer.work

    def close(self) -> None:
        """End the process."""
        self._worker.kill()


class OverHttp:
    """An endpoint of a server on this machine."""

    def __init__(self, port: int, path: str, seconds: float, graph: str = "") -> None:
        """Take the endpoint; `graph` is the default graph to ask, where it has others of its own."""
        self._port, self._path, self._seconds = port, path, seconds
        self._dataset = {"default-graph-uri": graph} if graph else {}

    def ask(self, text: str) -> tuple[bytes, float | None] | None:
        """Give the answer, None past the time that there is."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=self._seconds)
        accept = ("application/sparql-results+json" if "ASK" in text else
                  "application/n-triples, text/plain;q=0.8" if "CONSTRUCT" in text else "text/csv")  # fmt: skip
        asked = urlencode({"query": text, **self._dataset})
        try:
            connection.request("GET", f"{self._path}?{asked}", headers={"Accept": accept})
            response = connection.getresponse()
            body = response.read()
            return (body, None) if response.status == 200 else None
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
