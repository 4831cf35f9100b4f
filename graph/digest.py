"""The digest of a dataset: the same for the same statements, in whatever order and on whatever machine.

It is the sum, modulo 2^256, of the SHA-256 of each statement's canonical N-Quads line, so that a change updates it
from what was added and removed. Blank-node labels are taken as they are: shipped data has none.
"""

import hashlib
from collections.abc import Iterable

from pyoxigraph import Quad, RdfFormat, serialize

_MODULUS = 1 << 256


def of_lines(lines: Iterable[bytes], start: int = 0) -> int:
    """Give `start` plus the digest of canonical N-Quads `lines` (without their line feeds), modulo 2^256."""
    total = start
    for line in lines:
        total += int.from_bytes(hashlib.sha256(line).digest(), "big")
    return total % _MODULUS


def of_quads(quads: Iterable[Quad]) -> str:
    """Give the digest of distinct `quads` as 64 hexadecimal digits."""
    lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").split(b"\n")[:-1]
    return f"{of_lines(lines):064x}"
