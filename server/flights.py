"""One execution for a thundering herd: equal work under way is waited for, not done again."""

import threading
from collections.abc import Callable, Hashable
from typing import Final

from graph.engine.question import Answer, Busy, Crashed, EngineError

MOST: Final = 64  # who wait for a flight of others'; each holds a thread


class _Flight:
    """Work under way: its gate opens when there is an answer or an error."""

    __slots__ = ("answer", "error", "gate")

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.error: EngineError = Crashed("the query that this one waited for was interrupted")
        self.gate = threading.Lock()
        self.gate.acquire()


class Flights:
    """Work under way by key. What fails fails for all who wait; a large answer, which is a file, is not shared."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight] = {}
        self._waiting = 0
        self._lock = threading.Lock()

    def share(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        """Give what `work` gives, done once for all who ask for `key` meanwhile. Raises what `work`
        raises, and Busy where MOST wait already.
        """
        own = _Flight()
        with self._lock:
            flight = self._under_way.setdefault(key, own)
            if flight is not own and self._waiting >= MOST:
                raise Busy("too many wait for the answers to equal queries")
            self._waiting += flight is not own
        if flight is not own:
            try:
                return self._follow(flight, work)
            finally:
                with self._lock:
                    self._waiting -= 1
        try:
            own.answer = work()
        except EngineError as error:
            own.error = error
            raise
        else:
            return own.answer
        finally:
            with self._lock:
                del self._under_way[key]
            own.gate.release()

    def _follow(self, flight: _Flight, work: Callable[[], Answer]) -> Answer:
        with flight.gate:
            if flight.answer is None:
                raise flight.error
        return flight.answer if flight.answer.file is None else work()
