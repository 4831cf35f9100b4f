"""Workers with memory of their own, as their owner sees them: processes that are killed where they take too long."""

import os
import select
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from graph.change.child import Begin, Finish, main
from graph.change.request import Accepted, Request, Summary
from graph.engine import channel
from graph.engine.process import begin, cause
from graph.engine.question import EngineError, TooMuchMemory, TooSlow

_START: Final = 60.0  # seconds a worker may take to be ready
_CHECKPOINT: Final = 60.0  # seconds for what depends on the disk alone


class Helper:
    """A process that runs `main` with `memory` MiB and answers one message after another. Not for two threads at once.

    After TooSlow, TooMuchMemory and Crashed it is gone.
    """

    def __init__(self, main: Callable[[Connection, int], None], memory: int, name: str) -> None:
        """Start the process; Crashed where that fails."""
        self._process, self._descriptor = begin(main, (memory,), name)
        self._ready = False

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return self._process.pid

    def ask(self, message: Any, seconds: float) -> Any:
        """Give what the process answers within `seconds`, or raise the error that it answers; see the class."""
        if not self._ready:
            self._receive(_START)
            self._ready = True
        try:
            channel.send(self._descriptor, message)
        except channel.Closed as error:
            raise self._died() from error
        return self._receive(seconds)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()

    def _receive(self, seconds: float) -> Any:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if not poll.poll(max(0.0, seconds) * 1000):
            self.kill()
            raise TooSlow("the deadline was reached")
        try:
            found = channel.receive(self._descriptor)
        except channel.Closed as error:
            raise self._died() from error
        if isinstance(found, TooMuchMemory):
            self.kill()
        if isinstance(found, Exception):
            raise found
        return found

    def _died(self) -> EngineError:
        found = cause(self._process)
        self.kill()
        return found

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


class UpdateWorker(Helper):
    """A process that makes stages."""

    def __init__(self, memory: int) -> None:
        super().__init__(main, memory, "update-worker")

    def begin(self, parent: Path, place: Path) -> None:
        """Let it make a stage of the version `parent` in the directory `place`. Raises SnapshotError, Crashed."""
        self.ask(Begin(parent, place), _CHECKPOINT)

    def apply(self, request: Request, seconds: float) -> Accepted:
        """Let it make a change within `seconds`, which is part of the stage then. Raises what Stage.apply raises."""
        accepted: Accepted = self.ask(request, seconds)
        return accepted

    def finish(self) -> Summary:
        """Let it write the stage out."""
        summary: Summary = self.ask(Finish(), _CHECKPOINT)
        return summary
