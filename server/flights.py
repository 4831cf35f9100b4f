"""One execution for a thundering herd: equal work under way is waited for, not done again."""

import os
import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Final

from graph.engine.question import Answer, Busy, Crashed, EngineError

MOST: Final = 64  # who wait for a flight of others'; each holds a thread


class _Flight:
    """Work under way: its gate opens when there is an answer for each who waits, or an error."""

    __slots__ = ("answers", "error", "followers", "gate")

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.followers = 0
        self.error: EngineError = Crashed("the query that this one waited for was interrupted")
        self.gate = threading.Lock()
        self.gate.acquire()

    def follow(self) -> Answer:
        """Wait for the answer. Raises the EngineError that there is instead."""
        with self.gate:
            if not self.answers:
                raise self.error
            return self.answers.pop()


class Flights:
    """Work under way by key. What fails fails for all who wait; a large answer is a file of its own for each."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight] = {}
        self._waiting = 0
        self._lock = threading.Lock()

    def share(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        """Give what `work` gives, done once for all who ask for `key` meanwhile.

        Raises what `work` raises, and Busy where MOST wait already.
        """
        own = _Flight()
        with self._lock:
            flight = self._under_way.setdefault(key, own)
            if flight is not own:
                if self._waiting >= MOST:
                    raise Busy("too many wait for the answers to equal queries")
                self._waiting += 1
                flight.followers += 1
        return self._lead(key, own, work) if flight is own else flight.follow()

    def _lead(self, key: Hashable, flight: _Flight, work: Callable[[], Answer]) -> Answer:
        answer = None
        try:
            answer = work()
        except EngineError as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._under_way[key]
                self._waiting -= flight.followers
            if answer is not None:
                flight.answers = [_copy(answer, n) for n in range(flight.followers)]
            flight.gate.release()
        return answer


def _copy(answer: Answer, number: int) -> Answer:
    if answer.file is None:
        return answer
    link = answer.file.with_name(f"{answer.file.name}-{number}")
    os.link(answer.file, link)
    return replace(answer, file=link)
