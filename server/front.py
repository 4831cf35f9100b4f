"""The door: a small WSGI layer before Flask that names each request, answers from kept answers, and takes notes.

An answer is kept as the whole response to the same request on the same snapshot: the digest is part of the key, so a
publish forgets all. Only a GET of the endpoint without a body is looked up, before anything of Flask runs.
"""

import itertools
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from graph.manifest import SnapshotError
from server import compression
from server import journal as notes
from server.bodies import Bodies
from server.direct import ENDPOINT, Direct
from server.problems import REFUSAL, Problem
from server.scratch import Room
from server.service import PINNED, Service

Environment = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]
Key = tuple[str, str, str, str]

_SNAPSHOT = "/snapshot/"
_READ = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "CONTENT_TYPE")  # in Python, slowly
_LONG = 8192  # characters of a header
STREAMS: Final = 32  # large answers on their way at once: a slow client holds a thread each
_LARGEST = 1 << 20  # bytes of an answer that may be kept, and that is sent in one piece


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole 200 response: its headers, but for the request's name, its body and its entity tag."""

    headers: Headers
    body: bytes
    tag: str


class Answers:
    """Answers by request, the least lately used let go of past `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """Bytes of bodies held."""
        return self._held

    def get(self, key: Key) -> Kept | None:
        """Give the answer kept for `key`, and count it as lately used."""
        kept = self._kept.get(key)
        if kept is not None:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._held += len(kept.body) - (len(old.body) if old else 0)
            self._kept[key] = kept
            while self._held > self._most and self._kept:
                _, gone = self._kept.popitem(last=False)
                self._held -= len(gone.body)


class Front:
    """The WSGI application in front of `app`."""

    def __init__(self, app: Application, service: Service) -> None:
        self._app, self._service, self._journal = app, service, service.journal
        self._answers = Answers(service.settings.cache_size << 20)
        self._direct = Direct(service)
        self._bodies = Bodies(service.settings.body_size << 10)
        self._room = Room(STREAMS, service.settings.spool_size << 20)
        self._name = f"{os.urandom(4).hex()}-"
        self._count = itertools.count(1)

    def __call__(self, environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        began = time.perf_counter()
        name = f"{self._name}{next(self._count)}"
        environ[notes.REQUEST_ID] = name
        key = self._key(environ)
        kept = self._answers.get(key) if key else None
        if kept is not None:
            status, headers, body = _again(kept, environ)
            start_response(status, [*headers, ("X-Request-Id", name)])
            self._journal.note(environ, name, ENDPOINT, status, len(body), began, "cache")
            return [body]
        self._pin(environ)
        if any(len(environ.get(header, "")) > _LONG for header in _READ):
            environ.update(dict.fromkeys(_READ, ""))
            detail = f"a header has more than {_LONG} characters"
            environ[REFUSAL] = Problem(431, "header-too-large", "Header too large", detail)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") and "wsgi.input" in environ:
            environ["wsgi.input"] = self._bodies.of(environ["wsgi.input"])
        status, headers, found = self._through(environ, key)
        start_response(status, headers)
        size = int(dict(headers).get("Content-Length", 0))
        route, outcome = environ.get(notes.ROUTE, "other"), environ.get(notes.OUTCOME, "")
        self._journal.note(environ, name, route, status, size, began, outcome)
        return found

    def _through(self, environ: Environment, key: Key | None) -> tuple[str, Headers, Iterable[bytes]]:
        """Let Flask answer; compress the answer and keep it, where that is for this client and for this answer."""
        plain = self._direct.answer(environ) if key is not None and environ["REQUEST_METHOD"] == "GET" else None
        status, headers, found = plain if plain is not None else self._flask(environ)
        size = int(dict(headers).get("Content-Length", 0))
        keep = key is not None and environ["REQUEST_METHOD"] == "GET" and _keepable(status, headers, size)
        coding = None
        if environ["REQUEST_METHOD"] != "HEAD":
            coding = compression.wanted(environ.get("HTTP_ACCEPT_ENCODING", ""), headers, size)
        if size >= _LARGEST and coding is None:
            if self._room.take(size):
                return status, headers, Stream(found, self._room, size)
            _close(found)
            environ[REFUSAL] = Problem(503, "busy", "Busy", "too many large answers are on their way", None,
                                       {"Retry-After": "1"})  # fmt: skip
            status, headers, found = self._flask(environ)
        body = found[0] if isinstance(found, list) else _whole(found)
        if coding is not None:
            headers, body = compression.compressed(coding, headers, body)
        if keep and key is not None:
            lasting = [(n, v) for n, v in headers if n != "X-Request-Id"]
            self._answers.put(key, Kept(lasting, body, dict(headers)["ETag"]))
        return status, headers, [body]

    def _flask(self, environ: Environment) -> tuple[str, Headers, Iterable[bytes]]:
        seen: list[Any] = []
        found = self._app(environ, lambda status, headers, *_: seen.extend((status, headers)))
        status, headers = seen
        return status, headers, found

    def _key(self, environ: Environment) -> Key | None:
        if environ["PATH_INFO"] != ENDPOINT or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        try:
            digest = self._service.snapshot().manifest.digest
        except SnapshotError:
            return None  # Flask says what is wrong
        accept = environ.get("HTTP_ACCEPT", "")
        return digest, environ.get("QUERY_STRING", ""), accept, environ.get("HTTP_ACCEPT_ENCODING", "")

    def _pin(self, environ: Environment) -> None:
        """Turn `/snapshot/<id>/...` into `...` of that version; an unknown one stays, and is no route."""
        path = environ["PATH_INFO"]
        if path.startswith(_SNAPSHOT):
            version, slash, rest = path[len(_SNAPSHOT) :].partition("/")
            if slash and version in self._service.data.versions():
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _SNAPSHOT + version
                environ["PATH_INFO"] = "/" + rest
                environ[PINNED] = version


def _whole(found: Iterable[bytes]) -> bytes:
    body = b"".join(found)
    _close(found)
    return body


def _close(found: Iterable[bytes]) -> None:
    close = getattr(found, "close", None)
    if close is not None:
        close()


class Stream:
    """A large body on its way to its client, which holds a thread and `size` bytes of `room` until it has it."""

    def __init__(self, found: Iterable[bytes], room: Room, size: int) -> None:
        self._found, self._room, self._size, self._open = found, room, size, True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._found)

    def close(self) -> None:
        """Give the room back, once."""
        if self._open:
            self._open = False
            self._room.give(self._size)
            _close(self._found)


def _keepable(status: str, headers: Headers, size: int) -> bool:
    given = dict(headers)
    public = "ETag" in given and "public" in given.get("Cache-Control", "")
    return public and status.startswith("200") and size < _LARGEST


def _again(kept: Kept, environ: Environment) -> tuple[str, Headers, bytes]:
    if_none_match = environ.get("HTTP_IF_NONE_MATCH", "")
    if if_none_match and (if_none_match.strip() == "*" or kept.tag.removeprefix("W/") in if_none_match):
        rest = [(n, v) for n, v in kept.headers if n not in ("Content-Length", "Content-Type", "Content-Encoding")]
        return "304 Not Modified", rest, b""
    return "200 OK", kept.headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else kept.body
