"""The page of a thing: what is known of it, how it stands, what lies around it, and how to take it away and cite it."""

import json
from dataclasses import dataclass
from typing import Final

from flask import Response

from graph import card, export
from graph.describe import Description, describe, nothing
from graph.formats import GRAPH_FORMATS, JSONLD
from graph.naming import Value
from graph.neighbours import Alike, Around, alike, around
from graph.places import Place, places
from graph.snapshot import Snapshot
from graph.standing import Standing, best, standings
from graph.timeline import Moment, timeline
from graph.unnamed import remark
from server.links import href, local_path
from server.memo import Memo
from server.public import canonical
from server.rendering import page_about

_LARGEST: Final = 24_000  # bytes of statements that a page carries in its head
_MANY: Final = 400  # mentions, of which a graph has room for few: the number of such things is bounded by its size
_PLACES: Final = frozenset({"location", "region"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page shows beside the statements themselves."""

    measures: list[tuple[Value, list[Standing]]]
    best: Standing | None
    around: Around
    alike: list[Alike]
    places: list[Place]
    moments: list[Moment]
    remark: str


def entity_page(snapshot: Snapshot, iri: str, memo: Memo) -> Response:
    """Give the page that tells what is known of the thing `iri`; `memo` keeps what so many point to."""
    told, beside = memo.get(iri, lambda live: tell(live, iri), lambda made: made[0].mentions > _MANY)
    more = {"drawing": drawing(told, beside.around), "query": card.query(iri), "cited": cited(snapshot, iri)}
    more["statements"] = in_head(snapshot, iri)
    return page_about(snapshot, "entity.html", it=told, beside=beside, formats=GRAPH_FORMATS, **more)


def tell(snapshot: Snapshot, iri: str) -> tuple[Description, Surroundings]:
    """Give what is known of the thing `iri`, and what lies around it."""
    told = describe(snapshot.store, iri, census=snapshot.census) or nothing(snapshot.store, iri)
    return told, surroundings(snapshot, told)


def surroundings(snapshot: Snapshot, told: Description) -> Surroundings:
    """Give what the graph holds around a thing, as far as it makes sense for its kind."""
    store, iri = snapshot.store, told.iri
    measures = standings(store, iri)
    return Surroundings(
        measures=measures,
        best=best(measures),
        around=around(store, iri),
        alike=alike(store, iri),
        places=places(store, iri, snapshot.census) if told.kind in _PLACES else [],
        moments=timeline(store, iri) if told.kind == "program" else [],
        remark=remark(store, iri),
    )


def drawing(told: Description, near: Around) -> str:
    """Give the neighbourhood as JSON for the script that draws it: nodes with addresses, edges with words."""
    nodes = {told.iri: {"id": told.iri, "label": told.label, "kind": told.kind, "href": ""}}
    edges = []
    for tie in near.ties:
        one = tie.neighbour
        nodes.setdefault(one.iri, {"id": one.iri, "label": one.text, "kind": one.kind, "href": href(one.iri)})
        ends = (told.iri, one.iri) if tie.outward else (one.iri, told.iri)
        edges.append({"source": ends[0], "target": ends[1], "label": tie.label})
    return json.dumps({"nodes": list(nodes.values()), "edges": edges}, ensure_ascii=False)


def cited(snapshot: Snapshot, iri: str) -> str:
    """Give the address of the page in this version, which never changes."""
    return canonical(f"/snapshot/{snapshot.id}{local_path(iri)}.html")


def in_head(snapshot: Snapshot, iri: str) -> str:
    """Give the thing's statements as JSON-LD that may stand in a script element; "" where they are too many."""
    try:
        made = b"".join(export.entity(snapshot.store, iri, JSONLD))
    except (LookupError, export.NotSerialisable):
        return ""
    return made.decode().replace("<", "\\u003c") if len(made) <= _LARGEST else ""
