"""The inside of a worker process: it opens one snapshot, locks itself in, and answers one question after another."""

import io
import os
import secrets
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pyoxigraph import Store

from graph.columns import FILE
from graph.engine import policy
from graph.engine.evaluate import evaluate
from graph.engine.locked import Answering, serve
from graph.engine.question import Answer, EngineError, Question, TooMuchMemory

if TYPE_CHECKING:
    from graph.engine.sql.answer import ColumnEngine

_FIRST = ("ASK { ?s ?p ?o }", "SELECT ?s { ?s a <x:> } ORDER BY ?s LIMIT 1")
_IN_MEMORY = 4 << 20  # bytes; a larger answer travels as a file


def main(connection: Connection, snapshot: str, spool: str, memory: int) -> None:
    """Serve questions from `connection` until it closes: the process's entry point.

    First word: whether the network is closed. Then for each Question an Answer or an EngineError.
    """
    serve(connection, memory, lambda: _opened(Path(snapshot), Path(spool), memory))


def _opened(snapshot: Path, spool: Path, memory: int) -> Answering:
    """Open the snapshot, and give what answers questions about it."""
    store = Store.read_only(str(snapshot / "oxigraph"))
    columns = _columns(snapshot, spool, memory)
    for first in _FIRST:  # readers and writers are built when they are needed: no one's question is to wait for that
        evaluate(store, Question(first, "json"), io.BytesIO(), columns)
    tempfile.tempdir = str(spool)
    return lambda question: _answer(store, columns, question, spool)


def _columns(snapshot: Path, spool: Path, memory: int) -> "ColumnEngine | None":
    """Open the columns, where the snapshot has them; what they spill goes to a folder of this process."""
    if not (snapshot / FILE).is_file():
        return None
    from graph.columns.opened import opened
    from graph.engine.sql.answer import ColumnEngine

    found = opened(snapshot, partial(spool, os.getpid()).with_suffix(".spill"), memory=max(256, memory // 2))
    return None if found is None else ColumnEngine(found)


def _answer(
    store: Store, columns: "ColumnEngine | None", question: Question | tuple[str, tuple[str, ...]], spool: Path
) -> Any:
    if isinstance(question, tuple):
        return _reading(*question)
    out, began = _Out(spool), time.process_time()
    try:
        size, engine = evaluate(store, question, out, columns)
        return out.answer(size, time.process_time() - began, engine)
    except EngineError as error:
        return error
    except MemoryError:
        return TooMuchMemory("the query needs more memory than allowed")
    finally:
        out.close()


def _reading(text: str, endpoints: tuple[str, ...]) -> Any:
    try:
        return policy.read(text, endpoints)
    except policy.Refused as refusal:
        return refusal
    except MemoryError:
        return TooMuchMemory("the query needs more memory than allowed")


class _Out:
    """What an answer is written to: memory, past some bytes a file of this process in `spool`."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._parts: list[bytes] = []
        self._held = 0
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> int:
        """Take `data`."""
        if self._file is not None:
            return self._file.write(data)
        self._parts.append(bytes(data))
        self._held += len(data)
        if self._held > _IN_MEMORY:
            self._file = partial(self._spool, os.getpid()).open("wb")
            self._file.writelines(self._parts)
            self._parts.clear()
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what was written is given whole."""

    def answer(self, size: int, work: float, engine: str) -> Answer:
        """Give the answer of `size` bytes that was written."""
        if self._file is None:
            return Answer(size, b"".join(self._parts), work=work, engine=engine)
        self._file.close()
        kept = self._spool / f"answer-{secrets.token_hex(8)}"
        partial(self._spool, os.getpid()).rename(kept)
        return Answer(size, file=kept, work=work, engine=engine)

    def close(self) -> None:
        """Let go of what was not given."""
        if self._file is not None:
            self._file.close()
            partial(self._spool, os.getpid()).unlink(missing_ok=True)


def partial(spool: Path, pid: int) -> Path:
    """Give the file that the worker with this number writes: of one that was killed it must be removed."""
    return spool / f"partial-{pid}"
