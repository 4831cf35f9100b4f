"""A worker as its owner sees it: a process over one snapshot that answers in time or is killed."""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from graph.engine.question import Answer, Crashed, EngineError, Question, TooMuchMemory, TooSlow

_START = 30.0  # seconds a worker may take to open its snapshot
_SLOW = 0.5  # seconds after which a query gives way to quicker ones
_ABORTED = -6  # the engine aborts the process where an allocation fails


class Worker:
    """One worker process. Not for two threads at once: a pool lends it to one question at a time."""

    def __init__(self, snapshot: Path, spool: Path, memory: int) -> None:
        """Start a worker over `snapshot`, with `memory` MiB for queries; large answers go to the folder `spool`."""
        from graph.engine.child import main

        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["graph.engine.child"])
        self.snapshot = snapshot
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=main, args=(theirs, str(snapshot), str(spool), memory), name="worker", daemon=True
        )
        self._process.start()
        theirs.close()
        self.network_closed: bool | None = None
        self.slowed = False

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.is_alive()

    def wait_until_ready(self) -> None:
        """Wait until the snapshot is open. Raises Crashed where the worker cannot start."""
        if self.network_closed is None:
            self.network_closed = self._receive(time.monotonic() + _START)

    def ask(self, question: Question, deadline: float) -> Answer:
        """Give the whole answer to `question`; `deadline` is a time.monotonic() time.

        Raises the EngineError that says why there is none. After TooSlow, TooMuchMemory or Crashed the process is
        gone and this worker must be replaced.
        """
        self.wait_until_ready()
        try:
            self._connection.send(question)
        except OSError as error:
            raise self._died() from error
        if not self._connection.poll(max(0.0, min(_SLOW, deadline - time.monotonic()))):
            self._give_way()
        answer = self._receive(deadline)
        if isinstance(answer, EngineError):
            if isinstance(answer, TooMuchMemory):
                self.kill()
            raise answer
        if not isinstance(answer, Answer):
            raise Crashed(f"the worker sent {type(answer).__name__}")
        return answer

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _receive(self, deadline: float) -> Any:
        try:
            if not self._connection.poll(max(0.0, deadline - time.monotonic())):
                self.kill()
                raise TooSlow("the deadline was reached")
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error

    def _give_way(self) -> None:
        self.slowed = True  # a process may not take its priority back, so it is not used again
        try:
            if self._process.pid is not None:
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)
        except OSError:
            return  # it ended this instant; the next receive tells

    def _died(self) -> EngineError:
        self._process.join(1.0)
        code = self._process.exitcode
        self.kill()
        if code == _ABORTED:
            return TooMuchMemory("the query needs more memory than allowed")
        return Crashed(f"the worker ended with code {code}")
