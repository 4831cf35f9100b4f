"""Whether the service is alive and ready, for the programs that watch it."""

from typing import Final

from flask import Blueprint, Response, jsonify

from graph.engine.question import Busy, EngineError, Question, TooSlow
from graph.formats import JSON
from graph.manifest import SnapshotError
from server.service import Service

_PROBE: Final = Question("ASK {}", JSON.name)
_PATIENCE: Final = 1.0  # seconds for the probe


def blueprint(service: Service) -> Blueprint:
    """Give `/health/live`: 200 while the process answers; and `/health`: 200 where queries are answered, else 503."""
    room = Blueprint("health", __name__)

    @room.get("/health/live")
    def live() -> Response:
        return _told(200, status="ok")

    @room.get("/health")
    def health() -> Response:
        try:
            manifest = service.snapshot().manifest
            service.pool.ask(_PROBE, _PATIENCE)
        except SnapshotError as error:
            return _told(503, status="no snapshot", detail=str(error))
        except (Busy, TooSlow):  # there is work enough: whoever restarts the service for that loses it
            status = "busy"
        except EngineError as error:
            return _told(503, status="no worker", detail=str(error))
        else:
            status = "ok"
        return _told(
            200, status=status, snapshot=manifest.id, digest=manifest.digest, quads=manifest.quads, mode=manifest.mode,
            measured=manifest.measured_in,
        )  # fmt: skip

    return room


def _told(code: int, **told: object) -> Response:
    response = jsonify(**told)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response
