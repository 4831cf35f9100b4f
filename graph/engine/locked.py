"""The inside of every process that reads what strangers send: locked in, it answers one message after another.

It has no network, a bound on its memory, a stack for deep nesting, and leaves with the process that began it.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from graph.engine import channel
from graph.engine.sandbox import close_network, limit_memory

Answering = Callable[[Any], Any]
_STACK: Final = 1 << 30  # bytes; address space only: deep nesting would overflow a usual stack and end the process


def serve(connection: Connection, memory: int, prepare: Callable[[], Answering]) -> None:
    """Answer each message from `connection` until it closes, with `memory` MiB more than what `prepare` takes.

    `prepare` opens what is needed and gives the function that answers. The first word is whether the network is
    closed.
    """
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve, args=(connection.fileno(), memory, prepare))
    thread.start()
    thread.join()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _serve(descriptor: int, memory: int, prepare: Callable[[], Answering]) -> None:
    answer = prepare()
    closed = close_network()
    limit_memory(memory)
    channel.send(descriptor, closed)
    try:
        while True:
            channel.send(descriptor, answer(channel.receive(descriptor)))
    except channel.Closed:
        return
