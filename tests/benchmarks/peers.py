"""Other servers, from PyPI in an environment of their own, over the same N-Quads."""

import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.processes import Server, free_port

PACKAGES = ("oxigraph", "rdflib-endpoint", "uvicorn")


def environment(given: Path | None, folder: Path) -> Path | None:
    """Give the folder of programmes `given`, or a new environment's with the peers in it; None where pip fails."""
    if given is not None:
        return given
    venv.create(folder / "peers", with_pip=True)
    programmes = folder / "peers" / "bin"
    done = subprocess.run([programmes / "pip", "install", "--quiet", *PACKAGES], capture_output=True)
    return programmes if done.returncode == 0 else None


def started(
    programmes: Path | None, folder: Path, timeout: float
) -> list[tuple[Callable[[Path], Server], str]]:
    """Give what starts each peer, with the path of its endpoint."""
    found = [(oxigraph(programmes, folder, timeout), "/query"), (rdflib_endpoint(programmes), "/")]
    return [(start, path) for start, path in found if start is not None]


def oxigraph(given: Path | None, folder: Path, timeout: float = 0.0) -> Callable[[Path], Server] | None:
    """Give what starts `oxigraph serve` over a file of N-Quads; None where there is no such programme."""
    programme = shutil.which("oxigraph", path=str(given) if given else None)
    if programme is None:
        return None

    def start(quads: Path) -> Server:
        place, port = folder / "oxigraph", free_port()
        subprocess.run([programme, "load", "--location", place, "--file", quads], check=True, capture_output=True)
        command = [programme, "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}",
                   "--union-default-graph", *(["--timeout-s", f"{timeout:g}"] if timeout else [])]  # fmt: skip
        return Server("oxigraph serve", command, port, "/")

    return start


def oxigraph_over(given: Path | None, timeout: float = 0.0) -> Callable[[Path], Server] | None:
    """Give what starts `oxigraph serve` over a folder that it or its like wrote; None where there is no programme."""
    programme = shutil.which("oxigraph", path=str(given) if given else None)
    if programme is None:
        return None

    def start(place: Path) -> Server:
        port = free_port()
        command = [programme, "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}",
                   *(["--timeout-s", f"{timeout:g}"] if timeout else [])]  # fmt: skip
        return Server("oxigraph serve", command, port, "/")

    return start


def rdflib_endpoint(programmes: Path | None) -> Callable[[Path], Server] | None:
    """Give what starts `rdflib-endpoint serve` over a file of N-Quads; None where there is no such programme."""
    programme = shutil.which("rdflib-endpoint", path=str(programmes) if programmes else None)
    if programme is None:
        return None

    def start(quads: Path) -> Server:
        port = free_port()
        command = [programme, "serve", str(quads), "--host", "127.0.0.1", "--port", str(port)]
        return Server("rdflib-endpoint", command, port, "/?query=ASK%20%7B%7D")

    return start
