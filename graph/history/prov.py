"""A version's making as PROV (https://www.w3.org/TR/prov-o/): which activities, by whom, when, from what."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from graph.manifest import Manifest
from graph.names import PREFIXES

_XSD = "http://www.w3.org/2001/XMLSchema#"
_PROV, _RDFS, _DCTERMS = PREFIXES["prov"], PREFIXES["rdfs"], PREFIXES["dcterms"]
_TYPE = NamedNode(PREFIXES["rdf"] + "type")


def describe(manifest: Manifest, base: str) -> Iterator[Triple]:
    """Give what is known of how a version was made; `base` is the address of the history, before a version's id."""
    version = NamedNode(f"{base}{manifest.id}")
    made = _time(manifest.created)
    yield Triple(version, _TYPE, NamedNode(_PROV + "Entity"))
    yield Triple(version, NamedNode(_DCTERMS + "identifier"), Literal(manifest.digest))
    yield Triple(version, NamedNode(_PROV + "generatedAtTime"), made)
    if manifest.parent is not None:
        yield Triple(version, NamedNode(_PROV + "wasDerivedFrom"), NamedNode(f"{base}{manifest.parent}"))
    for number, change in enumerate(manifest.changes, 1):
        activity = NamedNode(f"{base}{manifest.id}#change-{number}")
        yield Triple(version, NamedNode(_PROV + "wasGeneratedBy"), activity)
        yield Triple(activity, _TYPE, NamedNode(_PROV + "Activity"))
        ended = Literal(change.time, datatype=NamedNode(f"{_XSD}dateTime"))
        yield Triple(activity, NamedNode(_PROV + "endedAtTime"), ended)
        if change.message:
            yield Triple(activity, NamedNode(_RDFS + "comment"), Literal(change.message))
        if change.author:
            agent = NamedNode(f"{base}{manifest.id}#author-{number}")
            yield Triple(activity, NamedNode(_PROV + "wasAssociatedWith"), agent)
            yield Triple(agent, _TYPE, NamedNode(_PROV + "Agent"))
            yield Triple(agent, NamedNode(_RDFS + "label"), Literal(change.author))


def _time(created: str) -> Literal:
    """Give the time that a manifest writes as digits."""
    text = f"{created[:4]}-{created[4:6]}-{created[6:11]}:{created[11:13]}:{created[13:15]}.{created[15:]}Z"
    return Literal(text, datatype=NamedNode(f"{_XSD}dateTime"))
