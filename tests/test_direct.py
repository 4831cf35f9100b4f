"""The endpoint's short way gives what Flask's way gives: the same status, headers and body."""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

CASES = {
    "a SELECT": ("query=SELECT+*+%7B+%3Fs+a+%3Fc+%7D+ORDER+BY+%3Fs+LIMIT+3", {}),
    "as CSV": ("query=SELECT+%3Fs+%7B+%3Fs+a+%3Fc+%7D+ORDER+BY+%3Fs+LIMIT+3", {"Accept": "text/csv"}),
    "an ASK": ("query=ASK%7B%7D", {"Accept": "application/sparql-results+xml"}),
    "a CONSTRUCT": ("query=CONSTRUCT+WHERE+%7B+%3Fs+a+%3Fc+%7D+LIMIT+2", {}),
    "gzip": ("query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+200", {"Accept-Encoding": "gzip"}),
    "a large answer": ("query=CONSTRUCT+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D", {"Accept": "application/n-triples"}),
    "malformed": ("query=SELECT+%7B", {}),
    "too slow": ("query=SELECT+(COUNT(*)AS%3Fn)+%7B%3Fa+%3Fb+%3Fc.+%3Fd+%3Fe+%3Ff.+%3Fg+%3Fh+%3Fi%7D", {}),
    "not acceptable": ("query=ASK%7B%7D", {"Accept": "image/png"}),
    "refused": ("query=ASK+%7B+SERVICE+%3Chttp://x.example/%3E+%7B%7D+%7D", {}),
    "invalid UTF-8": ("query=ASK%7B%FF%7D", {}),
    "two queries": ("query=ASK%7B%7D&query=ASK%7B%7D", {}),
}


def ways(service: Any, timeout: float) -> tuple[Client, Client]:
    """A client of the door, and one of the same door where the short way is closed."""
    front = importlib.import_module("server.front")
    service = replace(service, settings=replace(service.settings, timeout=timeout))
    app = importlib.import_module("server.app").create_app(service)
    short, long = front.Front(app, service), front.Front(app, service)
    long._direct.answer = lambda environ: None
    return Client(short), Client(long)


@pytest.mark.parametrize("case", CASES)
def test_the_short_way_says_what_flask_says(service: Any, case: str) -> None:
    query, headers = CASES[case]
    doors = ways(service, 0.5 if case == "too slow" else 20)
    short, long = (asked(way, query, headers) for way in doors)
    assert short.status_code == long.status_code and short.get_data() == long.get_data()
    # granian dates what has no date; the name is the request's own
    assert _told(short.headers) == _told(long.headers)
    short.close(), long.close()


def asked(way: Client, query: str, headers: dict[str, str]) -> TestResponse:
    """Give the answer; again while the worker that an earlier query used up is being replaced."""
    for _ in range(20):
        answer = way.get("/sparql", query_string=query, headers=headers)
        if answer.status_code != 503 or b"problems/busy" not in answer.get_data():
            break
    return answer


def _told(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    told: dict[str, list[str]] = {}
    for name, value in headers:
        if name not in ("Date", "X-Request-Id"):
            told.setdefault(name, []).extend(part.strip() for part in value.split(","))
    return sorted((name, ", ".join(sorted(parts))) for name, parts in told.items())


def test_the_short_way_is_taken(app: Any, service: Any) -> None:
    def closed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise AssertionError("Flask was asked")

    client = Client(importlib.import_module("server.front").Front(closed, service))
    assert client.get("/sparql", query_string="query=ASK+%7B+%3Fs+a+%3Fc+%7D").status_code == 200
    assert client.get("/sparql", query_string="query=ASK+%7B").status_code == 400
