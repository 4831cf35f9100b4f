"""A writer that is to be killed: it changes two statements together, again and again, and says each change answered.

Arguments: the data directory, the point at which it kills itself ("" for none), and its first number.
"""

import os
import resource
import signal
import sys
from pathlib import Path

from graph.change.commit import Asked, Committer
from graph.change.request import Request
from graph.errors import Foreseen
from graph.snapshot import DataDirectory

UPDATE = """DELETE {{ ?s <x:is> ?old }} INSERT {{ ?s <x:is> {0} }} WHERE {{ ?s <x:is> ?old }} ;
INSERT DATA {{ <x:one> <x:is> {0} . GRAPH <x:g> {{ <x:other> <x:is> {0} }} }} ;
DELETE {{ GRAPH <x:g> {{ <x:other> <x:is> ?o }} }} WHERE {{ GRAPH <x:g> {{ <x:other> <x:is> ?o FILTER(?o != {0}) }} }}"""


def main(path: str, point: str, first: str, largest: str = "0") -> None:
    """Write until killed."""
    if int(largest):  # bytes that a file may have: what a full disk does to a writer
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))

    def reached(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    committer = Committer(DataDirectory(Path(path), reached), 512, 60.0, keep=3)
    for number in range(int(first), int(first) + 1000):
        print(f"begin {number}", flush=True)
        try:
            committer.commit([Asked(Request("update", UPDATE.format(number).encode()))], 10.0)[0].result()
        except Foreseen as error:
            print(f"refused {error}", flush=True)
            return
        print(f"done {number}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
