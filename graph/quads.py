"""From facts to quads: what each source says, in its own named graph, with the row that says it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from graph.mapping import Fault, map_rows, unread_columns
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING
from graph.progress import Progress, silent, tell
from graph.provenance import Evidence, Said
from graph.register import Register
from graph.rules import Rule
from graph.sources import Source, read_description
from graph.validate import room_files

CATALOGUE = GRAPH + "catalogue"
REGISTER = GRAPH + "register"
VOCABULARY = GRAPH + "ontology"
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_NAMED_GRAPH = NamedNode(ONTOLOGY + "NamedGraph")
_ORGANIZATION = THING + "organization/"


@dataclass(slots=True)
class Tally:
    """What became of a table's rows: mapped + left out (with reasons) + rejected (with faults) are all its rows.

    Of mapped rows single cells may be left out: `cells_left_out` counts them by column and reason.
    A table of statements names in its column `fact` what a row restates: `facts` are those names, `facts_mapped` the
    ones of which a row is mapped.
    """

    source: str
    rows: int = 0
    mapped: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    cells_left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)
    facts_mapped: set[str] = field(default_factory=set)

    @property
    def rejected(self) -> int:
        """The number of rows that made no statement because something is wrong with them."""
        return len({fault.row for fault in self.faults})


def of_source(source: Source, register: Register, tally: Tally, progress: Progress = silent) -> Iterator[Said]:
    """Give what `source` says, row by row, and count in `tally` what became of each row."""
    tally.unread = unread_columns(source)
    graph = NamedNode(source.graph)
    for mapped in tell(progress, source.slug, map_rows(source, register)):
        tally.rows += 1
        row = mapped.row
        fact = {row.cells["fact"]} if "fact" in row.cells else set()
        tally.facts |= fact
        if mapped.faults:
            tally.faults.extend(mapped.faults)
        elif row.left_out:
            tally.left_out[row.left_out] += 1
        else:
            tally.mapped += 1
            tally.facts_mapped |= fact
            tally.cells_left_out.update(row.cells_left_out.items())
        evidence = Evidence(source.graph, source.table.name, row.number, row.cells)
        for triple in mapped.triples:
            yield Said(_quad(triple, graph), evidence)


def of_description(path: Path) -> Iterator[Said]:
    """Give a description (source.ttl and its like) as statements of the catalogue."""
    evidence = Evidence(CATALOGUE, f"{path.parent.name}/{path.name}")
    for quad in read_description(path):
        yield Said(_quad(quad.triple, NamedNode(CATALOGUE)), evidence)


def of_ontology() -> Iterator[Said]:
    """Give the vocabulary and its concept schemes, in a graph of their own."""
    for file in room_files("ontology"):
        evidence = Evidence(VOCABULARY, f"ontology/{file.name}")
        for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE):
            yield Said(_quad(quad.triple, NamedNode(VOCABULARY)), evidence)


def of_register(register: Register, said: list[Said]) -> Iterator[Said]:
    """Give the labels of every organisation that occurs in `said`."""
    terms = {t.value for one in said for t in (one.quad.subject, one.quad.object) if isinstance(t, NamedNode)}
    used = {iri for iri in terms if iri.startswith(_ORGANIZATION)}
    for triple, entry in register.triples(used):
        cells = {k: str(v) for k, v in asdict(entry).items() if v and k != "line"} if entry else None
        evidence = Evidence(REGISTER, register.path.name, entry.line if entry else None, cells)
        yield Said(_quad(triple, NamedNode(REGISTER)), evidence)


def of_rule(rule: Rule, triples: list[Triple]) -> Iterator[Said]:
    """Give what a rule derives, in the rule's own graph."""
    evidence = Evidence(rule.graph, f"rules/{rule.path.name}")
    for triple in triples:
        yield Said(_quad(triple, NamedNode(rule.graph)), evidence)


def of_graph_names(said: list[Said]) -> Iterator[Said]:
    """Say of every named graph that it is one, so that a shape can ask each for its source and evidence."""
    evidence = Evidence(CATALOGUE, "the graph names of this build")
    names = {one.quad.graph_name for one in said if isinstance(one.quad.graph_name, NamedNode)}
    for name in sorted({name.value for name in names} | {CATALOGUE}):
        yield Said(_quad(Triple(NamedNode(name), _TYPE, _NAMED_GRAPH), NamedNode(CATALOGUE)), evidence)


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)
