"""Whether measures say the same: rank correlation, and what is left of it once the number of ties is known."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from graph.analysis.measures import Row
from graph.analysis.summaries import rounded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

GIVEN: Final = "degree"


class Correlation(NamedTuple):
    """Spearman's rank correlation of two measures on one side of a network, and the partial one given the degree.

    None where a measure has one value only, and where a rank is settled by the degree alone.
    """

    mode: str
    one: str
    other: str
    nodes: int
    spearman: float | None
    partial: float | None


def correlations(rows: Mapping[str, Sequence[Row]]) -> list[Correlation]:
    """Give the correlations of each pair of measures, `rows` being the rows of each, side by side.

    C. Spearman (1904), tied values sharing their mean rank; partial by M. G. Kendall, "Partial rank correlation",
    Biometrika 32 (1942), as for Pearson's, on the ranks: what two measures share beyond what both share with degree.
    """
    found = []
    for mode in sorted({row.mode for own in rows.values() for row in own}):
        ranks = {
            name: mean_ranks({row.iri: row.value for row in own if row.mode == mode}) for name, own in rows.items()
        }
        for one, other in combinations(rows, 2):
            direct = _pearson(ranks[one], ranks[other])
            partial = None
            if GIVEN in ranks and GIVEN not in (one, other):
                given = [_pearson(ranks[name], ranks[GIVEN]) for name in (one, other)]
                partial = without_third(direct, *given)
            found.append(Correlation(mode, one, other, len(ranks[one]), _shown(direct), _shown(partial)))
    return found


def mean_ranks(values: Mapping[str, float]) -> dict[str, float]:
    """Give each node's rank from 1 for the lowest value; equal values share the mean of their ranks."""
    return dict(zip(values, ranked([*values.values()]).tolist(), strict=True))


def ranked(values: "ArrayLike") -> "NDArray[np.float64]":
    """Give the ranks of `values` as `mean_ranks` does, in their order."""
    import numpy as np

    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return found


def _pearson(one: Mapping[str, float], other: Mapping[str, float]) -> float | None:
    if len(one) < 3:
        return None
    middle = (len(one) + 1) / 2
    both = math.fsum((one[node] - middle) * (other[node] - middle) for node in one)
    first = math.fsum((value - middle) ** 2 for value in one.values())
    second = math.fsum((value - middle) ** 2 for value in other.values())
    return both / math.sqrt(first * second) if first and second else None


def without_third(direct: float | None, one: float | None, other: float | None) -> float | None:
    """Give the correlation left of `direct` once that of both with a third measure is known; None where nothing is."""
    if direct is None or one is None or other is None:
        return None
    left = (1 - one**2) * (1 - other**2)
    return (direct - one * other) / math.sqrt(left) if left > 1e-12 else None


def _shown(value: float | None) -> float | None:
    return None if value is None else rounded(value)
