"""How soon each page comes on a large graph: `python -m tests.benchmarks.pages_at_size --data DIR`.

The service is started over DIR, which is only read, and what it offers is found by itself: its OpenAPI description
tells the routes and examples of their parameters; the pages that come are read for links; the names of things on them
are searched for, whole, by their beginning, and misspelt. Of each sort of address some are asked, each twice: the first
time nothing of it is ready. An answer counts when it is whole.
"""

import argparse
import http.client
import json
import math
import os
import platform
import re
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.message import Message
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from graph.snapshot import DataDirectory
from tests.benchmarks.processes import Server, service
from tests.benchmarks.report import put

LIMIT: Final = 2.0  # seconds
_LINK: Final = re.compile(r'<(?:a|link)\b[^>]*?\bhref="([^"#]+)')
_TITLE: Final = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]+>")
# Path parameters whose every value is a sort of its own; of others, one page is like the next.
_EACH: Final = frozenset({"kind", "suffix", "form", "report"})
_EACH_NAME: Final = ("/class/", "/questions/", "/analysis/")
_NAMED: Final = ("q", "thing", "from", "to")  # query parameters that take a name as a person types it
_PATIENCE: Final = 60.0  # seconds that one answer is waited for
_ACCEPT: Final = "text/html,application/json;q=0.5,*/*;q=0.1"
PAGE: Final = Path(__file__).parents[2] / "docs" / "scale.md"
# Whole lists and graphs to take away: as long as they are large, and no pages.
_WHOLE: Final = re.compile(r"/export/all\.|/(class|questions)/[^?]*\.|/graph/[^?]*\.(?!html)|/graphs\?|/static/")


@dataclass(slots=True)
class Asked:
    """One address: how long its first and its second answer took, in seconds, its status and its size in bytes."""

    address: str
    status: int
    first: float
    again: float
    size: int


@dataclass(slots=True)
class Crawl:
    """What is known of a service at `url`: the sorts of its addresses, those to ask and those asked."""

    url: str
    each: int
    paths: dict[str, Any]
    asked: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    _waiting: deque[str] = field(default_factory=deque)
    _known: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _name: str = ""

    def run(self) -> None:
        """Ask what the description tells of, then what is linked, until no sort has more to ask."""
        for path in sorted(self.paths):
            for address in _examples(path, self.paths[path]):
                self.add(address)
        while self._waiting:
            self._ask(self._waiting.popleft())

    def add(self, address: str) -> None:
        """Take an address in, unless enough of its sort are known."""
        sort = self.sort(address)
        if sort is not None and len(self._known[sort]) < self.each:
            if address not in self._known[sort]:
                self._waiting.append(address)
            self._known[sort].add(address)

    def sort(self, address: str) -> str | None:
        """Give the sort of an address: its route, with what makes it another page; None where it is no page's."""
        place = urlsplit(address)
        if _WHOLE.match(address) or place.path.startswith("/snapshot/"):
            return None
        for path in sorted(self.paths, key=lambda one: (one.count("{"), -len(one))):
            found = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)), place.path)
            if found is None:
                continue
            told = found.groupdict()
            for name, value in told.items():
                plain = name in _EACH or path.startswith(_EACH_NAME)
                rest = "." + value.rpartition(".")[2] if "." in value else ""
                path = path.replace(f"{{{name}}}", value if plain else f"{{{name}}}{rest}")
            names = "&".join(sorted({name for name, _ in parse_qsl(place.query, keep_blank_values=True)}))
            return path + (f"?{names}" if names else "")
        return None

    def _ask(self, address: str) -> None:
        first, status, headers, body = fetched(self.url, address)
        again = fetched(self.url, address)[0] if status else math.inf
        self.asked[self.sort(address) or ""].append(Asked(address, status, first, again, len(body)))
        text = body.decode(errors="replace") if "html" in headers.get("Content-Type", "") else ""
        links = [unescape(link) for link in _LINK.findall(text)] + [headers.get("Location", "")]
        for link in filter(None, links):
            place = urlsplit(urljoin(self.url + address, link))
            if f"{place.scheme}://{place.netloc}" == self.url:
                self.add(place.path + (f"?{place.query}" if place.query else ""))
        if text and address.startswith("/id/"):
            self._look_for(unescape(_TAG.sub("", "".join(_TITLE.findall(text)[:1]))).strip())

    def _look_for(self, name: str) -> None:
        """Look for a thing by its name, as people type it, in every form that takes one, and for a way from another."""
        cut = len(name) // 2
        typed = (name, name[:1], name[:3], name[:cut] + name[cut + 1 :], name.partition(" ")[0])
        for path, item in self.paths.items():
            told = item.get("get", {}).get("parameters", ())
            names = [one["name"] for one in told if one["name"] in _NAMED and not one["required"]]
            if len(names) == 1 and "{" not in path:
                for text in typed:
                    self.add(f"{path}?{urlencode({names[0]: text})}")
            elif names and "{" not in path:
                self.add(f"{path}?{urlencode({names[0]: self._name or name, names[1]: name})}")
        self._name = name


