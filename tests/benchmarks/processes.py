"""Servers under test: started on a free port, watched as a tree of processes, ended as one."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from graph.inputs import shipped
from graph.snapshot import DataDirectory

_READY = 60.0  # seconds a server may take to answer


class Server:
    """A server in a process group of its own, ready when it answers `path`; a context manager that ends it."""

    def __init__(self, name: str, command: Sequence[str], port: int, path: str,
                 environment: Mapping[str, str] | None = None, log: Path | None = None) -> None:  # fmt: skip
        self.name, self.port, self._path, self._command = name, port, path, command
        self._environment = {**os.environ, **(environment or {})}
        self._log = log

    def __enter__(self) -> Self:
        with (self._log or Path(os.devnull)).open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait()
        except TimeoutError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        below = self.processes()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in below:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def restart(self) -> None:
        """End the tree and start it anew."""
        self.__exit__()
        self.__enter__()

    @property
    def pid(self) -> int:
        """The number of the process at the root of the tree."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process at the root of the tree runs."""
        return self._process.poll() is None

    def wait(self, seconds: float = _READY) -> float:
        """Wait until the server answers, and give the seconds that took. Raises TimeoutError."""
        began = time.monotonic()
        while time.monotonic() - began < seconds and self.alive():
            if answers(self.port, self._path):
                return time.monotonic() - began
            time.sleep(0.05)
        raise TimeoutError(f"{self.name} does not answer at port {self.port}")

    def processes(self) -> list[int]:
        """Give the numbers of all processes of the tree, the root first."""
        children: dict[int, list[int]] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, IndexError):
                    continue
                children.setdefault(parent, []).append(int(folder.name))
        found = [self.pid]
        for pid in found:
            found.extend(children.get(pid, ()))
        return found

    def memory(self) -> int:
        """Give the bytes that the tree holds: the sum of the proportional set sizes."""
        return sum(_held(pid) for pid in self.processes())


def _held(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def answers(port: int, path: str, timeout: float = 2.0) -> bool:
    """Whether a server at `port` answers `path` with anything but a server's error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Give a port of the loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def data_directory(path: Path | None, folder: Path) -> DataDirectory:
    """Give the data directory at `path`, or the shipped facts built into `folder` where none is given."""
    if path is not None:
        return DataDirectory(path)
    from graph.build import build

    directory = DataDirectory(folder / "data")
    build(shipped(), directory)
    return directory


def service(data: Path, log: Path | None = None, **settings: object) -> Server:
    """Give the product's own server over `data`, with `settings` as its environment takes them."""
    return _ours("partnergraph", data, log, ["server.command", "serve"], settings)


def service_with_noop(data: Path, log: Path | None = None, **settings: object) -> Server:
    """Give the same server with the benchmark's `/noop` beside its routes."""
    return _ours("partnergraph", data, log, ["tests.benchmarks.noop"], settings)


def _ours(name: str, data: Path, log: Path | None, what: Sequence[str], settings: Mapping[str, object]) -> Server:
    port = free_port()
    given = {"data_dir": data, "port": port, **settings}
    environment = {f"PARTNERGRAPH_{k.upper()}": str(v) for k, v in given.items()}
    if what[0] == "server.command":
        command = [sys.executable, "-c", "from graph.command import main; main()", "serve"]
    else:
        command = [sys.executable, "-m", *what]
    return Server(name, command, port, "/health", environment, log)
