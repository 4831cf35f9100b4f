"""Small queries at a steady pace, each another: `python -m tests.benchmarks.probe PORT ENDPOINT < paths`.

Runs until its input ends, then gives one line a query: when it was sent (time.monotonic()), its milliseconds (inf for
one that got no 200).
"""

import http.client
import math
import sys
import threading
import time

_CONNECTIONS = 2
_PAUSE = 0.01  # seconds between two queries of a connection
_PATIENCE = 5.0


def main() -> None:
    """Ask until the standard input ends."""
    port, head = int(sys.argv[1]), sys.argv[2]
    queries = sys.stdin.readline().split()
    ended = threading.Event()
    seen: list[tuple[float, float]] = []
    threads = [threading.Thread(target=_ask, args=(port, head, queries, n, ended, seen)) for n in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    sys.stdin.readline()
    ended.set()
    for thread in threads:
        thread.join()
    for sent, milliseconds in seen:
        print(f"{sent:.6f} {milliseconds:.3f}")


def _ask(
    port: int, head: str, queries: list[str], number: int, ended: threading.Event, seen: list[tuple[float, float]]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    count = number
    while not ended.wait(_PAUSE):
        count += _CONNECTIONS
        path = f"{head}?query={queries[count % len(queries)]}{1000 + count}"
        began = time.monotonic()
        try:
            connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
            response = connection.getresponse()
            whole = response.read() and response.status == 200
        except (OSError, http.client.HTTPException):
            connection.close()
            whole = False
        seen.append((began, (time.monotonic() - began) * 1000 if whole else math.inf))


if __name__ == "__main__":
    main()