def fetched(url: str, address: str) -> tuple[float, int, Message, bytes]:
    """Give the seconds that an address took, its status (0: no answer in time), its headers and its body."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE)
    began = time.perf_counter()
    try:
        connection.request("GET", address, headers={"Accept": _ACCEPT})
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        return math.inf, 0, Message(), b""
    finally:
        connection.close()
    return time.perf_counter() - began, answer.status, answer.headers, body


def _examples(path: str, item: dict[str, Any]) -> Iterator[str]:
    """Give the addresses that the description of a route's GET tells of, none where it lacks a value that must be."""
    told = item.get("get")
    if told is None or "operator" in json.dumps(told.get("security", ())):
        return
    values: dict[str, list[str]] = {}
    for one in told.get("parameters", ()):
        found = [example["value"] for example in one.get("examples", {}).values()]
        if found or one["required"]:
            values[one["name"]] = found
    for given in product(*values.values()):
        asked = dict(zip(values, given, strict=True))
        inside = {name: asked.pop(name) for name in list(asked) if f"{{{name}}}" in path}
        address = path.format(**{name: quote(str(value)) for name, value in inside.items()})
        yield address + (f"?{urlencode(asked)}" if asked else "")
    if not any(one["required"] for one in told.get("parameters", ())):
        yield path


def start(server: Server) -> tuple[float, float]:
    """Start `server` and give the seconds until it is ready and until its first page is whole."""
    began = time.monotonic()
    server.__enter__()
    ready = time.monotonic() - began
    _, status, _, _ = fetched(f"http://127.0.0.1:{server.port}", "/")
    return ready, time.monotonic() - began if status == 200 else math.inf


def table(asked: dict[str, list[Asked]]) -> list[str]:
    """Give a row for each sort of address, as Markdown."""
    rows = ["| addresses | asked | first, s | again, s | the slowest |", "|---|---:|---:|---:|---|"]
    for sort in sorted(asked):
        found = asked[sort]
        worst = max(found, key=lambda one: one.first)
        status = {one.status for one in found} - {200}
        told = f" ({', '.join(str(one or 'no answer') for one in sorted(status))})" if status else ""
        address = worst.address if len(worst.address) < 100 else worst.address[:99] + "…"
        rows.append(f"| `{sort}`{told} | {len(found)} | {worst.first:.2f} | {max(one.again for one in found):.2f} "
                    f"| `{address}` |")  # fmt: skip
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and give 0 where all keeps to the limit, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data directory to serve")
    parser.add_argument("--each", type=int, default=3, help="addresses of each sort")
    parser.add_argument("--json", type=Path, help="a file for every address asked")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    given = parser.parse_args(arguments)
    manifest = DataDirectory(given.data).current().manifest
    server = service(given.data)
    ready, first = start(server)
    try:
        url = f"http://127.0.0.1:{server.port}"
        paths = json.loads(fetched(url, "/openapi.json")[3])["paths"]
        crawl = Crawl(url, given.each, paths)
        crawl.run()
        memory = server.memory() >> 20
    finally:
        server.__exit__()
    every = [one for found in crawl.asked.values() for one in found]
    late = [one for one in every if max(one.first, one.again) > LIMIT]
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    lines = [f"Run of {datetime.now(UTC):%Y-%m-%d} on {machine}, {manifest.triples:,} triples.",
             f"Ready {ready:.1f} s after the start, the front page whole after {first:.1f} s.",
             f"{len(every)} addresses asked, {len(late)} of them later than {LIMIT:g} s;",
             f"the processes held {memory} MiB at the end.", "", *table(crawl.asked)]  # fmt: skip
    print("\n".join(lines))
    for one in sorted(late, key=lambda one: -one.first):
        print(f"late: {one.first:.2f} s, again {one.again:.2f} s, {one.status}, {one.size} bytes: {one.address}")
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in every], indent=1), encoding="utf-8")
    if given.write:
        put("pages", lines, PAGE)
    return 1 if late or max(ready, first) > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
