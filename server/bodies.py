"""Request bodies, read in time: the server waits for a client's bytes for ever, and each wait holds a thread.

The reading is done beside the request, which answers 408 when it lasts too long; the server then closes the
connection, and with it ends the reading.
"""

import io
import threading
from typing import IO, Any, Final

from werkzeug.exceptions import RequestEntityTooLarge

from server.problems import Problem

SECONDS: Final = 10.0  # that a body may take to arrive
MOST: Final = 64  # bodies that are waited for at the same time


class Bodies:
    """Reads the bodies of a service's requests, each of at most `largest` bytes."""

    def __init__(self, largest: int, seconds: float = SECONDS, most: int = MOST) -> None:
        self.largest, self.seconds = largest, seconds
        self.free = threading.BoundedSemaphore(most)

    def of(self, stream: IO[bytes]) -> "Body":
        """Give `stream` as one that is read in time."""
        return Body(self, stream)


class Body(io.RawIOBase):
    """A body that is read whole when its first byte is asked for. Raises Problem: 408 too slow, 503 too many at once;
    RequestEntityTooLarge where it is longer than allowed.
    """

    def __init__(self, bodies: Bodies, stream: IO[bytes]) -> None:
        self._bodies, self._stream = bodies, stream
        self._whole: io.BytesIO | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes."""
        if self._whole is None:
            self._whole = io.BytesIO(self._read())
        return self._whole.readinto(buffer)

    def _read(self) -> bytes:
        bodies = self._bodies
        if not bodies.free.acquire(blocking=False):
            raise Problem(503, "busy", "Busy", "too many request bodies are on their way", None, {"Retry-After": "1"})
        parts: list[bytes] = []
        failed: list[OSError] = []

        def fetch() -> None:
            try:
                left = bodies.largest + 1
                while left > 0 and (part := self._stream.read(min(left, 1 << 16))):
                    parts.append(part)
                    left -= len(part)
            except OSError as error:  # the client left
                failed.append(error)
            finally:
                bodies.free.release()

        reader = threading.Thread(target=fetch, daemon=True)
        reader.start()
        reader.join(bodies.seconds)
        if reader.is_alive():
            detail = f"the body did not arrive within {bodies.seconds:g} s"
            raise Problem(408, "request-timeout", "Request timeout", detail, None, {"Connection": "close"})
        if failed:
            raise failed[0]
        body = b"".join(parts)
        if len(body) > bodies.largest:  # in chunks: the framework would take the first part for the whole
            raise RequestEntityTooLarge()
        return body
