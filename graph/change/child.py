"""The inside of an update worker: it makes stages, applies one request after another, and never publishes.

It may be killed at any instant: what it wrote lies in a directory that nobody reads, and the next writer removes it.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

import rdflib

from graph.change.judge import Shapes
from graph.change.request import Request
from graph.change.stage import Stage
from graph.engine import channel
from graph.engine.question import TooMuchMemory
from graph.engine.sandbox import close_network, limit_memory
from graph.errors import Foreseen
from graph.snapshot import SnapshotError, read_manifest
from graph.validate import shapes_graph

_STACK: Final = 1 << 30  # bytes; address space only: deep nesting would overflow a usual stack and end the process


@dataclass(frozen=True, slots=True)
class Begin:
    """Make a stage of the version at `parent` in the directory `place`."""

    parent: Path
    place: Path


@dataclass(frozen=True, slots=True)
class Finish:
    """Write the stage out and let go of it."""


def main(connection: Connection, memory: int) -> None:
    """Serve Begin, Request and Finish from `connection` until it closes: the process's entry point.

    Each is answered by what it gave, or its error.
    """
    serve(connection, memory, _Stages().answer)


def serve(connection: Connection, memory: int, answer: Callable[[Any], Any]) -> None:
    """Answer each message from `connection` until it closes, locked in, with a stack for deep nesting.

    The first word is whether the network is closed. An error of those that are foreseen is an answer too.
    """
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve, args=(connection.fileno(), memory, answer))
    thread.start()
    thread.join()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _serve(descriptor: int, memory: int, answer: Callable[[Any], Any]) -> None:
    closed = close_network()
    limit_memory(memory)
    channel.send(descriptor, closed)
    try:
        while True:
            channel.send(descriptor, _answered(answer, channel.receive(descriptor)))
    except channel.Closed:
        return


def _answered(answer: Callable[[Any], Any], message: Any) -> Any:
    try:
        return answer(message)
    except Foreseen as error:
        return error
    except MemoryError:
        return TooMuchMemory("it needs more memory than allowed")
    except OSError as error:
        return SnapshotError(f"the change cannot be written ({error.strerror or error})")


class _Stages:
    """One stage at a time, and the shapes of the last version, which most versions share."""

    def __init__(self) -> None:
        self._own = Shapes(shapes_graph())
        self._stage: Stage | None = None

    def answer(self, message: Begin | Request | Finish) -> Any:
        """Do what the message says, and give what comes of it."""
        if isinstance(message, Begin):
            self._stage = None
            self._stage = Stage(message.parent, message.place, self._shapes(message.parent))
            return None
        assert self._stage is not None
        if isinstance(message, Request):
            return self._stage.apply(message)
        try:
            return self._stage.finish()
        finally:
            self._stage = None

    def _shapes(self, version: Path) -> Shapes | None:
        judging = read_manifest(version).shapes
        if judging == "none":
            return None
        if judging == "own":
            return self._own
        return Shapes(rdflib.Graph().parse(version / "shapes.ttl", format="turtle"))
