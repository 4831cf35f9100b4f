"""Whole messages over a file descriptor: a length and a pickle, written at once, read with as few calls as may be.

Every call gives up the interpreter's lock, and eight threads that ask for it back are what a small query waits for:
hence one write and mostly one read a message. Only our own processes are at the two ends.
"""

import os
import pickle
import struct
from typing import Any

_HEAD = struct.Struct(">Q")
_CHUNK = 1 << 16


class Closed(Exception):
    """The other end has gone."""


def send(descriptor: int, message: Any) -> None:
    """Write `message`; raises Closed where nobody can read it any more."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    data = memoryview(_HEAD.pack(len(body)) + body)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError as error:
        raise Closed(str(error)) from error


def receive(descriptor: int) -> Any:
    """Wait for one message and give it; raises Closed where the other end goes before it is whole.

    Messages alternate: there is never a second one behind the first.
    """
    data = _read(descriptor, _CHUNK)
    while len(data) < _HEAD.size:
        data += _read(descriptor, _CHUNK)
    (size,) = _HEAD.unpack(data[: _HEAD.size])
    parts, got = [data[_HEAD.size :]], len(data) - _HEAD.size
    while got < size:
        parts.append(_read(descriptor, min(size - got, 1 << 20)))
        got += len(parts[-1])
    return pickle.loads(b"".join(parts))


def _read(descriptor: int, most: int) -> bytes:
    try:
        data = os.read(descriptor, most)
    except OSError as error:
        raise Closed(str(error)) from error
    if not data:
        raise Closed("end of stream")
    return data
