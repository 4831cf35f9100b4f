"""The Flask factory: it is handed a service and composes the blueprints that close over it."""

import logging
import secrets

from flask import Flask, Response, g, request

from server import problems
from server.links import href
from server.service import Service

# Pages load nothing from elsewhere and run no inline script; the editor styles its own elements.
POLICY = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def create_app(service: Service) -> Flask:
    """Give the WSGI application over `service`."""
    from server import (  # the blueprints import nothing of this module; here, so that the factory alone loads them
        analysis,
        exports,
        health,
        listing,
        pages,
        sparql,
        things,
        vocabulary,
    )

    app = Flask("server", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = service.settings.body_size * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = service.settings.body_size * 1024
    app.url_map.strict_slashes = False
    app.logger.setLevel(logging.INFO)
    problems.install(app)
    app.jinja_env.filters["href"] = href
    for room in (pages, things, listing, vocabulary, exports, analysis, sparql, health):
        app.register_blueprint(room.blueprint(service))

    @app.before_request
    def name_request() -> None:
        g.request_id = secrets.token_hex(8)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.setdefault("X-Request-Id", g.get("request_id", ""))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        response.headers.setdefault("Access-Control-Expose-Headers", "ETag, X-Request-Id, Link")
        if request.method != "HEAD" and not response.is_streamed and response.status_code >= 200:
            response.headers.setdefault("Content-Length", str(response.calculate_content_length() or 0))
        return response

    return app
