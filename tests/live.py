"""A real server in processes of its own, and a client that trusts nothing: for tests of what only then can go wrong."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

_START = 60.0


@dataclass(frozen=True)
class Reply:
    """A whole response; `body` was read to the end of the connection's message."""

    status: int
    headers: Message
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class Live:
    """One running server: its address, its first process, and the file with what it says."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self,
        query: str | None = None,
        *,
        method: str = "GET",
        path: str = "/sparql",
        body: bytes | str | None = None,
        timeout: float = 60,
        parameters: dict[str, str] | None = None,
        **headers: str,
    ) -> Reply:
        """Send one request on a connection of its own. `Content_Type=` gives a header of that name.

        Whatever the answer, it must say how long it is and be as long, and must not come in chunks.
        """
        asked = {**({"query": query} if query is not None else {}), **(parameters or {})}
        target = path + ("?" + urlencode(asked) if asked else "")
        return request(self.url, method, target, body, timeout, {n.replace("_", "-"): v for n, v in headers.items()})

    def processes(self) -> dict[int, int]:
        """Give the processes that the server started, down to the last, each with its parent."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                parents[int(stat.parent.name)] = int(fields[1])
        found: dict[int, int] = {}
        wanted = {self.process.pid}
        while wanted:
            children = {pid: parent for pid, parent in parents.items() if parent in wanted and pid not in found}
            found |= children
            wanted = set(children)
        return found

    def workers(self) -> list[int]:
        """Give the processes that answer queries: children of the fork server, whose command line they share."""
        found = self.processes()
        return [pid for pid, parent in found.items() if all("forkserver" in command(one) for one in (pid, parent))]

    def service(self) -> int:
        """Give the process that speaks HTTP: the server's child that has children."""
        parents = set(self.processes().values())
        return next(p for p, parent in self.processes().items() if parent == self.process.pid and p in parents)

    def said(self) -> str:
        """Give what the server wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the server as an operator does; kill what does not end."""
        if self.process.poll() is None:
            left = [self.process.pid, *self.processes()]
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                for pid in left:
                    kill(pid)
                self.process.wait()


def request(
    url: str, method: str, target: str, body: bytes | str | None, timeout: float, headers: dict[str, str]
) -> Reply:
    """Send one request and read its answer, which must be framed as HTTP has it."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=timeout)
    began = time.monotonic()
    try:
        connection.request(method, target, body.encode() if isinstance(body, str) else body, headers)
        response = connection.getresponse()
        content = response.read()
        seconds = time.monotonic() - began
    finally:
        connection.close()
    framed(method, response.status, response.headers, content)
    return Reply(response.status, response.headers, content, seconds)


def framed(method: str, status: int, headers: Message, content: bytes) -> None:
    """A client can only tell a whole answer from a cut one by its length."""
    assert headers.get("Transfer-Encoding") is None, "no answer comes in chunks"
    if method != "HEAD" and status not in (204, 304):
        assert headers.get_all("Content-Length") == [str(len(content))], f"{status}: {headers.items()}"


@dataclass
class Running:
    """The servers of a session."""

    started: list[Live] = field(default_factory=list)

    def start(self, data: Path, **options: object) -> Live:
        """Start `partnergraph serve` over the data directory `data` and wait until it answers."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        log = data.parent / f"serve-{port}.log"
        more = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command_ = [str(Path(sys.executable).with_name("partnergraph")), "serve", "--data-dir", str(data)]
        environment = {n: v for n, v in os.environ.items() if not n.startswith("PARTNERGRAPH_")}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command_, f"--port={port}", *more], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment
            )
        live = Live(f"http://127.0.0.1:{port}", process, log)
        self.started.append(live)
        until = time.monotonic() + _START
        while not answers(live):
            assert process.poll() is None and time.monotonic() < until, live.said()
            time.sleep(0.05)
        return live

    def stop(self) -> None:
        """End all of them."""
        for live in self.started:
            live.stop()


def answers(live: Live, timeout: float = 30) -> bool:
    """Whether the server is up and a worker of it answers."""
    try:
        return live.ask("ASK {}", timeout=timeout).status == 200
    except (OSError, http.client.HTTPException):
        return False


def command(pid: int) -> str:
    """Give the command line of a process, or "" where it ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    except OSError:
        return ""


def kill(pid: int) -> None:
    """Kill a process that may have ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def raw(url: str, sent: bytes, timeout: float = 10) -> bytes:
    """Send bytes that no client library would, and give all that comes back until the other side closes."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=timeout) as connection:
        connection.sendall(sent)
        return read_all(connection.makefile("rb"))


def read_all(stream: IO[bytes]) -> bytes:
    """Give the first whole response of a stream: its head, and as much behind as the head says."""
    head = b""
    while line := stream.readline():
        head += line
        if line == b"\r\n":
            break
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return head + (stream.read(int(length[1])) if length else b"")
