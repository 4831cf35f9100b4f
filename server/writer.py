"""The writer: requests that change the graph wait here, and those that wait together are published together."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from graph.change.commit import Asked, Committer, Outcome
from graph.change.request import Accepted, Precondition, Request
from graph.errors import Foreseen
from graph.snapshot import DataDirectory, Snapshot
from server.service import Full
from server.settings import Settings

_TOGETHER: Final = 64  # requests in one version
_LOCKED: Final = 10.0  # seconds to wait for another process that writes

_Waiting = tuple[Asked, "Future[Outcome]"]


class Writer:
    """One thread that commits, begun with the first change; `published` is called after each publish."""

    def __init__(self, settings: Settings, data: DataDirectory, published: Callable[[], None]) -> None:
        self._committer = Committer(data, settings.memory, settings.timeout, settings.keep)
        self._published = published
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(max(1, settings.queue))
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The number of the process that computes changes, where there is one."""
        return self._committer.pid

    def submit(self, request: Request, precondition: Precondition | None = None) -> tuple[Snapshot, Accepted]:
        """Give the published version that `request` is part of, and how. Raises what keeps it out, and Full."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
        done: Future[Outcome] = Future()
        try:
            self._waiting.put_nowait((Asked(request, precondition), done))
        except queue.Full:
            raise Full("too many changes wait to be published") from None
        return done.result().result()

    def close(self) -> None:
        """End the thread and its process."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
        self._committer.close()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            ended = False
            while len(batch) < _TOGETHER and not self._waiting.empty():
                one = self._waiting.get_nowait()
                if one is None:
                    ended = True
                    break
                batch.append(one)
            self._commit(batch)
            if ended:
                return

    def _commit(self, batch: list[_Waiting]) -> None:
        outcomes: list[Outcome] = []
        try:
            outcomes = self._committer.commit([asked for asked, _ in batch], _LOCKED)
            if any(outcome.accepted is not None for outcome in outcomes):
                self._published()
        except Foreseen as error:
            outcomes = [Outcome(error=error)] * len(batch)
        finally:  # whoever waits must hear, even of a fault of ours
            fault = Outcome(error=Foreseen("the change could not be made"))
            for number, (_, done) in enumerate(batch):
                done.set_result(outcomes[number] if number < len(outcomes) else fault)
