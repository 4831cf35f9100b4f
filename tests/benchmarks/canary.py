"""A listener that nobody must ever ask."""

import socket
import threading
from typing import Self


class Canary:
    """Listens on the loopback and counts who comes; a context manager."""

    def __init__(self) -> None:
        self.touched = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def address(self) -> str:
        """The address that queries name."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/x"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.touched += 1
            connection.close()
