"""The results of the analysis as RDF, so that queries join them with the facts they were computed from.

Each network has a named graph `graph/analysis-<network>`: its pe:Network, which is also a qb:DataSet and says by which
prov:Activity it came about, a pe:Observation for each figure of the whole and for nodes and measures, and its
communities. The definitions of measures and the structure of the data sets stand once, in `graph/measures`; what these
graphs are, what they were derived from and how stands in the catalogue. Labels and types of the facts themselves are
never repeated here, and suggestions of ties are never published: they are no facts.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from graph.analysis.communities import Communities
from graph.analysis.cube import MEASURES_GRAPH, RESULTS, beside, structures
from graph.analysis.examined import STRUCTURE, Examined, Results, examine, null_of, of_store
from graph.analysis.measures import MEASURES, Measure, Row, definition
from graph.analysis.networks import Network, describe, names
from graph.analysis.statements import Value, english, metric, number, say, term
from graph.analysis.whole import KINDS, Figure
from graph.names import graph_iri, kind_and_slug, thing
from graph.progress import Progress, silent

CATALOGUE: Final = graph_iri("catalogue")
PUBLISHER: Final = thing("organization", "partnergraph")
DERIVED: Final = thing("concept", "derived")
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
SOFTWARE: Final = ("partnergraph", "networkx", "igraph", "numpy", "scipy")
# Everybody's value by these measures is published in a network of so many nodes at most; else, and by the other
# measures, the first of each side.
WHOLE_UP_TO: Final = 700
FIRST: Final = 10


def quads(
    store: Store,
    progress: Progress = silent,
    facts_digest: str = "",
    examined: Callable[[Examined], object] = lambda _: None,
) -> Iterator[Quad]:
    """Give the results of all networks over `store` with descriptions; a network without edges gives none.

    `facts_digest` is the digest of what `store` holds, which the results say they were computed from. `progress` is
    told each network's name and how many of its steps are done, `examined` each network when all is measured.
    ValueError as in `project`.
    """
    used: set[str] = set()
    for name in names():
        found = of_store(store, describe(name))
        if found.graph.number_of_edges():
            examine(found, progress)
        examined(found)
        if found.graph.number_of_edges():
            used.update(found.measures)
            ties = found.graph.edges(data=True)
            origins = sorted({origin for *_, data in ties for origin in data["evidence"].split()})
            yield from _network_and_source(found, origins, facts_digest)
    yield from _definitions(used)


def quads_of(
    results: Iterable[tuple[Results, Iterable[str]]], facts_digest: str = "", left_out: str = ""
) -> Iterator[Quad]:
    """Give the results of networks that are measured already, each with the graphs that state its ties.

    `facts_digest` as in `quads`; `left_out` says which networks could not be measured, and why.
    """
    used: set[str] = set()
    for found, origins in results:
        used.update(found.measures)
        yield from _network_and_source(found, origins, facts_digest)
    yield from _definitions(used, left_out)


def described(store: Store) -> Iterator[Quad]:
    """Give what results point to and `store`, where it was loaded, does not describe: in `graph/measures`."""
    said = store.quads_for_pattern(NamedNode(DERIVED), term("rdf:type"), None, None)
    if all(quad.graph_name in (NamedNode(MEASURES_GRAPH), DefaultGraph()) for quad in said):
        yield from say(DERIVED, MEASURES_GRAPH, ("rdf:type", term("skos:Concept")), ("rdfs:label", english("derived")))
        yield from say(CATALOGUE, MEASURES_GRAPH, ("rdfs:label", english("Catalogue of graphs")))


def _network_and_source(found: Results, origins: Iterable[str], facts_digest: str) -> Iterator[Quad]:
    yield from of_network(found, origins, facts_digest)
    yield from _source(found.network.graph, _described(found, origins))


def _definitions(used: set[str], left_out: str = "") -> Iterator[Quad]:
    """Give what the measures in use mean, and how the data sets are laid out."""
    if used:
        for row in MEASURES:
            if row.name in used:
                yield from metric(row.name, row.label, row.definition, MEASURES_GRAPH)
        for kind in (*KINDS.values(), *STRUCTURE.values()):
            yield from metric(kind.name, kind.label, kind.definition, MEASURES_GRAPH)
        yield from structures()
        yield from _source(MEASURES_GRAPH, _of_measures(left_out))


def of_network(found: Results, origins: Iterable[str] = (), facts_digest: str = "") -> Iterator[Quad]:
    """Give the pe:Network, how it came about, its figures, its nodes' measures and its communities."""
    network = found.network
    activity = thing("event", "analysis", network.name)
    yield from say(
        network.iri,
        network.graph,
        ("rdf:type", term("pe:Network")),
        ("rdf:type", term("qb:DataSet")),
        ("rdfs:label", english(network.title)),
        ("pe:projection", network.query),
        ("pe:nodeCount", found.nodes),
        ("pe:edgeCount", found.edges),
        ("pe:bias", english(" ".join(filter(None, (network.bias, network.warning))))),
        ("qb:structure", NamedNode(RESULTS.structure)),
        ("prov:wasGeneratedBy", NamedNode(activity)),
    )
    yield from say(
        activity,
        network.graph,
        ("rdf:type", term("prov:Activity")),
        ("rdfs:label", english(f"Analysis of {network.title}")),
        ("pe:parameters", found.parameters),
        ("schema:softwareVersion", ", ".join(f"{name} {version(name)}" for name in SOFTWARE)),
        ("prov:wasAssociatedWith", NamedNode(PUBLISHER)),
        *(("prov:used", NamedNode(origin)) for origin in origins),
        *((("pe:factsDigest", facts_digest),) if facts_digest else ()),
    )
    for figure in (*found.whole, *found.structure):
        yield from _figure(network, figure)
    for name, rows in found.measures.items():
        of = definition(name)
        for row in published(rows, everybody=of.everywhere and found.nodes <= WHOLE_UP_TO):
            yield from _observation(network, of, row)
    yield from beside(found, activity)
    if found.communities is not None:
        yield from _communities(network, found.communities)


