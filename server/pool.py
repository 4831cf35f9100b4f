"""The pool of workers: lends one to each question, replaces what was killed, and follows the live snapshot."""

import shutil
import tempfile
import threading
import time
from pathlib import Path

from graph.engine.question import Answer, Busy, Question
from graph.engine.worker import Worker
from server.settings import Settings


class Pool:
    """At most `settings.workers` questions at once, `settings.queue` waiting; one spare worker stays warm."""

    def __init__(self, settings: Settings, snapshot: Path) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._spool = Path(tempfile.mkdtemp(prefix="partnergraph-spool-"))
        self._idle: list[Worker] = []
        self._lent = 0
        self._waiting = 0
        self._closed = False
        self._free = threading.Condition()
        for _ in range(settings.workers + 1):
            self._idle.append(self._new())

    @property
    def network_closed(self) -> bool:
        """Whether the workers have no way to a network; waits for the first to be ready."""
        with self._free:
            worker = self._idle[0]
        worker.wait_until_ready()
        return bool(worker.network_closed)

    def use(self, snapshot: Path) -> None:
        """Answer from `snapshot` from now on; questions under way finish on theirs."""
        with self._free:
            self._snapshot = snapshot
            stale, self._idle = self._idle, [self._new() for _ in range(self._settings.workers + 1)]
        for worker in stale:
            worker.kill()

    def ask(self, question: Question, timeout: float) -> Answer:
        """Give the answer to `question` within `timeout` seconds, waiting for a worker included.

        Raises Busy where none was free in time or too many wait already, else what Worker.ask raises.
        """
        deadline = time.monotonic() + timeout
        worker = self._borrow(deadline)
        try:
            return worker.ask(question, deadline)
        finally:
            self._give_back(worker)

    def _borrow(self, deadline: float) -> Worker:
        with self._free:
            if self._lent >= self._settings.workers and self._waiting >= self._settings.queue:
                raise Busy("every worker is busy and the queue is full")
            self._waiting += 1
            try:
                while self._lent >= self._settings.workers:
                    if not self._free.wait(deadline - time.monotonic()):
                        raise Busy("no worker was free in time")
            finally:
                self._waiting -= 1
            self._lent += 1
            while self._idle:
                worker = self._idle.pop(0)
                if worker.alive():
                    return worker
            return self._new()

    def _give_back(self, worker: Worker) -> None:
        fresh = worker.alive() and worker.snapshot == self._snapshot and not worker.slowed
        if not fresh:
            worker.kill()
        with self._free:
            self._lent -= 1
            if not self._closed:
                self._idle.append(worker if fresh and worker.snapshot == self._snapshot else self._new())
            self._free.notify()

    def _new(self) -> Worker:
        return Worker(self._snapshot, self._spool, self._settings.memory)

    def close(self) -> None:
        """End every idle worker and remove the spool."""
        with self._free:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()
        shutil.rmtree(self._spool, ignore_errors=True)
