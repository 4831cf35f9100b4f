"""The address that clients see: what names this service in an answer is the operator's, never the proxy's inside.

With `public_url` https://example.org/graph the service takes each request as one for https://example.org/graph/...,
whatever its Host header says; headers such as X-Forwarded-Host are not read, since anybody can send them. The proxy
may keep the sub-path or take it off: one that is kept (/graph/sparql) is taken off here, and a path that does not
begin with it (/sparql) is used as it is. Where the sub-path begins like a route of ours (/graph is one), only a proxy
that keeps it is free of doubt.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import request

from server.routes import PAGE_PARAMETERS
from server.service import PINNED

LONGEST = 1000  # characters of an address in a header: proxies refuse large heads

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


def published(app: Application, public_url: str) -> Application:
    """Give `app` under the address `public_url`; an empty one leaves the request's own."""
    if not public_url:
        return app
    parts = urlsplit(public_url)
    path, port = parts.path, str(parts.port or (443 if parts.scheme == "https" else 80))

    def at_address(environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ["PATH_INFO"]
        if path and (given == path or given.startswith(path + "/")):
            environ["PATH_INFO"] = given[len(path) :] or "/"
        environ["SCRIPT_NAME"] = path
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = parts.netloc, parts.scheme
        environ["SERVER_NAME"], environ["SERVER_PORT"] = str(parts.hostname), port
        return app(environ, start_response)

    return at_address


def mount() -> str:
    """Give the sub-path of the running request, without the version that it may name."""
    version = request.environ.get(PINNED)
    return request.script_root.removesuffix(f"/snapshot/{version}") if version else request.script_root


def page_address() -> str:
    """Give the path of the running request's page, with the parameters that make it another page and no others."""
    names = PAGE_PARAMETERS.get(request.endpoint or "", ())
    own = request.view_args or {}
    given = [(name, text) for name in names if name not in own for text in request.args.getlist(name) if text]
    return quote(request.path) + ("?" + urlencode(given) if given else "")


def long_address() -> str:
    """Give the one address of the running request's page where it is too long for a header; "" where it is not."""
    path = page_address()
    return mount() + path if len(canonical(path)) > LONGEST else ""


def canonical(path: str) -> str:
    """Give the one address of `path` (from the mount point, with its query), free of the version."""
    return request.host_url.rstrip("/") + mount() + path
