"""The inside of a worker process: it opens one snapshot, locks itself in, and answers one question after another."""

import multiprocessing
import os
import tempfile
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from graph.engine import channel
from graph.engine.evaluate import evaluate
from graph.engine.question import Answer, EngineError, Question, TooMuchMemory
from graph.engine.sandbox import close_network, limit_memory

_STACK = 1 << 30  # bytes; address space only: deep nesting would overflow a usual stack and end the process
_IN_MEMORY = 4 << 20  # bytes; a larger answer travels as a file


def main(connection: Connection, snapshot: str, spool: str, memory: int) -> None:
    """Serve questions from `connection` until it closes: the process's entry point.

    First word: whether the network is closed. Then for each Question an Answer or an EngineError.
    """
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve, args=(connection, snapshot, Path(spool), memory))
    thread.start()
    thread.join()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _serve(connection: Connection, snapshot: str, spool: Path, memory: int) -> None:
    store = Store.read_only(str(Path(snapshot) / "oxigraph"))
    store.query("ASK { ?s ?p ?o }")  # touch the store, so that the first question is not the slow one
    closed = close_network()
    limit_memory(memory)
    descriptor = connection.fileno()
    channel.send(descriptor, closed)
    try:
        while True:
            channel.send(descriptor, _answer(store, channel.receive(descriptor), spool))
    except channel.Closed:
        return


def _answer(store: Store, question: Question, spool: Path) -> Any:
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(spool)) as out:
        try:
            size = evaluate(store, question, out)
        except EngineError as error:
            return error
        except MemoryError:
            return TooMuchMemory("the query needs more memory than allowed")
        if size <= _IN_MEMORY:
            out.seek(0)
            return Answer(size, body=out.read())
        return Answer(size, file=_keep(out, spool))


def _keep(out: Any, spool: Path) -> Path:
    descriptor, name = tempfile.mkstemp(dir=spool)
    with os.fdopen(descriptor, "wb") as file:
        out.seek(0)
        while chunk := out.read(1 << 20):
            file.write(chunk)
    return Path(name)
