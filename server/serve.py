"""Serve: granian in front of the WSGI application, one process, many blocking threads."""

import math
import multiprocessing
import os
import threading
import time
from collections import deque
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any

from granian._granian import ListenerSpec
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from graph.engine.process import hold_interrupts
from server import bodies, flights, front, pool
from server.app import create_app
from server.front import Front
from server.notice import say_what_is_missing
from server.public import Application, published
from server.service import Service, open_service
from server.settings import Settings, from_environment

_SPARE_THREADS = 32
_CONNECTIONS = 4096  # open at once, idle ones included

_OVERLAP = 3.0  # seconds that the old process goes on beside the new one where SIGHUP asks for a new one
_DEATHS, _LATELY = 5, 60.0  # so often within so many seconds, and what dies is broken, not killed
_GRACE = 5  # seconds past the deadline of a query in which its answer may still be sent at the end


def application() -> Application:
    """Give the application that the environment's settings describe: what granian's process loads."""
    # A terminal's Ctrl-C reaches every process. This one is ended by granian's first, with SIGTERM: told twice, it
    # may wait for its kill timeout.
    hold_interrupts()
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    settings = from_environment()
    # Beside the first worker, which comes up in about the time that the pages' modules take to load.
    threading.Thread(target=import_module, args=("server.rooms",), name="loading", daemon=True).start()
    service = open_service(settings)
    say_what_is_missing()
    return over(service)


def _leave_with_parent() -> None:
    """End this process with the one that started it: killed, that one could not say so, and the port stayed taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def over(service: Service) -> Application:
    """Give the whole WSGI application over `service`, under its public address."""
    return published(Front(create_app(service), service), service.settings.public_url)


def threads(settings: Settings) -> int:
    """Give how many threads there must be, so that all that may wait do and small requests still find one."""
    held = flights.MOST + pool.REFUSED + bodies.MOST + front.STREAMS
    return settings.workers + 2 * settings.queue + held + _SPARE_THREADS


def serve(settings: Settings) -> None:
    """Serve until interrupted. The service's process is started again where it was killed.

    Raises SystemExit where it dies again and again.
    """
    os.environ.update(settings.environment())
    given_up = deque[float](maxlen=_DEATHS)
    while True:
        try:
            _granian(settings).serve()
        except SystemExit:  # granian gives up where its process is killed twice within some seconds
            given_up.append(time.monotonic())
            if len(given_up) == _DEATHS and given_up[-1] - given_up[0] < _LATELY:
                raise
        else:
            return


class _Server(MPServer):
    """granian's server with one listening socket for all the processes it starts, one after the other.

    By itself it lets each of them have its own on Linux, and the connections that wait at a socket go with it: who came
    in the instant that a process ends was dropped, and those at one that is killed.
    """

    def _init_shared_socket(self) -> None:
        if multiprocessing.get_start_method() != "fork":  # the number of a socket means nothing to other children
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
            return
        self._shd = ListenerSpec(self.bind_addr, self.bind_port, self.backlog).build()  # type: ignore[assignment]
        self._sso = None


def _granian(settings: Settings) -> Any:
    return _Server(
        "server.serve:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # with auto, a process that ends drops connections whose HTTP it has not yet found out
        workers=1,
        blocking_threads=threads(settings),
        respawn_failed_workers=True,
        respawn_interval=_OVERLAP,
        workers_kill_timeout=math.ceil(settings.timeout) + _GRACE,
        backpressure=_CONNECTIONS,
        backlog=_CONNECTIONS,
        log_level=LogLevels.error,
    )
