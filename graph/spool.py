"""A document that is written whole before its first byte is given out.

Small documents stay in memory, large ones go to a temporary file: memory stays flat, a fault is raised to the
caller before anything is sent, and the length is known.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from graph.errors import Foreseen

IN_MEMORY: Final = 8 * 1024 * 1024
CHUNK: Final = 64 * 1024


class Overfull(Foreseen):
    """A document is larger than allowed."""


class Document(Iterator[bytes]):
    """The bytes of a document in chunks, to be read once; `size` is how many there are."""

    def __init__(self, head: bytes, body: "Spool") -> None:
        """Take a first chunk and the spool with the rest, which is closed after the last one."""
        self.size = len(head) + body.tell()
        self._head = head
        self._body = body
        body.seek(0)

    def __next__(self) -> bytes:
        head, self._head = self._head, b""
        if chunk := head or (b"" if self._body.closed else self._body.read(CHUNK)):
            return chunk
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Let go of what is not read yet."""
        self._body.close()

    def __del__(self) -> None:
        # One that was asked for and never read, as for a HEAD request.
        if hasattr(self, "_body"):
            self._body.close()


class Spool(SpooledTemporaryFile[bytes]):
    """A temporary file, in memory while it is small, that takes `largest` bytes at most: Overfull past them."""

    def __init__(self, largest: int | None = None) -> None:
        super().__init__(max_size=IN_MEMORY)
        self._left = math.inf if largest is None else largest

    def write(self, data: Any) -> int:
        """Write `data`, or raise Overfull."""
        self._left -= len(data)
        if self._left < 0:
            raise Overfull("the document is larger than allowed")
        return super().write(data)


def spooled(pieces: Iterable[str], largest: int | None = None) -> Spool:
    """Write the text `pieces`, encoded as UTF-8, as `stored` does its chunks."""
    return stored(chunks(pieces), largest)


def stored(found: Iterable[bytes], largest: int | None = None) -> Spool:
    """Write the chunks `found` to a new spool, left at its end; close it on failure.

    Raises Overfull past `largest` bytes.
    """
    with ExitStack() as unless_whole:
        spool = unless_whole.enter_context(closing(Spool(largest)))
        for chunk in found:
            spool.write(chunk)
        unless_whole.pop_all()
    return spool


def chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Give the text `pieces`, encoded as UTF-8, in chunks that are worth a write."""
    batch: list[str] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece)
        if size > CHUNK:
            yield "".join(batch).encode()
            batch.clear()
            size = 0
    yield "".join(batch).encode()


class Chunks:
    """A file of the bytes that an iterator gives, for readers that want one."""

    def __init__(self, found: Iterator[bytes]) -> None:
        self._found, self._rest = found, b""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, `size` at most; b"" at the end."""
        while not self._rest:
            chunk = next(self._found, None)
            if chunk is None:
                return b""
            self._rest = chunk
        given = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(given) :]
        return given
