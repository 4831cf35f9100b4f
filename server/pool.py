"""The pool of workers: lends one to each question, replaces what was killed, and follows the live snapshot."""

import itertools
import math
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

from graph.engine.policy import Reading
from graph.engine.question import Answer, Busy, Crashed, Question, TooMuchMemory, TooSlow
from graph.engine.worker import Watchdog, Worker
from server.lanes import QUICK, SLOW, Full, Lanes, Shapes
from server.scratch import Scratch
from server.settings import Settings

T = TypeVar("T")

_KILLED = -9  # from outside: not by the watchdog, which says why
_SLOW = 1.0  # seconds that make a question worth the operator's look
REFUSED: Final = 128  # who are held back at once before they hear that there is no place; each holds a thread
_PAUSE = 0.5  # seconds that they are
_QUICK = 1.0  # seconds that a question may hold a worker spared for quick ones
_REMEMBERED = 50
_SHOWN = 1000  # characters of a query


@dataclass(frozen=True, slots=True)
class Running:
    """A question as the operator sees it: `began` in seconds since the epoch, `seconds` it took once it is over."""

    id: str
    query: str
    began: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Work(Generic[T]):
    """What a worker is to do: the text it is about, what it is called with, the version (None: the live one)."""

    text: str
    on: Callable[..., T]
    snapshot: Path | None
    name: str


class Pool:
    """At most `settings.workers` questions at once, `settings.queue` waiting; one spare worker stays warm."""

    def __init__(self, settings: Settings, snapshot: Path) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._scratch = Scratch()
        self._spool = self._scratch.path
        self._worn = queue.SimpleQueue[Worker | None]()  # None: a free one of a version that is no longer live
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self._closed = False
        self._names = itertools.count(1)
        self._under_way: dict[str, tuple[Running, Worker]] = {}
        self._slow: deque[Running] = deque(maxlen=_REMEMBERED)
        self._spare: list[Worker] = [self._new()]
        self._refused = threading.BoundedSemaphore(REFUSED)
        self._shapes = Shapes()
        self._idle = Lanes([self._new() for _ in range(settings.workers)], settings.queue)
        self._replacer = threading.Thread(target=self._replace_worn, name="replacer", daemon=True)
        self._replacer.start()

    @property
    def network_closed(self) -> bool:
        """Whether the workers have no way to a network; waits for one to be ready."""
        for worker in tuple(self._spare):
            worker.wait_until_ready()
            return bool(worker.network_closed)
        return False

    @property
    def waiting(self) -> int:
        """How many questions wait for a worker."""
        return self._idle.waiting

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
            stale, self._spare = self._spare, []
            with suppress(Crashed):
                self._spare.append(self._new())
        for worker in stale:
            worker.kill()
        for _ in range(self._settings.workers):
            self._worn.put(None)

    def ask(self, question: Question, timeout: float, snapshot: Path | None = None, name: str = "") -> Answer:
        """Give the answer to `question` within `timeout` seconds, waiting for a worker included.

        `snapshot` is the version to ask, the live one by default; another has a worker of its own for the while.

        `name` is how the operator knows it.

        Raises Busy where none was free in time or too many wait already, else what Worker.ask raises. A worker that
        is killed from outside is replaced and the question asked once more.
        """
        return self._twice(_Work(question.text, partial(Worker.ask, question=question), snapshot, name), timeout)

    def read(self, text: str, timeout: float, name: str = "", endpoints: tuple[str, ...] = ()) -> Reading:
        """Give what policy.read gives for `text`, as `ask` does: a long text takes time, and holds up who reads it.

        Raises policy.Refused too.
        """
        return self._twice(_Work(text, partial(Worker.read, text=text, endpoints=endpoints), None, name), timeout)

    def _twice(self, work: "_Work[T]", timeout: float) -> T:
        deadline = time.monotonic() + timeout
        try:
            return self._do(work, deadline)
        except Crashed as error:
            if _KILLED not in error.args:
                raise
        return self._do(work, deadline)

    def _do(self, work: "_Work[T]", deadline: float) -> T:
        shape = self._shapes.key(work.text)
        lane = self._shapes.lane(shape)
        if lane == QUICK:
            try:  # what was quick before is lent a worker that is spared for the quick, but not for long
                return self._in_lane(work, min(deadline, time.monotonic() + _QUICK), shape, lane)
            except TooSlow:
                if time.monotonic() >= deadline:
                    raise
            lane = SLOW
        return self._in_lane(work, deadline, shape, lane)

    def _in_lane(self, work: "_Work[T]", deadline: float, shape: int, lane: int) -> T:
        worker = lent = self._borrow(deadline, lane)
        if work.snapshot is not None and work.snapshot != lent.snapshot:
            try:
                worker = Worker(work.snapshot, self._spool, self._settings.memory, self._watchdog)
            except Crashed:
                self._give_back(lent)
                raise
        name = work.name or f"query-{next(self._names)}"
        began = time.time()
        self._under_way[name] = (Running(name, work.text[:_SHOWN], began), worker)
        try:
            found = work.on(worker, deadline=deadline)
            if isinstance(found, Answer):
                self._shapes.learn(shape, found.work)
            return found
        except (TooSlow, TooMuchMemory):
            self._shapes.learn(shape, math.inf)
            raise
        finally:
            del self._under_way[name]
            took = time.time() - began
            if took > _SLOW:
                self._slow.append(Running(name, work.text[:_SHOWN], began, round(took, 3)))
            if worker is not lent:
                worker.kill()
            self._give_back(lent)

    def _borrow(self, deadline: float, lane: int) -> Worker:
        try:
            worker = self._idle.take(lane, deadline)
        except Full as error:
            self._hold_back(deadline)
            raise Busy(str(error)) from None
        if self._unfit(worker):
            worker.kill()
            try:
                return self._replacement()
            except Crashed:
                self._idle.give_back(worker)  # dead as it is: a place is never lost
                raise
        return worker

    def _hold_back(self, deadline: float) -> None:
        """Let who is refused wait a little: clients that ask again at once would take all the time there is."""
        if self._refused.acquire(blocking=False):
            pause = random.uniform(0.5, 1.5) * _PAUSE  # those who came together are not to come back together
            time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
            self._refused.release()

    def _give_back(self, worker: Worker) -> None:
        if self._closed:
            worker.kill()
        elif worker.slowed or self._unfit(worker):
            self._idle.expect()
            self._worn.put(worker)  # its asker has an answer, and does not wait for the next one's worker
        else:
            self._idle.give_back(worker)

    def _unfit(self, worker: Worker) -> bool:
        return worker.dead or worker.snapshot != self._snapshot

    def _replace_worn(self) -> None:
        while not self._closed:
            worker = self._worn.get() or self._idle.pick(self._unfit)
            if worker is not None:
                worker.kill()
                with suppress(Crashed):  # who borrows the dead one tries again
                    worker = self._replacement()
                self._idle.replace(worker)
        for worker in [*self._spare, *self._idle.drain()]:
            worker.kill()

    def _replacement(self) -> Worker:
        """The warm spare, and a new spare in its place. Raises Crashed where no process can be started."""
        with self._lock:
            worker = self._spare.pop() if self._spare else self._new()
            with suppress(Crashed):  # without a spare there is still the worker
                self._spare.append(self._new())
            return worker

    def _new(self) -> Worker:
        return Worker(self._snapshot, self._spool, self._settings.memory, self._watchdog)

    def close(self) -> None:
        """End every idle worker and remove the spool."""
        self._closed = True
        self._worn.put(None)
        self._replacer.join()
        self._scratch.close()
