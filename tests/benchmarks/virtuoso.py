"""Virtuoso over a file of N-Quads, where its programme is installed (Debian: virtuoso-opensource-7-bin)."""

import shutil
import subprocess
import time
from pathlib import Path

from tests.benchmarks.processes import Server, free_port

PATH = "/sparql"
LOADED = "loaded"  # written beside the database when the file is all in it
_BUFFERS = 340_000  # pages of 8 KiB: 2.7 GiB, as much as the other engines hold
_SETTINGS = """[Database]
DatabaseFile = {place}/virtuoso.db
ErrorLogFile = {place}/virtuoso.log
LockFile = {place}/virtuoso.lck
TransactionFile = {place}/virtuoso.trx
xa_persistent_file = {place}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {place}/virtuoso-temp.db
TransactionFile = {place}/virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
DirsAllowed = {place}, {files}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 10000000
"""


def installed() -> bool:
    """Whether there is a Virtuoso to measure."""
    return shutil.which("virtuoso-t") is not None and shutil.which("isql-vt") is not None


def served(place: Path, quads: Path) -> Server:
    """Give the server over `quads`, which its database in `place` holds already or loads first."""
    place.mkdir(parents=True, exist_ok=True)
    if not (place / LOADED).is_file():
        shutil.rmtree(place)
        place.mkdir()
        server, port = _server(place, quads)
        with server:
            _load(port, quads)
        (place / LOADED).touch()
    return _server(place, quads)[0]


def _server(place: Path, quads: Path) -> tuple[Server, int]:
    http, sql = free_port(), free_port()
    (place / "virtuoso.lck").unlink(missing_ok=True)
    settings = _SETTINGS.format(place=place.resolve(), files=quads.resolve().parent, http=http, sql=sql,
                                buffers=_BUFFERS, dirty=_BUFFERS * 3 // 4)  # fmt: skip
    (place / "virtuoso.ini").write_text(settings, encoding="ascii")
    command = ["virtuoso-t", "+foreground", "+configfile", str(place / "virtuoso.ini")]
    return Server("Virtuoso", command, http, f"{PATH}?query=ASK%7B%7D"), sql


def _load(port: int, quads: Path) -> None:
    for statement in (f"ld_dir('{quads.resolve().parent}', '{quads.name}', 'urn:none')", "rdf_loader_run()"):
        _told(port, f"{statement};")
    while "2" not in _told(port, "SELECT DISTINCT ll_state FROM DB.DBA.LOAD_LIST;"):
        time.sleep(1)
    _told(port, "checkpoint;")


def _told(port: int, statement: str) -> str:
    command = ["isql-vt", str(port), "dba", "dba", "VERBOSE=OFF", "BANNER=OFF", "PROMPT=OFF", f"exec={statement}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
