"""Whether the service is alive and ready, for the programs that watch it."""

from flask import Blueprint, Response, jsonify

from graph.manifest import SnapshotError
from server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Give `/health`: 200 with the live snapshot, 503 where there is none."""
    room = Blueprint("health", __name__)

    @room.get("/health")
    def health() -> Response:
        try:
            snapshot = service.snapshot()
        except SnapshotError as error:
            response = jsonify(status="no snapshot", detail=str(error))
            response.status_code = 503
        else:
            manifest = snapshot.manifest
            response = jsonify(
                status="ok", snapshot=manifest.id, digest=manifest.digest, quads=manifest.quads, mode=manifest.mode,
                measured=manifest.measured_in,
            )  # fmt: skip
        response.headers["Cache-Control"] = "no-store"
        return response

    return room
