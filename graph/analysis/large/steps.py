"""How many steps lie between nodes: searches from dozens of nodes at once, a bit of a word each."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from graph.analysis.large.arrays import Numbers

TOGETHER: Final = 64  # bits of a word


def steps_from(near: "csr_array", starts: "Numbers") -> "Numbers":
    """Give each node's steps to `starts`, summed up; what is out of reach adds nothing.

    `near` says who is tied to whom, in both directions; every node has a tie. All searches go level by level together:
    M. Then et al., "The more the merrier: efficient multi-source graph traversal", PVLDB 8 (2014).
    """
    total = np.zeros(near.shape[0], np.int64)
    for at in range(0, len(starts), TOGETHER):
        some = starts[at : at + TOGETHER]
        found = np.zeros(near.shape[0], np.uint64)
        np.bitwise_or.at(found, some, np.left_shift(np.uint64(1), np.arange(len(some), dtype=np.uint64)))
        seen, step = found.copy(), 0
        while found.any():
            step += 1
            found = np.bitwise_or.reduceat(found[near.indices], near.indptr[:-1]) & ~seen
            seen |= found
            total += step * np.bitwise_count(found).astype(np.int64)
    return total
