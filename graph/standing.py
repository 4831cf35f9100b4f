"""How a thing stands in the networks: each measure of it with its rank among all that were measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.names import ONTOLOGY, term_of
from graph.naming import Namer, Value

_MOST: Final = 500  # observations looked at
_FIRST: Final = 10  # ranks that are worth a line in the head of a page
_TELLING: Final = ("betweenness", "pagerank", "closeness", "strength", "degree")
_UNION: Final = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Standing:
    """One measure: `rank` of `population` by `metric` in `network`; `record` is the observation that says so."""

    network: Value
    metric: Value
    value: Value
    rank: int
    population: int
    record: Value

    @property
    def is_nothing(self) -> bool:
        """Whether it measures none, so that its rank is the last one, which many share."""
        return float(self.value.lexical) == 0

    @property
    def ordinal(self) -> str:
        """The rank as one says it: 1st, 2nd, 3rd, 11th."""
        ending = "th" if self.rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(self.rank % 10, "th")
        return f"{self.rank:,}{ending}"


def standings(store: Store, iri: str) -> list[tuple[Value, list[Standing]]]:
    """Give the measures of `iri` by network, the highest ranks first."""
    found = sorted(_read(store, Namer(store), iri), key=lambda one: (one.network.key, one.rank, one.metric.key))
    by_network: dict[Value, list[Standing]] = {}
    for one in found:
        by_network.setdefault(one.network, []).append(one)
    return list(by_network.items())


def best(measures: Iterable[tuple[Value, list[Standing]]]) -> Standing | None:
    """Give the rank that says most of a thing: the highest among the first ten of more than ten, else None.

    Of equal ranks the one by the measure that fewest share (`_TELLING`) stands, and of those the one among most.
    """
    found = [one for _, ranks in measures for one in ranks]
    high = [one for one in found if one.rank <= _FIRST < one.population and not one.is_nothing]
    return min(high, key=lambda one: (one.rank, _place(one), -one.population), default=None)


def _place(one: Standing) -> int:
    name = one.metric.iri.rpartition("/")[2]
    return _TELLING.index(name) if name in _TELLING else len(_TELLING)


def _read(store: Store, namer: Namer, iri: str) -> Iterator[Standing]:
    about = store.quads_for_pattern(None, NamedNode(ONTOLOGY + "about"), NamedNode(iri), _UNION)
    wanted = [term_of(f"pe:{name}") for name in ("inNetwork", "metric", "value", "rank", "population")]
    for quad in islice(about, _MOST):
        if not isinstance(quad.subject, NamedNode):
            continue
        quads = store.quads_for_pattern(quad.subject, None, None, _UNION)
        told = {q.predicate.value: namer.value(q.object) for q in quads}
        if all(name in told for name in wanted):
            network, metric, value, rank, population = (told[name] for name in wanted)
            if rank.lexical.isdigit() and population.lexical.isdigit():
                record = namer.value(quad.subject)
                yield Standing(network, metric, value, int(rank.lexical), int(population.lexical), record)
