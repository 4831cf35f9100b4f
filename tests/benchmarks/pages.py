"""How heavy the pages are and how soon they come: `python -m tests.benchmarks.pages`.

One page of each kind (`tests/browser/addresses.py`). The weight is what a browser receives for a first visit, as sent
(compressed) and decoded: the page, its style, its scripts and its mark, without the workbench's editor, the drawing's
library and the networks' pictures. First byte: the median of several requests to a service that has answered the page
once before, over a new connection each.
"""

import argparse
import gzip
import http.client
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks import report
from tests.benchmarks.processes import data_directory
from tests.browser.addresses import PAGES
from tests.live import Running

HEAVIEST = 150.0  # kB
LATEST = 100.0  # ms
_TIMES = 9
_PART = re.compile(r'<(?:link rel="(?:stylesheet|icon)"|script)[^>]*? (?:href|src)="([^"]+)"')


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and give 0 where every page keeps to both budgets, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data directory to copy (default: build the shipped facts)")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    asked = parser.parse_args(arguments)
    running = Running()
    with tempfile.TemporaryDirectory() as folder:
        data = data_directory(asked.data, Path(folder))
        try:
            url = running.start(data.path).url
            measured = {name: measure(url, path) for name, path in PAGES.items()}
        finally:
            running.stop()
    lines = ["| page | first byte, ms | sent, kB | decoded, kB |", "|---|---|---|---|"]
    for name, (soon, sent, whole) in measured.items():
        lines.append(f"| `{PAGES[name]}` | {soon:.0f} | {sent:.1f} | {whole:.1f} |")
    print("\n".join(lines))
    late = [name for name, (soon, _, _) in measured.items() if soon > LATEST]
    heavy = [name for name, (_, sent, _) in measured.items() if sent > HEAVIEST and name != "sparql"]
    print(f"later than {LATEST:.0f} ms: {late or 'none'}; heavier than {HEAVIEST:.0f} kB as sent: {heavy or 'none'}")
    if asked.write:
        report.write("pages", lines)
    return 1 if late or heavy else 0


def measure(url: str, path: str) -> tuple[float, float, float]:
    """Give the median first byte of a warm page in ms, and its weight as sent and decoded in kB."""
    _, sent, body = fetch(url, path)
    soon = statistics.median(fetch(url, path)[0] for _ in range(_TIMES))
    whole = len(body)
    for part in sorted(set(_PART.findall(body.decode()))):
        if "/vendor/" not in part:
            _, more, content = fetch(url, part.replace("&amp;", "&"))
            sent, whole = sent + more, whole + len(content)
    return soon, sent / 1000, whole / 1000


def fetch(url: str, path: str) -> tuple[float, int, bytes]:
    """Give how many ms passed until the answer began, how many bytes came, and the bytes decoded."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Accept": "text/html,*/*;q=0.1", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        soon = (time.perf_counter() - began) * 1000
        content = answer.read()
    finally:
        connection.close()
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    return soon, len(content), gzip.decompress(content) if is_packed else content


if __name__ == "__main__":
    sys.exit(main())
