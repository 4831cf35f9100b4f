"""Draw the graph from the facts: sources, descriptions, labels, vocabulary, and what the rules derive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from graph.inputs import Facts, package_path
from graph.names import ONTOLOGY, PREFIXES
from graph.progress import Progress, silent
from graph.provenance import Said
from graph.quads import (
    Tally,
    of_description,
    of_graph_names,
    of_ontology,
    of_register,
    of_rule,
    of_source,
)
from graph.rules import rules
from graph.sources import Source, SourceError
from graph.store import in_memory, named_quads

_SOURCE: Final = NamedNode(ONTOLOGY + "Source")
# How properties begin that say what a thing is and how it is called.
_NAMING: Final = (PREFIXES["rdf"] + "type", PREFIXES["rdfs"], PREFIXES["skos"])


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything that the facts say, ready to be judged: statements with their rows, and what became of each row."""

    said: list[Said]
    tallies: list[Tally]
    store: Store

    def quads(self) -> list[Quad]:
        """Give the distinct quads of the named graphs, as the engine holds them."""
        return list(named_quads(self.store))


def draw(facts: Facts, extra: Sequence[Source] = (), progress: Progress = silent) -> Drawn:
    """Turn `facts`, and `extra` sources of the user's, into quads of named graphs and their union.

    A user's own sources may name organisations that the register does not hold; the shipped ones may not. Raises
    SourceError, RegisterError, MappingError or RuleError where a file cannot be used at all; what is wrong with
    single rows is in the tallies.
    """
    register = facts.register()
    committed = register.open
    said = [*of_ontology(), *of_description(package_path("catalogue.ttl"))]
    if (facts.folder / "register.ttl").is_file():
        said += of_description(facts.folder / "register.ttl")
    replaced = {source.slug for source in extra}
    sources = [pair for pair in facts.sources() if pair[0].slug not in replaced]
    tallies = []
    # What is imported comes after what is known.
    for source, imported in sorted([*sources, *((source, True) for source in extra)], key=lambda pair: pair[1]):
        register.open = imported or committed
        tally = Tally(source.slug)
        description = list(of_description(source.description))
        if imported:
            refuse_foreign(source, description, said)
        said += of_source(source, register, tally, progress)
        said += description
        tallies.append(tally)
    labels = list(of_register(register, said))
    if labels and not (facts.folder / "register.ttl").is_file():
        said += of_description(package_path("open-register.ttl"))
    said += labels
    said += _derived(said, progress)
    said += of_graph_names(said)
    return Drawn(said, tallies, in_memory(one.quad for one in said))


def refuse_foreign(source: Source, description: Iterable[Said], known: Iterable[Said]) -> None:
    """Raise SourceError where an imported description speaks of more than its graph, its documents and its words.

    What is `known` of a source it may repeat and not change; of firms and other things it may give type and names.
    """
    own = {one.quad.subject for one in description if one.quad.triple.object == _SOURCE}
    held = {one.quad.triple for one in known if one.quad.subject in own}
    foreign = {triple.subject for triple in held if triple.object == _SOURCE}
    for one in description:
        triple = one.quad.triple
        if triple.subject in foreign and triple not in held:
            raise SourceError(f"{source.description}: {triple.subject} has a description already; it may be repeated, "
                              f"not changed ({triple})")  # fmt: skip
        if triple.subject not in own and not triple.predicate.value.startswith(_NAMING):
            raise SourceError(f"{source.description}: it describes a graph and its documents; what a source states of "
                              f"other things comes from its table ({triple})")  # fmt: skip


def _derived(said: list[Said], progress: Progress) -> list[Said]:
    store = in_memory(one.quad for one in said)
    found: list[Said] = []
    for rule in rules():
        progress(f"rule {rule.slug}", 0, 1)
        triples = rule.apply(store)
        if triples:
            found += [*of_rule(rule, triples), *of_description(rule.description)]
        progress(f"rule {rule.slug}", 1, 1)
    return found
