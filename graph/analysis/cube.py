"""The data cubes of the analysis (https://www.w3.org/TR/vocab-data-cube/): how each is laid out, and what the curves,
years and pairs of measures of a network are in them.

A network is itself the data set of its figures and of its nodes' measures; its correlations, its curves of robustness
and its years are three more, each laid out by dimensions of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from graph.analysis.correlation import Correlation
from graph.analysis.dependence import Removal
from graph.analysis.examined import Results
from graph.analysis.measures import definition
from graph.analysis.networks import Network
from graph.analysis.statements import Value, english, metric, number, say, term
from graph.analysis.whole import KINDS, Kind, Slice
from graph.names import graph_iri, thing

MEASURES_GRAPH: Final = graph_iri("measures")
BOTH_SIDES: Final = "all"  # the side of those ranked together in a network of one side

CURVES: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "rank-correlation",
            "rank correlation",
            "How far two measures put the nodes in the same order: 1 the same, 0 nothing in common, -1 the reverse "
            "(Spearman 1904).",
        ),
        Kind(
            "largest-part-random",
            "largest part after random loss",
            "Share of all nodes in the largest part once a share of the nodes is gone at random, mean of twenty orders "
            "(Albert, Jeong and Barabasi 2000).",
        ),
        Kind(
            "largest-part-targeted",
            "largest part after targeted loss",
            "The same once those with most ties are gone.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Cube:
    """A kind of data set: its name, what it is in words, and its parts (Data Cube, 6.2)."""

    name: str
    label: str
    parts: tuple[tuple[str, str], ...]

    @property
    def structure(self) -> str:
        """The IRI of the definition of its structure."""
        return thing("concept", f"structure-of-{self.name}")

    def of(self, network: Network) -> str:
        """Give the IRI of the data set of `network`."""
        return thing("concept", self.name, network.name)


_WHERE: Final = (("qb:dimension", "pe:inNetwork"), ("qb:dimension", "pe:metric"))
_VALUE: Final = ("qb:measure", "pe:value")

RESULTS: Final = Cube(
    "analyses",
    "results of analyses",
    (
        *_WHERE,
        ("qb:dimension", "pe:about"),
        _VALUE,
        ("qb:attribute", "pe:rank"),
        ("qb:attribute", "pe:population"),
        ("qb:attribute", "pe:side"),
        ("qb:attribute", "pe:standardError"),
        ("qb:attribute", "pe:nullModel"),
    ),
)
CORRELATIONS: Final = Cube(
    "correlations",
    "rank correlations of measures",
    (
        *_WHERE,
        ("qb:dimension", "pe:firstMetric"),
        ("qb:dimension", "pe:secondMetric"),
        ("qb:dimension", "pe:side"),
        _VALUE,
        ("qb:attribute", "pe:partialCorrelation"),
        ("qb:attribute", "pe:population"),
    ),
)
REMOVALS: Final = Cube("removals", "robustness as nodes go", (*_WHERE, ("qb:dimension", "pe:shareRemoved"), _VALUE))
SLICES: Final = Cube("slices", "sizes by year", (*_WHERE, ("qb:dimension", "pe:asOfYear"), _VALUE))
CUBES: Final = (RESULTS, CORRELATIONS, REMOVALS, SLICES)


def structures() -> Iterator[Quad]:
    """Give how each kind of data set is laid out, and the metrics that are of no node."""
    for cube in CUBES:
        components = [(kind, name, f"{cube.structure}-{name.partition(':')[2].lower()}") for kind, name in cube.parts]
        yield from say(
            cube.structure,
            MEASURES_GRAPH,
            ("rdf:type", term("qb:DataStructureDefinition")),
            ("rdfs:label", english(f"Structure of the {cube.label}")),
            *(("qb:component", NamedNode(iri)) for _, _, iri in components),
        )
        for kind, name, iri in components:
            yield from say(
                iri,
                MEASURES_GRAPH,
                ("rdf:type", term("qb:ComponentSpecification")),
                ("rdfs:label", english(f"{name.partition(':')[2]} in the {cube.label}")),
                (kind, term(name)),
            )
    for one in CURVES.values():
        yield from metric(one.name, one.label, one.definition, MEASURES_GRAPH)


def beside(found: Results, activity: str) -> Iterator[Quad]:
    """Give the data sets of a network besides its own, those that are not empty, made by `activity`."""
    made = (
        (CORRELATIONS, [_correlation(found.network, one) for one in found.correlations if one.spearman is not None]),
        (REMOVALS, [_removal(found.network, one, name) for one in found.removal for name in ("random", "targeted")]),
        (SLICES, [_slice(found.network, one, name) for one in found.slices for name in ("nodes", "edges", "density")]),
    )
    for cube, observations in made:
        if observations:
            yield from say(
                cube.of(found.network),
                found.network.graph,
                ("rdf:type", term("qb:DataSet")),
                ("rdfs:label", english(f"{found.network.title}: {cube.label}")),
                ("qb:structure", NamedNode(cube.structure)),
                ("prov:wasGeneratedBy", NamedNode(activity)),
            )
        for one in observations:
            yield from one


def _observed(network: Network, cube: Cube, of: Kind, at: tuple[str, ...], *more: tuple[str, Value]) -> Iterator[Quad]:
    return say(
        thing("observation", cube.name, network.name, of.name, *at),
        network.graph,
        ("rdf:type", term("pe:Observation")),
        ("rdfs:label", english(f"{of.label} ({network.title}: {', '.join(at)})")),
        ("pe:inNetwork", NamedNode(network.iri)),
        ("qb:dataSet", NamedNode(cube.of(network))),
        ("pe:metric", NamedNode(thing("metric", of.name))),
        ("pe:about", NamedNode(network.iri)),
        *more,
    )


def _correlation(network: Network, one: Correlation) -> Iterator[Quad]:
    assert one.spearman is not None
    side = one.mode or BOTH_SIDES
    pair = [definition(name) for name in (one.one, one.other)]
    return _observed(
        network,
        CORRELATIONS,
        CURVES["rank-correlation"],
        (side, *(of.name for of in pair)),
        ("pe:firstMetric", NamedNode(thing("metric", one.one))),
        ("pe:secondMetric", NamedNode(thing("metric", one.other))),
        ("pe:side", side),
        ("pe:population", one.nodes),
        ("pe:value", number(one.spearman)),
        *((("pe:partialCorrelation", number(one.partial)),) if one.partial is not None else ()),
    )


def _removal(network: Network, one: Removal, how: str) -> Iterator[Quad]:
    left = {"random": one.random, "targeted": one.targeted}[how]
    return _observed(
        network,
        REMOVALS,
        CURVES[f"largest-part-{how}"],
        (f"{one.share:.0%}".replace("%", " percent"),),
        ("pe:shareRemoved", number(one.share)),
        ("pe:value", number(left)),
    )


def _slice(network: Network, one: Slice, name: str) -> Iterator[Quad]:
    value = {"nodes": one.nodes, "edges": one.edges, "density": one.density}[name]
    year = Literal(f"{one.year:04}", datatype=term("xsd:gYear"))
    return _observed(
        network, SLICES, KINDS[name], (str(one.year),), ("pe:asOfYear", year), ("pe:value", number(value))
    )
