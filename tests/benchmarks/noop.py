"""The service with two routes that do nothing: `/noop` in its own Flask application, `/bare` in an empty one.

The server around them is the product's: the same settings of granian, the same process.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

from server import serve as serving
from server.app import create_app
from server.front import Front
from server.service import open_service
from server.settings import from_environment


def application() -> Any:
    """Give the product's application with `/noop`, and an empty Flask application at `/bare`."""
    service = open_service(from_environment())
    app = create_app(service)
    app.add_url_rule("/noop", "noop", lambda: Response(b"", content_type="text/plain"))
    bare = Flask("bare")
    bare.add_url_rule("/bare", "bare", lambda: Response(b"", content_type="text/plain"))
    front = Front(app, service)

    def choose(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return (bare if environ["PATH_INFO"] == "/bare" else front)(environ, start_response)

    return choose


if __name__ == "__main__":
    product = serving._Server

    def of_ours(_: str, **settings: Any) -> Any:
        return product("tests.benchmarks.noop:application", **settings)

    serving._Server = of_ours  # type: ignore[assignment, misc]
    serving.serve(from_environment())
