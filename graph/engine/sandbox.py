"""The room a worker is locked into: no network, no new programs, no more memory than allowed.

Linux has all three (seccomp, RLIMIT_DATA); elsewhere what is missing is said at start-up.
"""

import errno
import resource
import sys
from pathlib import Path

_REFUSED = (
    "socket", "connect", "sendto", "sendmsg", "sendmmsg", "bind", "listen", "accept", "accept4",
    "execve", "execveat", "io_uring_setup", "ptrace",
)  # fmt: skip


def close_network() -> bool:
    """Refuse every system call that reaches a network or starts a program, for all threads of this process.

    Gives whether the platform could do it.
    """
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):  # no libseccomp on this machine
        return False
    filter_ = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    try:
        filter_.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)  # without it the engine's own threads stay free
        for name in _REFUSED:
            filter_.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
        filter_.load()
    except OSError:  # a kernel without seccomp, or a container that forbids filters
        return False
    return True


def limit_memory(mebibytes: int) -> bool:
    """Let this process hold `mebibytes` more than now, and write no core file. Gives whether the platform could."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    held = next(line for line in status.read_text().splitlines() if line.startswith("VmData:"))
    allowed = int(held.split()[1]) * 1024 + (mebibytes << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    return True
