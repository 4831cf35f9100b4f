"""A document that is written whole before its first byte is given out.

Small documents stay in memory, large ones go to a temporary file: memory stays flat, a fault is raised to the
caller before anything is sent, and the length is known.
"""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Final

IN_MEMORY: Final = 8 * 1024 * 1024
CHUNK: Final = 64 * 1024


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


Spool = SpooledTemporaryFile[bytes]


def spooled(pieces: Iterable[str]) -> Spool:
    """Write the text `pieces`, encoded as UTF-8, to a new spool, left at its end; close it on failure."""
    spool = SpooledTemporaryFile[bytes](max_size=IN_MEMORY)
    try:
        batch: list[str] = []
        size = 0
        for piece in pieces:
            batch.append(piece)
            size += len(piece)
            if size > CHUNK:
                spool.write("".join(batch).encode())
                batch.clear()
                size = 0
        spool.write("".join(batch).encode())
    except BaseException:
        spool.close()
        raise
    return spool
