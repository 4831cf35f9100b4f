"""The pool of workers: lends one to each question, replaces what was killed, and follows the live snapshot."""

import itertools
import shutil
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from graph.engine.question import Answer, Busy, Crashed, Question
from graph.engine.worker import Watchdog, Worker
from server.settings import Settings

_KILLED = -9  # from outside: not by the watchdog, which says why
_SLOW = 1.0  # seconds that make a question worth the operator's look
_REMEMBERED = 50
_SHOWN = 1000  # characters of a query


@dataclass(frozen=True, slots=True)
class Running:
    """A question as the operator sees it: `began` in seconds since the epoch, `seconds` it took once it is over."""

    id: str
    query: str
    began: float
    seconds: float = 0.0


class Pool:
    """At most `settings.workers` questions at once, `settings.queue` waiting; one spare worker stays warm."""

    def __init__(self, settings: Settings, snapshot: Path) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._spool = Path(tempfile.mkdtemp(prefix="partnergraph-spool-"))
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self._closed = False
        self._waiting = 0
        self._names = itertools.count(1)
        self._under_way: dict[str, tuple[Running, Worker]] = {}
        self._slow: deque[Running] = deque(maxlen=_REMEMBERED)
        self._spare: list[Worker] = [self._new()]
        self._idle: SimpleQueue[Worker] = SimpleQueue()  # its get and put take no lock of the interpreter's own
        for _ in range(settings.workers):
            self._idle.put(self._new())

    @property
    def network_closed(self) -> bool:
        """Whether the workers have no way to a network; waits for one to be ready."""
        worker = self._spare[0]
        worker.wait_until_ready()
        return bool(worker.network_closed)

    @property
    def waiting(self) -> int:
        """How many questions wait for a worker."""
        return self._waiting

    @property
    def running_count(self) -> int:
        """How many questions are under way."""
        return len(self._under_way)

    def running(self) -> list[Running]:
        """Give the questions under way, the oldest first."""
        return sorted((running for running, _ in tuple(self._under_way.values())), key=lambda r: r.began)

    def slowest(self) -> list[Running]:
        """Give the last questions that took long, the slowest first."""
        return sorted(self._slow, key=lambda r: -r.seconds)

    def cancel(self, name: str) -> bool:
        """End the question asked under `name`; False where none is."""
        found = self._under_way.get(name)
        if found is not None:
            found[1].cancel()
        return found is not None

    def use(self, snapshot: Path) -> None:
        """Answer from `snapshot` from now on; questions under way finish on theirs."""
        with self._lock:
            self._snapshot = snapshot
            stale, self._spare = self._spare, [self._new()]
        for worker in stale:
            worker.kill()

    def ask(self, question: Question, timeout: float, snapshot: Path | None = None, name: str = "") -> Answer:
        """Give the answer to `question` within `timeout` seconds, waiting for a worker included.

        `snapshot` is the version to ask, the live one by default; another has a worker of its own for the while.

        `name` is how the operator knows it.

        Raises Busy where none was free in time or too many wait already, else what Worker.ask raises. A worker that
        is killed from outside is replaced and the question asked once more.
        """
        deadline = time.monotonic() + timeout
        name = name or f"query-{next(self._names)}"
        try:
            return self._ask(question, deadline, snapshot, name)
        except Crashed as error:
            if _KILLED not in error.args:
                raise
        return self._ask(question, deadline, snapshot, name)

    def _ask(self, question: Question, deadline: float, snapshot: Path | None, name: str) -> Answer:
        lent = self._borrow(deadline)
        worker = lent
        if snapshot is not None and snapshot != lent.snapshot:
            worker = Worker(snapshot, self._spool, self._settings.memory, self._watchdog)
        began = time.time()
        self._under_way[name] = (Running(name, question.text[:_SHOWN], began), worker)
        try:
            return worker.ask(question, deadline)
        finally:
            del self._under_way[name]
            took = time.time() - began
            if took > _SLOW:
                self._slow.append(Running(name, question.text[:_SHOWN], began, round(took, 3)))
            if worker is not lent:
                worker.kill()
            self._give_back(lent)

    def _borrow(self, deadline: float) -> Worker:
        try:
            worker = self._idle.get_nowait()
        except Empty:
            worker = self._wait(deadline)
        if worker.dead or worker.snapshot != self._snapshot:
            worker.kill()
            worker = self._replacement()
        return worker

    def _wait(self, deadline: float) -> Worker:
        with self._lock:
            if self._waiting >= self._settings.queue:
                raise Busy("every worker is busy and the queue is full")
            self._waiting += 1
        try:
            return self._idle.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise Busy("no worker was free in time") from None
        finally:
            with self._lock:
                self._waiting -= 1

    def _give_back(self, worker: Worker) -> None:
        if self._closed:
            worker.kill()
        elif worker.dead or worker.slowed or worker.snapshot != self._snapshot:
            worker.kill()
            self._idle.put(self._replacement())
        else:
            self._idle.put(worker)

    def _replacement(self) -> Worker:
        """The warm spare, and a new spare in its place."""
        with self._lock:
            self._spare.append(self._new())
            return self._spare.pop(0)

    def _new(self) -> Worker:
        return Worker(self._snapshot, self._spool, self._settings.memory, self._watchdog)

    def close(self) -> None:
        """End every idle worker and remove the spool."""
        self._closed = True
        idle = list(self._spare)
        while True:
            try:
                idle.append(self._idle.get_nowait())
            except Empty:
                break
        for worker in idle:
            worker.kill()
        shutil.rmtree(self._spool, ignore_errors=True)
