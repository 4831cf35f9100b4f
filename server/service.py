"""The service's state: its settings, the live snapshot, and the pool of workers over it."""

import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from flask import has_request_context, request

from graph.errors import Foreseen
from graph.snapshot import DataDirectory, Snapshot
from server.federation import Endpoints, pinned
from server.flights import Flights
from server.journal import Journal
from server.pool import Pool
from server.settings import Settings
from server.tokens import Tokens, read_tokens

if TYPE_CHECKING:
    from server.writer import Writer

PINNED = "partnergraph.snapshot"  # the version that a request names, in its WSGI environment
_OPENED = 4  # older versions kept open
_LOOK_AGAIN = 0.5  # seconds


class Full(Foreseen):
    """Too many changes wait."""


@dataclass
class Service:
    """What the blueprints close over. `snapshot()` is the live version, at most half a second behind a publish."""

    settings: Settings
    data: DataDirectory
    pool: Pool
    journal: Journal
    endpoints: Endpoints = field(default_factory=Endpoints)
    _live: Snapshot | None = None
    _looked: float = 0.0
    flights: Flights = field(default_factory=Flights)
    _older: dict[str, Snapshot] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=lambda: Tokens({}))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def writer(self) -> "Writer":
        """What publishes changes; its process starts with the first one."""
        from server.writer import Writer  # and with it all that a build takes: no start waits for that

        return Writer(self.settings, self.data, self.follow)

    def follow(self) -> None:
        """Look at once whether another version is live; for a thread that answers no request."""
        self._looked = 0.0
        self.snapshot()

    def close(self) -> None:
        """End all processes."""
        if "writer" in self.__dict__:
            self.writer.close()
        self.pool.close()

    def snapshot(self) -> Snapshot:
        """Give the live snapshot, or the one that the running request names.

        Raises SnapshotError where nothing was ever published.
        """
        if has_request_context() and PINNED in request.environ:
            return self._pinned(request.environ[PINNED])
        live = self._live
        if live is not None and time.monotonic() - self._looked < _LOOK_AGAIN:
            return live
        with self._lock:
            if self._live is None or self.data.current_id() != self._live.id:
                self._live = self.data.current()
                self.pool.use(self._live.path)
            self._looked = time.monotonic()
            return self._live

    def _pinned(self, version: str) -> Snapshot:
        with self._lock:
            if version not in self._older:
                while len(self._older) >= _OPENED:
                    del self._older[next(iter(self._older))]
                self._older[version] = self.data.open(version)
            return self._older[version]


def open_service(settings: Settings) -> Service:
    """Open the data directory and start the workers over its live snapshot. Raises SnapshotError."""
    data = DataDirectory(settings.data_dir)
    live = data.current()
    pool, journal, endpoints = Pool(settings, live.path), Journal(settings.log), Endpoints(pinned(settings.service))
    tokens = read_tokens(settings.token_file)
    return Service(settings, data, pool, journal, endpoints, live, time.monotonic(), tokens=tokens)
