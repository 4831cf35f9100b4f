"""A worker as its owner sees it: a process over one snapshot that answers in time or is killed."""

import math
import os
import select
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from graph.engine import channel, policy
from graph.engine.process import begin, cause
from graph.engine.question import Answer, Busy, Cancelled, Crashed, EngineError, Question, TooMuchMemory, TooSlow

_START = 30.0  # seconds a worker may take to open its snapshot
_SLOW = 0.5  # seconds after which a query gives way to quicker ones
_TICK = 0.02  # seconds between two looks at the deadlines


class Watchdog:
    """Looks after the deadlines of workers: a thread, so that a worker's owner can wait without a timer of its own."""

    def __init__(self) -> None:
        self._workers: set[Worker] = set()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def add(self, worker: "Worker") -> None:
        """Look after `worker` from now on."""
        self._workers.add(worker)

    def remove(self, worker: "Worker") -> None:
        """Let go of `worker`."""
        self._workers.discard(worker)

    def _watch(self) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            for worker in tuple(self._workers):
                worker.look(now)


class Worker:
    """One worker process. Not for two threads at once: a pool lends it to one question at a time."""

    def __init__(self, snapshot: Path, spool: Path, memory: int, watchdog: Watchdog | None = None) -> None:
        """Start a worker over `snapshot`, with `memory` MiB for queries; large answers go to the folder `spool`.

        Raises Crashed where none can be started.
        """
        from graph.engine.child import main, partial

        self.snapshot = snapshot
        self._process, self._descriptor = begin(main, (str(snapshot), str(spool), memory), "worker")
        self._left = partial(spool, self._process.pid or 0)  # what it may leave behind when it is killed
        self.network_closed: bool | None = None
        self.slowed = False
        self.dead = False
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._born = time.monotonic()
        self._asked = 0.0
        self._why: EngineError | None = None
        self._watchdog = watchdog or Watchdog()
        self._watchdog.add(self)

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        return not self.dead and self._process.is_alive()

    def wait_until_ready(self, deadline: float = math.inf) -> None:
        """Wait until the snapshot is open.

        Raises Crashed where the worker cannot start, Busy where it is not ready at `deadline` (time.monotonic()).
        """
        if self.network_closed is not None:
            return
        latest = self._born + _START
        if not _readable(self._descriptor, min(deadline, latest) - time.monotonic()):
            if time.monotonic() < latest:
                raise Busy("no worker was ready in time")
            self.kill()
            raise Crashed("the worker did not start")
        self.network_closed = self._receive()

    def ask(self, question: Question, deadline: float) -> Answer:
        """Give the whole answer to `question`; `deadline` is a time.monotonic() time.

        Raises the EngineError that says why there is none. After TooSlow, TooMuchMemory, Cancelled or Crashed the
        process is gone and this worker must be replaced.
        """
        answer = self._exchange(question, deadline)
        return answer if isinstance(answer, Answer) else self._fail(answer)

    def read(self, text: str, deadline: float, endpoints: tuple[str, ...] = ()) -> policy.Reading:
        """Give what policy.read gives for `text`, as `ask` does. Raises policy.Refused too."""
        reading = self._exchange((text, endpoints), deadline)
        if isinstance(reading, policy.Refused):
            raise reading
        return reading if isinstance(reading, policy.Reading) else self._fail(reading)

    def _exchange(self, message: Question | tuple[str, tuple[str, ...]], deadline: float) -> Any:
        self.wait_until_ready(deadline)
        with self._within(deadline):
            try:
                channel.send(self._descriptor, message)
            except channel.Closed as error:
                raise self._died() from error
            return self._receive()

    def _fail(self, answer: Any) -> NoReturn:
        if isinstance(answer, TooMuchMemory):
            self.kill()
        raise answer if isinstance(answer, EngineError) else Crashed(f"the worker sent {type(answer).__name__}")

    def cancel(self) -> None:
        """End the question under way: its asker gets Cancelled."""
        with self._lock:
            if self._deadline is not None:
                self._end(Cancelled("an operator cancelled the query"))

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._watchdog.remove(self)
        with self._lock:
            if not self.dead:
                self.dead = True
                self._process.kill()
                os.close(self._descriptor)
        self._process.join()
        self._left.unlink(missing_ok=True)

    def look(self, now: float) -> None:
        """Kill the process where its deadline is over; let a slow one give way. The watchdog's part."""
        with self._lock:
            if self._deadline is None or self.dead:
                return
            if now >= self._deadline:
                self._end(TooSlow("the deadline was reached"))
            elif not self.slowed and now - self._asked > _SLOW:
                self._give_way()

    def _within(self, deadline: float) -> "_Within":
        return _Within(self, deadline)

    def begin(self, deadline: float | None) -> None:
        """Set or lift the deadline."""
        with self._lock:
            self._asked = time.monotonic()
            self._deadline = deadline

    def _receive(self) -> Any:
        try:
            return channel.receive(self._descriptor)
        except channel.Closed as error:
            raise self._died() from error

    def _end(self, why: EngineError) -> None:
        self._why = why
        self._deadline = None
        self._process.kill()

    def _give_way(self) -> None:
        self.slowed = True  # a process may not take its priority back, so it is not used again
        try:
            os.setpriority(os.PRIO_PROCESS, self._process.pid or 0, 10)
        except OSError:
            return  # it ended this instant; the next read tells

    def _died(self) -> EngineError:
        found = cause(self._process)
        why = self._why
        self.kill()
        return why or found


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))


class _Within:
    """The time in which a worker has a deadline."""

    def __init__(self, worker: Worker, deadline: float) -> None:
        self._worker, self._until = worker, deadline

    def __enter__(self) -> None:
        self._worker.begin(self._until)

    def __exit__(self, *_: object) -> None:
        self._worker.begin(None)
