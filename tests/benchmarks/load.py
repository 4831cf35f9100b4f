"""Load on a server: wrk where it is installed, else threads of a separate Python process. Requests a second.

As a programme (`python -m tests.benchmarks.load`) it is that separate process: a JSON job in, a count out.
"""

import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 8
_THREADS = 2
# Each thread of wrk begins elsewhere in the list; with `unique` each request is a new one (its LIMIT counts on).
_SCRIPT = """
local paths = {%s}
local unique = %s
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
local count = 0
function request()
  count = count + 1
  local path = paths[(count + number * 7) %% #paths + 1]
  if unique then path = path .. (1000 + count * %d + number) end
  return wrk.format("GET", path, {["Accept"] = "application/sparql-results+json"})
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("\\n@ %%d %%d %%d %%f %%f\\n", summary.requests, summary.duration,
    e.status + e.connect + e.read + e.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a load measured: requests a second, requests that went wrong, and latencies in milliseconds."""

    rate: float
    bad: int
    median: float
    p99: float


def measure(port: int, paths: Sequence[str], seconds: float, unique: bool = False) -> Result:
    """Ask `paths` in turn with 8 connections for `seconds`; with `unique` a growing number ends each path."""
    if shutil.which("wrk"):
        return _wrk(port, paths, seconds, unique)
    job = {"port": port, "paths": list(paths), "seconds": seconds, "unique": unique}
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    return Result(**json.loads(done.stdout))


def _wrk(port: int, paths: Sequence[str], seconds: float, unique: bool) -> Result:
    names = ", ".join(json.dumps(path) for path in paths)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (names, str(unique).lower(), _THREADS))
        script.flush()
        ran = subprocess.run(
            ["wrk", f"-t{_THREADS}", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", script.name,
             f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True,
        )  # fmt: skip
    line = next(line for line in ran.stdout.splitlines() if line.startswith("@ "))
    requests, microseconds, bad, median, p99 = (float(x) for x in line.split()[1:])
    return Result(requests / microseconds * 1e6, int(bad), median, p99)


def _threads(port: int, paths: Sequence[str], seconds: float, unique: bool) -> Result:
    until, taken, bad = time.monotonic() + seconds, [[] for _ in range(CONNECTIONS)], [0] * CONNECTIONS

    def run(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        count = 0
        while (began := time.monotonic()) < until:
            count += 1
            path = paths[(count + number * 7) % len(paths)]
            connection.request("GET", f"{path}{1000 + count * CONNECTIONS + number}" if unique else path,
                               headers={"Accept": "application/sparql-results+json"})  # fmt: skip
            response = connection.getresponse()
            response.read()
            bad[number] += response.status != 200
            taken[number].append(time.monotonic() - began)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(t for row in taken for t in row)
    return Result(len(times) / seconds, sum(bad), times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3)


if __name__ == "__main__":
    found = _threads(**json.load(sys.stdin))
    print(json.dumps({name: getattr(found, name) for name in Result.__slots__}))
