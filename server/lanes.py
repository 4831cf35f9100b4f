"""Who gets a free worker: questions that were quick before come first, those that were slow last.

Whatever many slow questions do, the last free workers are lent to quick ones only; no worker is taken from anyone.
A question is known by its shape: its text without the terms that change from one to the next.
"""

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

QUICK, UNKNOWN, SLOW = range(3)
BRIEF: Final = 0.05  # seconds of processor time: a question that takes more is slow
_LONG = 8 << 10  # characters: a longer question is slow before it was ever asked
_SHAPES = 4096
_TERMS = re.compile(r"""<[^<>\s]*>|"[^"]*"|'[^']*'|\d+|#[^\r\n]*""")  # and comments, which say nothing


class Shapes:
    """How much work questions of a shape were the last time."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, int] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, text: str) -> int:
        """Give the shape of the query `text`."""
        return 0 if len(text) > _LONG else hash(" ".join(_TERMS.sub(_blank, text).split()))

    def lane(self, key: int) -> int:
        """Give QUICK, UNKNOWN or SLOW."""
        return self._known.get(key, UNKNOWN) if key else SLOW

    def learn(self, key: int, seconds: float) -> None:
        """Remember how much work a question of this shape was."""
        lane = QUICK if seconds < BRIEF else SLOW
        if key and self._known.get(key) != lane:
            with self._lock:
                self._known[key] = lane
                self._known.move_to_end(key)
                if len(self._known) > _SHAPES:
                    self._known.popitem(last=False)


def _blank(found: re.Match[str]) -> str:
    return " " if found[0][0] == "#" else "_"


class Full(Exception):
    """Too many wait in this lane already, or nothing was free in time."""


class _Waiter(Generic[T]):
    def __init__(self) -> None:
        self.given: T | None = None
        self.gate = threading.Lock()
        self.gate.acquire()


class Lanes(Generic[T]):
    """What is free, and who waits for it: at most `queue` quick ones, and as many others."""

    def __init__(self, things: list[T], queue: int) -> None:
        spared = max(1, len(things) // 4)  # how many only the quicker lane may have
        most = len(things) - 1
        self._left = (0, min(spared, most), min(2 * spared, most))  # how many a lane leaves to the quicker ones
        self._free, self._queue = list(things), queue
        self._coming = 0  # things that are being replaced: as many may wait for them
        self._waiting: tuple[deque[_Waiter[T]], ...] = (deque(), deque(), deque())
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting))

    def take(self, lane: int, until: float) -> T:
        """Give what is free, waiting for it until the time.monotonic() time `until`. Raises Full."""
        with self._lock:
            if len(self._free) > self._left[lane]:
                return self._free.pop()
            ahead = self._waiting[QUICK] if lane == QUICK else [*self._waiting[UNKNOWN], *self._waiting[SLOW]]
            if len(ahead) >= self._queue + self._coming:
                raise Full("every worker is busy and the queue is full")
            waiter = _Waiter[T]()
            self._waiting[lane].append(waiter)
        if not waiter.gate.acquire(timeout=max(0.0, until - time.monotonic())):
            with self._lock:
                if waiter.given is None:
                    self._waiting[lane].remove(waiter)
                    raise Full("no worker was free in time")
        assert waiter.given is not None
        return waiter.given

    def expect(self) -> None:
        """Let one more wait, until a thing comes back by `replace`."""
        with self._lock:
            self._coming += 1

    def replace(self, thing: T) -> None:
        """Let the next one have `thing`, which was expected."""
        with self._lock:
            self._coming -= 1
        self.give_back(thing)

    def give_back(self, thing: T) -> None:
        """Let the next one have `thing`."""
        with self._lock:
            self._free.append(thing)
            for waiting, left in zip(self._waiting, self._left, strict=True):
                if waiting and len(self._free) > left:
                    waiter = waiting.popleft()
                    waiter.given = self._free.pop()
                    waiter.gate.release()
                    return

    def pick(self, wanted: Callable[[T], bool]) -> T | None:
        """Take the first free thing that is `wanted`, if there is one, to replace it."""
        with self._lock:
            found = next((thing for thing in self._free if wanted(thing)), None)
            if found is not None:
                self._free.remove(found)
                self._coming += 1
            return found

    def drain(self) -> list[T]:
        """Take all that is free."""
        with self._lock:
            free, self._free = self._free, []
            return free
