"""Endpoints that queries may call with SERVICE: the operator's list, resolved once, asked within limits.

Only the process that speaks HTTP asks them; workers have no network. A call goes to an address that the list had when
the service started, whatever the endpoint's name means by then; it follows no redirect, and is over with the query's
deadline.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit

from graph.engine.federation import Call
from graph.engine.question import Busy, EndpointFailed, Fetched, TooSlow

_LARGEST: Final = 8 << 20  # bytes of an endpoint's answer
_MOST: Final = 16  # calls under way at once; each holds a thread
_RESULTS: Final = "application/sparql-results+json"


def checked(text: str) -> str:
    """Give a list of endpoints as it is: URLs, each with addresses behind it or none. ValueError where it is none."""
    _listed(text)
    return text


def pinned(text: str) -> str:
    """Give the list `text` with the addresses of each endpoint behind it.

    Raises ValueError where a name has none, or means a private address that the list does not say itself.
    """
    return " ".join(f"{url} {' '.join(given or _resolved(url))}" for url, given in _listed(text).items())


def _listed(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    url = ""
    for word in text.split():
        if word.startswith(("http://", "https://")):
            parts = urlsplit(word)
            if not parts.hostname or parts.username is not None or parts.fragment or not word.isascii():
                raise ValueError(f"{word} is no address of an endpoint")
            url = word
            found[url] = []
        elif not url:
            raise ValueError(f"{word} is no http address")
        else:
            found[url].append(str(ipaddress.ip_address(word)))
    return found


def _resolved(url: str) -> list[str]:
    parts = urlsplit(url)
    host = str(parts.hostname)
    try:
        rows = socket.getaddrinfo(host, _port(url), type=socket.SOCK_STREAM)
    except OSError as error:
        raise ValueError(f"{host} has no address: {error.strerror}") from error
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    inner = [address for address in found if not ipaddress.ip_address(address.partition("%")[0]).is_global]
    if inner and not _is_address(host):
        raise ValueError(f"{host} means {inner[0]}, no public address; if it may be asked, say '{url} {inner[0]}'")
    return found


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


class Endpoints:
    """The endpoints of a list as `pinned` gives it: `names` are what a query may call."""

    def __init__(self, listed: str = "") -> None:
        self._addresses: Mapping[str, Sequence[str]] = _listed(listed)
        self._free = threading.BoundedSemaphore(_MOST)
        self.names = tuple(self._addresses)

    def fetch(self, calls: Sequence[Call], deadline: float) -> tuple[Fetched, ...]:
        """Give what the endpoints answer to `calls`, one after the other, by the time.monotonic() time `deadline`.

        Raises EndpointFailed for a call that may not fail, TooSlow, and Busy where too many calls are under way.
        """
        return tuple(self._fetched(call, deadline) for call in calls)

    def _fetched(self, call: Call, deadline: float) -> Fetched:
        if not self._free.acquire(blocking=False):
            raise Busy("too many calls to other endpoints are under way")
        try:
            body: bytes | None = self._ask(call, deadline)
        except (OSError, http.client.HTTPException, EndpointFailed) as error:
            if time.monotonic() >= deadline:
                raise TooSlow("the deadline was reached") from error
            if not call.silent:
                raise EndpointFailed(f"<{call.endpoint}> gave no answer: {error}") from error
            body = None
        finally:
            self._free.release()
        return Fetched(call.at, call.end, call.endpoint, call.silent, call.variables, body)

    def _ask(self, call: Call, deadline: float) -> bytes:
        parts = urlsplit(call.endpoint)
        connection = http.client.HTTPConnection(str(parts.hostname), _port(call.endpoint))
        with self._connected(call.endpoint, deadline) as stream:
            late = threading.Timer(max(0.0, deadline - time.monotonic()), _end, (stream,))
            late.daemon = True
            late.start()
            try:
                connection.sock = stream
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                headers = {"Accept": _RESULTS, "Content-Type": "application/x-www-form-urlencoded",
                           "User-Agent": "partnergraph", "Connection": "close"}  # fmt: skip
                connection.request("POST", target, urlencode({"query": call.query}), headers)
                return _whole(connection.getresponse())
            finally:
                late.cancel()

    def _connected(self, endpoint: str, deadline: float) -> socket.socket:
        parts, failed = urlsplit(endpoint), OSError("it has no address")
        for address in self._addresses[endpoint]:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                stream = socket.create_connection((address, _port(endpoint)), timeout=left)
                return stream if parts.scheme == "http" else _encrypted(stream, str(parts.hostname))
            except OSError as error:
                failed = error
        raise failed


def _encrypted(stream: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(stream, server_hostname=host)
    except OSError:
        stream.close()
        raise


def _whole(response: http.client.HTTPResponse) -> bytes:
    kind = response.headers.get_content_type()
    if response.status != 200:
        raise EndpointFailed(f"it answered {response.status}")
    if kind not in (_RESULTS, "application/json") or response.headers.get("Content-Encoding", "identity") != "identity":
        raise EndpointFailed(f"it answered with {kind}, not {_RESULTS}")
    body = response.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise EndpointFailed(f"its answer is larger than {_LARGEST >> 20} MiB; ask for less")
    if response.length:
        raise EndpointFailed("its answer broke off")
    return body


def _end(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself
