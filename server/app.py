"""The Flask factory: it is handed a service and composes the blueprints that close over it."""

import logging
import threading

from flask import Flask, Response, request

from server import problems
from server.compression import COMPRESSIBLE
from server.journal import REQUEST_ID, ROUTE
from server.links import href
from server.policy import HEADERS
from server.public import LONGEST, canonical, long_address, page_address
from server.service import Service


def create_app(service: Service) -> Flask:
    """Give the WSGI application over `service`."""
    from server.rooms import ROOMS, problem_types, things  # here, so that the factory alone loads them

    app = Flask("server", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = service.settings.body_size * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = service.settings.body_size * 1024
    app.extensions[things.PENS] = threading.BoundedSemaphore(things.MOST)
    app.extensions[things.SORTERS] = threading.BoundedSemaphore(things.MOST_SORTED)
    app.url_map.strict_slashes = False
    app.logger.setLevel(logging.INFO)
    problems.install(app)
    app.jinja_env.filters["href"] = href
    for room in ROOMS:
        app.register_blueprint(room.blueprint(service))
    app.register_blueprint(problem_types.blueprint())
    app.jinja_env.globals["long_address"] = long_address
    app.jinja_env.globals["problem_types"] = problem_types.BY_SLUG

    @app.before_request
    def note_route() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.setdefault("X-Request-Id", request.environ.get(REQUEST_ID, ""))
        for name, value in HEADERS:
            response.headers.setdefault(name, value)
        if (response.mimetype or "").startswith(COMPRESSIBLE):
            response.headers.add("Vary", "Accept-Encoding")  # of what goes out as it is too: caches keep them apart
        if response.mimetype == "text/html" and response.status_code in (200, 304):
            _name_page(response)
        if request.method != "HEAD" and not response.is_streamed and response.status_code >= 200:
            response.headers.setdefault("Content-Length", str(response.calculate_content_length() or 0))
        return response

    return app


def _name_page(response: Response) -> None:
    address = canonical(page_address())
    if len(address) <= LONGEST:
        response.headers.setdefault("Link", f'<{address}>; rel="canonical"')
