"""What a network hangs by: nodes and ties without which a part of it falls apart, and how much each cuts off.

Blocks (the largest parts that no one node cuts) and the nodes that join them make a forest; what a node or a tie cuts
off are the branches at it, without the largest (R. E. Tarjan, "Depth-first search and linear graph algorithms", 1972).
"""

from typing import NamedTuple

import numpy as np

from graph.analysis.large.arrays import Arrays, Numbers


class Forest(NamedTuple):
    """The blocks and, numbered after them, the joining nodes (`points`): who is `above` each, -1 for a root, the number
    of nodes `below` each, itself included, and in its whole `tree`. `pairs` are the blocks of one tie: number, ends.
    """

    points: Numbers
    blocks: int
    above: list[int]
    below: list[int]
    tree: list[int]
    pairs: list[tuple[int, int, int]]


def forest(found: Arrays) -> Forest:
    """Give the forest of blocks of a network, directions ignored."""
    blocks, points = found.plain.biconnected_components(return_articulation_points=True)
    joining = np.array(sorted(points), np.int64)
    number = {int(point): len(blocks) + n for n, point in enumerate(joining)}
    size = len(blocks) + len(joining)
    near: list[list[int]] = [[] for _ in range(size)]
    below = [0] * len(blocks) + [1] * len(joining)
    pairs = []
    for block, members in enumerate(blocks):
        for node in members:
            if (point := number.get(node)) is None:
                below[block] += 1
            else:
                near[block].append(point)
                near[point].append(block)
        if len(members) == 2:
            pairs.append((block, *sorted(members)))
    above, order = _rooted(near)
    for at in reversed(order):
        if above[at] >= 0:
            below[above[at]] += below[at]
    tree = below.copy()
    for at in order:
        if above[at] >= 0:
            tree[at] = tree[above[at]]
    return Forest(joining, len(blocks), above, below, tree, pairs)


def _rooted(near: list[list[int]]) -> tuple[list[int], list[int]]:
    """Give who is above each node of a forest, -1 for a root, and an order in which those come first."""
    unseen = -2
    above, order = [unseen] * len(near), []
    for root in range(len(near)):
        if above[root] != unseen:
            continue
        above[root], waiting = -1, [root]
        while waiting:
            order.append(at := waiting.pop())
            below = [other for other in near[at] if above[other] == unseen]
            waiting += below
            for other in below:
                above[other] = at
    return above, order


def cut_off(found: Arrays) -> Numbers:
    """Give the number of nodes that lose touch with the largest rest of their part should each node go."""
    of = forest(found)
    largest = [0] * len(of.points)
    for block in range(of.blocks):
        if (point := of.above[block]) >= 0:
            largest[point - of.blocks] = max(largest[point - of.blocks], of.below[block])
    lost = np.zeros(found.size, np.int64)
    for n, node in enumerate(of.points):
        at = of.blocks + n
        rest = of.tree[at] - of.below[at]
        lost[node] = of.tree[at] - 1 - max(largest[n], rest)
    return lost


def bridges(found: Arrays) -> list[tuple[int, int, int]]:
    """Give the ties whose loss parts the network, directions ignored, worst first: nodes cut off, and both ends."""
    of = forest(found)
    ends = {int(node): of.blocks + n for n, node in enumerate(of.points)}
    lost = []
    for block, one, other in of.pairs:
        under = [of.below[ends[end]] for end in (one, other) if end in ends and of.above[ends[end]] == block]
        # The side of an end that lies below the tie's block, else that of an end that joins nothing.
        side = under[0] if under else 1
        lost.append((min(side, of.tree[block] - side), one, other))
    return sorted(lost, key=lambda row: (-row[0], row[1], row[2]))
