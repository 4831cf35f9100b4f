"""The digest of a dataset: the same for the same statements, in whatever order and on whatever machine.

It is the sum, modulo 2^256, of the SHA-256 of each statement's canonical N-Quads line, so that a change updates it
from what was added and removed. Blank-node labels are taken as they are: shipped data has none.
"""

import hashlib
from collections.abc import Iterable
from itertools import islice

from pyoxigraph import Quad, RdfFormat, serialize

from graph.store import name_of

_MODULUS = 1 << 256
_TOGETHER = 100_000  # quads serialised at once: memory stays flat


def of_lines(lines: Iterable[bytes], start: int = 0) -> int:
    """Give `start` plus the digest of canonical N-Quads `lines` (without their line feeds), modulo 2^256."""
    total = start
    for line in lines:
        total += int.from_bytes(hashlib.sha256(line).digest(), "big")
    return total % _MODULUS


def of_quads(quads: Iterable[Quad]) -> str:
    """Give the digest of distinct `quads` as 64 hexadecimal digits."""
    return text_of(sum(by_graph(quads).values()))


def by_graph(quads: Iterable[Quad]) -> dict[str, int]:
    """Give the digest of the distinct `quads` of each graph, which add up to that of all; the default graph is ""."""
    found: dict[str, int] = {}
    rest = iter(quads)
    while some := list(islice(rest, _TOGETHER)):
        lines = (serialize(some, format=RdfFormat.N_QUADS) or b"").split(b"\n")
        for quad, line in zip(some, lines, strict=False):
            name = name_of(quad.graph_name)
            found[name] = of_lines((line,), found.get(name, 0))
    return found


def text_of(digest: int) -> str:
    """Give a digest as 64 hexadecimal digits."""
    return f"{digest % _MODULUS:064x}"
