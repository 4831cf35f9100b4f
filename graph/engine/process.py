"""A process as its owner begins it, with a pipe to it, and why it has gone when it has."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any, Final

from graph.engine.question import Crashed, EngineError, TooMuchMemory

_PAUSES: Final = (0.0, 0.05, 0.2, 0.5)  # seconds before each attempt to start a process
_ABORTED: Final = -6  # the engine aborts the process where an allocation fails


def begin(main: Callable[..., None], arguments: tuple[Any, ...], name: str) -> tuple[BaseProcess, int]:
    """Start a process that runs `main` with its end of a pipe and `arguments`; give it and the descriptor of ours.

    Raises Crashed where none can be started.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["graph.engine.child", "graph.engine.sql.answer"])  # read once, for all
    try:
        ours, theirs = context.Pipe()
        descriptor = os.dup(ours.fileno())
    except OSError as error:
        raise Crashed(f"no worker could be started: {error}") from error
    ours.close()
    process = context.Process(target=main, args=(theirs, *arguments), name=name, daemon=True)
    try:
        _start(process)
    except Crashed:
        os.close(descriptor)
        raise
    finally:
        theirs.close()
    return process, descriptor


def _start(process: BaseProcess) -> None:
    with interrupts_held():
        for pause in _PAUSES:  # the server that forks may be dead, or dying: the next one is another
            time.sleep(pause)
            try:
                return process.start()
            except (OSError, EOFError) as error:
                why = error
    raise Crashed(f"no worker could be started: {why}")


def cause(process: BaseProcess) -> EngineError:
    """Give why `process`, which closed its end of the pipe, has gone."""
    process.join(1.0)
    if process.exitcode == _ABORTED:
        return TooMuchMemory("it needs more memory than allowed")
    return Crashed(f"the worker ended with code {process.exitcode}", process.exitcode)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back, so that the processes begun here inherit that and never see it: their owner ends them."""
    before = hold_interrupts()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hold_interrupts() -> set[signal.Signals | int]:
    """Hold Ctrl-C back from this thread and those it begins; give the signals that were held before."""
    resource_tracker.ensure_running()  # which would let interrupts through again, were it begun later
    return signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
