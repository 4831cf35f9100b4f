"""What the operator is told once at the start, on standard error."""

import multiprocessing
import sys
import threading

from graph.engine.sandbox import close_network

OPEN_NETWORK = (
    "partnergraph: warning: the workers' network could not be closed here (no seccomp); SERVICE, LOAD and FROM of "
    "what is elsewhere are refused by name all the same"
)


def network_can_be_closed() -> bool:
    """Whether a process of this machine can give its network up; tried in one that ends at once."""
    process = multiprocessing.get_context("forkserver").Process(target=_try, name="network-trial", daemon=True)
    process.start()
    process.join()
    return process.exitcode == 0


def say_what_is_missing() -> threading.Thread:
    """Print a line where the platform cannot close the workers' network; looked at beside the start, not before it."""
    thread = threading.Thread(target=_look, name="notice", daemon=True)
    thread.start()
    return thread


def _look() -> None:
    if not network_can_be_closed():
        print(OPEN_NETWORK, file=sys.stderr, flush=True)


def _try() -> None:
    sys.exit(0 if close_network() else 1)
