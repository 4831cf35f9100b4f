"""What is worked out once a version: answers about the whole graph, kept until the next version is live."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

from graph.snapshot import Snapshot
from server.service import Service

T = TypeVar("T")


class Memo:
    """Remembers what a function gave for the live version. Keys must be few: classes, networks; never user
    text.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._version = ""
        self._known: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[Snapshot], T]) -> T:
        """Give what `make` gives for the live snapshot, from memory where it was asked for `key` before."""
        snapshot = self._service.snapshot()
        with self._lock:
            if snapshot.id != self._version:
                self._version, self._known = snapshot.id, {}
            known = self._known
        if key not in known:
            known[key] = make(snapshot)
        return known[key]  # type: ignore[return-value]
