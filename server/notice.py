"""What the operator is told once at the start, on standard error."""

import multiprocessing
import sys
import threading
from typing import Final

from graph.engine.sandbox import close_network

OPEN_NETWORK = (
    "partnergraph: warning: the workers' network could not be closed here (no seccomp); SERVICE, LOAD and FROM of "
    "what is elsewhere are refused by name all the same"
)
_OPEN: Final = 3  # how a trial ends where the network stays open


def network_can_be_closed() -> bool:
    """Whether a process of this machine can give its network up; tried in one that ends at once.

    False only where that one says so: one that is interrupted, as by Ctrl-C at the start, found out nothing.
    """
    process = multiprocessing.get_context("forkserver").Process(target=_try, name="network-trial", daemon=True)
    process.start()
    process.join()
    return process.exitcode != _OPEN


def say_what_is_missing() -> threading.Thread:
    """Print a line where the platform cannot close the workers' network; looked at beside the start, not before it."""
    thread = threading.Thread(target=_look, name="notice", daemon=True)
    thread.start()
    return thread


def _look() -> None:
    if not network_can_be_closed():
        print(OPEN_NETWORK, file=sys.stderr, flush=True)


def _try() -> None:
    sys.exit(0 if close_network() else _OPEN)
