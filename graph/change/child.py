"""The inside of an update worker: it makes stages, applies one request after another, and never publishes.

It may be killed at any instant: what it wrote lies in a directory that nobody reads, and the next writer removes it.
"""

from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import rdflib

from graph.change.judge import Shapes
from graph.change.request import Request
from graph.change.stage import Stage
from graph.engine.locked import Answering, serve
from graph.engine.question import TooMuchMemory
from graph.errors import Foreseen
from graph.manifest import SnapshotError, read_manifest
from graph.validate import shapes_graph


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
    serve(connection, memory, lambda: foreseen(_Stages().answer))


def foreseen(answer: Answering) -> Answering:
    """Give `answer` with the errors that are foreseen as answers too."""
    return lambda message: _answered(answer, message)


def _answered(answer: Answering, message: Any) -> Any:
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