def published(rows: list[Row], *, everybody: bool) -> list[Row]:
    """Give the rows of `rows` that are published: all for `everybody`, else the first of each side."""
    kept: dict[str, int] = {}
    chosen = []
    for row in rows:
        kept[row.mode] = kept.get(row.mode, 0) + 1
        if everybody or kept[row.mode] <= FIRST:
            chosen.append(row)
    return chosen


def _communities(network: Network, found: Communities) -> Iterator[Quad]:
    for group in found.groups:
        iri = thing("community", network.name, str(group.number))
        yield from say(
            iri,
            network.graph,
            ("rdf:type", term("pe:Community")),
            ("rdfs:label", english(f"{network.title}, {found.label(group)}")),
            ("pe:inNetwork", NamedNode(network.iri)),
            ("pe:memberCount", group.size),
        )
        for member in group.members:
            yield from say(member, network.graph, ("pe:inCommunity", NamedNode(iri)))


def _figure(network: Network, figure: Figure) -> Iterator[Quad]:
    kind, value = figure
    null = null_of(kind.name)
    if value is not None:
        yield from say(
            thing("observation", "analysis", network.name, kind.name),
            network.graph,
            ("rdf:type", term("pe:Observation")),
            ("rdfs:label", english(f"{kind.label} ({network.title})")),
            ("pe:inNetwork", NamedNode(network.iri)),
            ("qb:dataSet", NamedNode(network.iri)),
            ("pe:metric", NamedNode(thing("metric", kind.name))),
            ("pe:about", NamedNode(network.iri)),
            ("pe:value", number(value)),
            *((("pe:nullModel", english(null)),) if null else ()),
        )


def observation_iri(network: str, measure_name: str, node: str) -> str:
    """Give the IRI of the observation of `node` (an IRI) by a measure in a network."""
    # A node that is no thing of ours has no short name; its digest keeps two whose slugs agree apart.
    parts = kind_and_slug(node) or (node, hashlib.sha256(node.encode()).hexdigest()[:16])
    return thing("observation", "analysis", network, measure_name, *parts)


def observation_of(quad: Quad, measure_name: str) -> bool:
    """Say whether the subject of `quad`, a statement of an analysis graph, is an observation by this measure."""
    if not isinstance(quad.graph_name, NamedNode) or not isinstance(quad.subject, NamedNode):
        return False
    network, subject = quad.graph_name.value.removeprefix(graph_iri("analysis") + "-"), quad.subject.value
    return subject.startswith(thing("observation", "analysis", network, measure_name) + "-")


def _observation(network: Network, of: Measure, row: Row) -> Iterator[Quad]:
    return say(
        observation_iri(network.name, of.name, row.iri),
        network.graph,
        ("rdf:type", term("pe:Observation")),
        ("rdfs:label", english(f"{of.label} of {row.label} ({network.title})")),
        ("pe:inNetwork", NamedNode(network.iri)),
        ("qb:dataSet", NamedNode(network.iri)),
        ("pe:metric", NamedNode(thing("metric", of.name))),
        ("pe:about", NamedNode(row.iri)),
        ("pe:value", number(row.value)),
        ("pe:rank", row.rank),
        ("pe:population", row.population),
        *((("pe:side", row.mode),) if row.mode else ()),
        *((("pe:standardError", number(row.error)),) if row.error is not None else ()),
    )


def _described(found: Results, origins: Iterable[str]) -> list[tuple[str, Value]]:
    network = found.network
    title = f"Analysis: {network.title}"
    what = f"Measures of a network as a whole and of its nodes. {network.question}"
    return [
        ("rdfs:label", english(title)),
        ("dcterms:title", english(title)),
        ("dcterms:description", english(f"{what} {found.said}".strip())),
        ("pe:ruleText", english(network.rule)),
        ("pe:bias", english(" ".join(filter(None, (network.bias, network.warning))))),
        *(("prov:wasDerivedFrom", NamedNode(graph)) for graph in origins),
    ]


def _of_measures(left_out: str) -> list[tuple[str, Value]]:
    return [
        ("rdfs:label", english("Measures of the analysis")),
        ("dcterms:title", english("Measures of the analysis")),
        ("dcterms:description", english(f"What each measure of a network's nodes means. {left_out}".strip())),
        (
            "pe:ruleText",
            english("A measure is what its definition says, computed on the network it is given."),
        ),
        ("pe:bias", english("The project chose the measures; others would rank otherwise.")),
    ]


def _source(graph: str, description: list[tuple[str, Value]]) -> Iterator[Quad]:
    return say(
        graph,
        CATALOGUE,
        ("rdf:type", term("pe:Source")),
        ("dcterms:publisher", NamedNode(PUBLISHER)),
        ("dcterms:license", NamedNode(LICENCE)),
        ("pe:evidence", NamedNode(DERIVED)),
        *description,
    )
