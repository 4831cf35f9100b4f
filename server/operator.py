"""The operator's rooms: `/metrics`, and below `/-/` what is his alone, behind his token.

`/-/queries` lists what runs and what was slow; a running query is cancelled by its id. Without a token set
(`PARTNERGRAPH_OPERATOR_TOKEN`) nobody gets in.
"""

import hmac
import os
import platform
import time
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from graph.manifest import SnapshotError
from server.problems import Problem, not_found
from server.public import mount
from server.service import Service
from server.settings import ENVIRONMENT

_TOKEN = ENVIRONMENT + "OPERATOR_TOKEN"
# Addresses without end, and those of whole graphs.
_NOT_FOR_CRAWLERS = (
    "/sparql", "/search", "/why", "/links", "/export", "/graphs", "/snapshot/",
    "/analysis/path", "/analysis/one", "/-/",
)  # fmt: skip
_LIMITS = ("timeout", "memory", "result_size", "body_size", "workers", "queue", "spool_size", "cache_size")


def blueprint(service: Service) -> Blueprint:
    """Give the routes."""
    room = Blueprint("operator", __name__)

    @room.get("/robots.txt")
    def robots() -> Response:
        lines = "".join(f"Disallow: {mount()}{path}\n" for path in _NOT_FOR_CRAWLERS)
        return Response(f"User-agent: *\n{lines}", content_type="text/plain; charset=utf-8")

    @room.get("/metrics")
    def metrics() -> Response:
        journal, pool = service.journal, service.pool
        journal.gauges(service.settings.workers, pool.running_count, pool.waiting, _live(service))
        return Response(generate_latest(journal.registry), content_type=CONTENT_TYPE_LATEST)

    @room.get("/-/queries")
    def queries() -> Response:
        admit()
        now = time.time()
        running = [{**asdict(r), "seconds": round(now - r.began, 3)} for r in service.pool.running()]
        return _private(jsonify(running=running, slow=[asdict(r) for r in service.pool.slowest()]))

    @room.post("/-/queries/<name>/cancel")
    def cancel(name: str) -> Response:
        admit()
        if not service.pool.cancel(name):
            raise not_found(f"no query {name!r} is running")
        return _private(jsonify(cancelled=name))

    @room.get("/-/settings")
    def settings() -> Response:
        admit()
        return _private(jsonify({k: str(v) for k, v in asdict(service.settings).items()}))

    @room.get("/-/limits")
    def limits() -> Response:
        admit()
        return _private(jsonify({name: getattr(service.settings, name) for name in _LIMITS}))

    @room.get("/-/versions")
    def versions() -> Response:
        admit()
        manifest = service.snapshot().manifest
        return _private(jsonify(python=platform.python_version(), engines=manifest.engines, snapshot=manifest.id))

    return room


def _live(service: Service) -> str:
    try:
        return service.snapshot().id
    except SnapshotError:  # the counters are wanted most when something is wrong
        return ""


def admit() -> None:
    """Let the operator in: his token as a bearer, compared in constant time. Raises Problem (401, 403)."""
    token = os.environ.get(_TOKEN, "")
    if not token:
        raise Problem(403, "operator-closed", "Closed", f"set {_TOKEN} to open the operator's rooms")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Problem(401, "unauthorized", "Unauthorized", "the operator's token is wanted", None,
                      {"WWW-Authenticate": 'Bearer realm="operator"'})  # fmt: skip


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
