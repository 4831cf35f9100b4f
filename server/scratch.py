"""Where large answers wait on their way: a folder of the service's own, and how much may lie on the disk for it.

A service that is killed cannot tidy up: its folder is removed by the next that starts on the machine. Whether a
folder's owner lives is known by a lock that goes with its process, whoever has its number by then.
"""

import fcntl
import os
import shutil
import tempfile
import threading
from multiprocessing.util import Finalize
from pathlib import Path
from typing import IO, Final

PREFIX: Final = "partnergraph-spool-"
_LOCK: Final = "lock"


class Scratch:
    """The folder at `path`, which is removed when this process ends or `close` is called."""

    def __init__(self) -> None:
        """Make a folder, and remove those whose owners were killed."""
        parent = Path(tempfile.gettempdir())
        for left in parent.glob(f"{PREFIX}*"):
            if _is_left(left):
                shutil.rmtree(left, ignore_errors=True)
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
        self._lock = (self.path / _LOCK).open("w", encoding="ascii")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # What ends a process that multiprocessing started runs these, and no atexit.
        self._end = Finalize(self, _remove, (self.path, self._lock), exitpriority=1)

    def close(self) -> None:
        """Remove the folder."""
        self._end()


def _remove(path: Path, lock: IO[str]) -> None:
    shutil.rmtree(path, ignore_errors=True)
    lock.close()


def _is_left(folder: Path) -> bool:
    """Whether the folder's owner has ended; one that is being made has no lock yet, and a living owner's number."""
    try:
        with (folder / _LOCK).open("r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        return not owner.isdigit() or not _runs(int(owner))
    except OSError:  # it is held, or another user's
        return False
    return True


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Room:
    """How much may lie on the disk: at most `places` documents at once, and `most` bytes unless one alone is larger."""

    def __init__(self, places: int, most: int) -> None:
        self._places, self._most, self._held = places, most, 0
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """Take a place and `size` bytes; False where there is no room."""
        with self._lock:
            if not self._places or (self._held and self._held + size > self._most):
                return False
            self._places -= 1
            self._held += size
            return True

    def give(self, size: int) -> None:
        """Give a place and its `size` bytes back."""
        with self._lock:
            self._places += 1
            self._held -= size
