"""What is worked out once a version: answers about the whole graph, kept while few newer ones are asked for."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

from graph.snapshot import Snapshot
from server.service import Service

T = TypeVar("T")
_VERSIONS = 3  # remembered at once: the live one, and older ones that somebody reads by name


class Memo:
    """Remembers what a function gave for a version. Keys must be few: classes, networks; never user
    text.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, dict[Hashable, object]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[Snapshot], T], worth: Callable[[T], bool] = lambda _: True) -> T:
        """Give what `make` gives for the request's snapshot, from memory where it was asked for `key` before.

        Only what is `worth` it is remembered.
        """
        snapshot = self._service.snapshot()
        with self._lock:
            known = self._known.setdefault(snapshot.id, {})
            while len(self._known) > _VERSIONS:
                del self._known[next(name for name in self._known if name != snapshot.id)]
        if key in known:
            return known[key]  # type: ignore[return-value]
        made = make(snapshot)
        if worth(made):
            known[key] = made
        return made
