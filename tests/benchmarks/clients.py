"""Clients that keep to no rules: they send bytes, and note the status, the time and what is wrong with the body."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import quote

CLOSED = 0  # in place of a status: the server closed the connection without an answer
SILENT = -1  # neither an answer nor an end in time


@dataclass(frozen=True, slots=True)
class Target:
    """A server: its port, the path of its endpoint, and an address of ours that it must never ask."""

    port: int
    endpoint: str
    canary: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client got: a status (or CLOSED, SILENT), the seconds it took, and what was wrong with it otherwise."""

    status: int
    seconds: float
    fault: str = ""


Client = Callable[[Target, float], Outcome]


def exchange(
    target: Target, pieces: Iterable[bytes], patience: float, judge: Callable[[bytes, bytes], str] | None = None
) -> Outcome:
    """Send `pieces` over a new connection and read the answer whole; `judge` names a fault in its head and body."""
    began = time.monotonic()

    def over(status: int, fault: str = "") -> Outcome:
        return Outcome(status, time.monotonic() - began, fault)

    try:
        with socket.create_connection(("127.0.0.1", target.port), timeout=patience) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except (ConnectionResetError, BrokenPipeError):
                pass  # it has answered already and reads no more
            return over(*_answer(connection, judge))
    except TimeoutError:
        return over(SILENT)
    except OSError:
        return over(CLOSED)


def _answer(connection: socket.socket, judge: Callable[[bytes, bytes], str] | None) -> tuple[int, str]:
    response = HTTPResponse(connection)
    try:
        response.begin()
    except HTTPException:
        return CLOSED, ""
    try:
        body = response.read()
    except (HTTPException, ConnectionResetError):
        return response.status, "the body is cut" if response.status == 200 else ""
    head = "\n".join(f"{name}: {value}" for name, value in response.getheaders()).encode("latin-1", "replace")
    return response.status, judge(head, body) if judge else ""


def request(method: str, path: str, headers: str = "", body: bytes = b"") -> bytes:
    """Give the bytes of a request; `headers` are whole lines."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{length}{headers}\r\n"
    return head.encode("latin-1") + body


def get(query: str, extra: str = "", headers: str = "Accept: application/sparql-results+json\r\n") -> Client:
    """Give a client that asks `query` by GET, with `extra` behind it in the URL; CANARY stands for our address."""

    def send(target: Target, patience: float) -> Outcome:
        text = quote(query.replace("CANARY", target.canary))
        path = f"{target.endpoint}?query={text}{extra.replace('CANARY', quote(target.canary, safe=''))}"
        return exchange(target, [request("GET", path, headers)], patience)

    return send


def post(query: str | Callable[[], bytes], kind: str = "application/sparql-query", headers: str = "") -> Client:
    """Give a client that sends `query`, or what it makes, as the body of a POST."""

    def send(target: Target, patience: float) -> Outcome:
        body = query() if callable(query) else query.replace("CANARY", target.canary).encode()
        head = f"Content-Type: {kind}\r\n{headers}"
        return exchange(target, [request("POST", target.endpoint, head, body)], patience)

    return send


def path(method: str, where: str, headers: str = "", body: bytes = b"", forbidden: bytes = b"") -> Client:
    """Give a client that asks for `where` just so; an answer that holds `forbidden` is a fault."""

    def send(target: Target, patience: float) -> Outcome:
        def judge(head: bytes, content: bytes) -> str:
            found = forbidden and (forbidden in head.lower() or forbidden in content)
            return f"the answer holds {forbidden.decode()}" if found else ""

        at = where.replace("ENDPOINT", target.endpoint).replace("CANARY", quote(target.canary, safe=""))
        sent = body.replace(b"CANARY", target.canary.encode())
        return exchange(target, [request(method, at, headers, sent)], patience, judge)

    return send


def raw(*pieces: bytes) -> Client:
    """Give a client that sends these bytes, whatever they are."""
    return lambda target, patience: exchange(
        target, [piece.replace(b"ENDPOINT", target.endpoint.encode()) for piece in pieces], patience
    )


def drip(head: bytes, every: float) -> Client:
    """Give a client that sends `head` and then a byte now and then, and never comes to an end."""

    def send(target: Target, patience: float) -> Outcome:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", target.port), timeout=every) as connection:
            connection.sendall(head.replace(b"ENDPOINT", target.endpoint.encode()))
            while time.monotonic() - began < patience:
                try:
                    data = connection.recv(65536)
                except TimeoutError:
                    try:
                        connection.sendall(b"a")
                    except OSError:
                        return Outcome(CLOSED, time.monotonic() - began)
                    continue
                except OSError:
                    data = b""
                status = int(data.split()[1]) if data.startswith(b"HTTP/") else CLOSED
                return Outcome(status, time.monotonic() - began)
        return Outcome(SILENT, time.monotonic() - began)

    return send


def leave(query: str, after: int) -> Client:
    """Give a client that asks `query`, reads `after` bytes of the answer, and leaves."""

    def send(target: Target, patience: float) -> Outcome:
        began = time.monotonic()
        ask = request("GET", f"{target.endpoint}?query={quote(query)}", "Accept: application/n-triples, text/csv\r\n")
        try:
            with socket.create_connection(("127.0.0.1", target.port), timeout=patience) as connection:
                connection.sendall(ask)
                data = connection.recv(after) if after else b"HTTP/1.1 200"
        except TimeoutError:
            return Outcome(SILENT, time.monotonic() - began)
        except OSError:
            return Outcome(CLOSED, time.monotonic() - began)
        return Outcome(int(data.split()[1]) if data else CLOSED, time.monotonic() - began)

    return send


def stall(query: str, seconds: float) -> Client:
    """Give a client that asks `query` and reads the answer only after some seconds, whole."""

    def send(target: Target, patience: float) -> Outcome:
        def pieces() -> Iterator[bytes]:
            yield request("GET", f"{target.endpoint}?query={quote(query)}", "Accept: application/n-triples\r\n")
            time.sleep(seconds)

        return exchange(target, pieces(), patience)

    return send


def pipelined(query: str, times: int) -> Client:
    """Give a client that sends `times` requests at once over one connection and counts the answers."""

    def send(target: Target, patience: float) -> Outcome:
        began = time.monotonic()
        one = f"GET {target.endpoint}?query={quote(query)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        last = request("GET", f"{target.endpoint}?query={quote(query)}")
        try:
            with socket.create_connection(("127.0.0.1", target.port), timeout=patience) as connection:
                connection.sendall(one * (times - 1) + last)
                data = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        except TimeoutError:
            return Outcome(SILENT, time.monotonic() - began)
        except OSError:
            return Outcome(CLOSED, time.monotonic() - began)
        count = data.count(b"HTTP/1.1 200")
        return Outcome(200, time.monotonic() - began, "" if count == times else f"{count} of {times} answers")

    return send
