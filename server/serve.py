"""Serve: granian in front of the WSGI application, one process, many blocking threads."""

import os
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from server.app import create_app
from server.front import Front
from server.service import open_service
from server.settings import Settings, from_environment

_THREADS = 64  # a few stalled clients must not hold every thread


def application() -> Any:
    """Give the application that the environment's settings describe: what granian's process loads."""
    service = open_service(from_environment())
    return Front(create_app(service), service)


def serve(settings: Settings) -> None:
    """Serve until interrupted. The service's process is started again where it was killed."""
    os.environ.update(settings.environment())
    Granian(
        "server.serve:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=5,
        backpressure=_THREADS,
        log_level=LogLevels.error,
    ).serve()
