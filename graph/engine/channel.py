"""Whole messages over a file descriptor: a length and a pickle, written at once, read with as few calls as may be.

Every call gives up the interpreter's lock, and eight threads that ask for it back are what a small query waits for:
hence one write and mostly one read a message. Only our own processes are at the two ends.
"""

import ctypes
import os
import pickle
import socket
import struct
from typing import Any

_HEAD = struct.Struct(">Q")
_CHUNK = 1 << 16
_SMALL = 1 << 14  # bytes that are sent in no time, and without giving up the interpreter's lock
_send = ctypes.PyDLL(None).send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t


class Closed(Exception):
    """The other end has gone."""


def send(descriptor: int, message: Any) -> None:
    """Write `message`; raises Closed where nobody can read it any more."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    head = _HEAD.pack(len(body)) + body
    sent = _send(descriptor, head, len(head), socket.MSG_DONTWAIT) if len(head) <= _SMALL else 0
    if sent == len(head):
        return
    data = memoryview(head)[max(0, sent) :]
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
