"""Property paths (https://www.w3.org/TR/shacl/#property-paths) as SQL: from nodes to the nodes that a path leads to."""

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from graph.screen.data import Data


class Unknown(Exception):
    """Something in a shape has no reading in SQL here; the message names it."""


def values(data: Data, shapes: rdflib.Graph, path: Node, nodes: str) -> str:
    """Give the table of (f, v), each once: the value nodes v of `path` from each f of the table `nodes`.

    Raises Unknown where it is no path.
    """
    pairs = data.keep(f"SELECT f, f AS v FROM {nodes}")
    return data.keep(f"SELECT DISTINCT f, v FROM ({_step(data, shapes, path, pairs, forward=True)})")


def _step(data: Data, shapes: rdflib.Graph, path: Node, pairs: str, *, forward: bool) -> str:
    """Give SQL for the pairs that are reached from those of the table `pairs` along `path`, or against it."""
    if isinstance(path, rdflib.URIRef):
        here, there = ("s", "o") if forward else ("o", "s")
        return f"SELECT f, {there} AS v FROM {pairs} JOIN triples ON p = {data.id(path)} AND {here} = v"
    if (inverse := shapes.value(path, SH.inversePath)) is not None:
        return _step(data, shapes, inverse, pairs, forward=not forward)
    if (parts := shapes.value(path, SH.alternativePath)) is not None:
        found = (_step(data, shapes, part, pairs, forward=forward) for part in Collection(shapes, parts))
        return " UNION ".join(f"({one})" for one in found)
    if (part := shapes.value(path, SH.zeroOrMorePath)) is not None:
        return _many(data, shapes, part, pairs, forward=forward)
    if (part := shapes.value(path, SH.oneOrMorePath)) is not None:
        once = data.keep(f"SELECT DISTINCT f, v FROM ({_step(data, shapes, part, pairs, forward=forward)})")
        return _many(data, shapes, part, once, forward=forward)
    if (part := shapes.value(path, SH.zeroOrOnePath)) is not None:
        return f"(SELECT f, v FROM {pairs}) UNION ({_step(data, shapes, part, pairs, forward=forward)})"
    if (path, RDF.first, None) not in shapes:
        raise Unknown("a path of no known form")
    steps = list(Collection(shapes, path))
    for part in steps if forward else reversed(steps):
        pairs = data.keep(f"SELECT DISTINCT f, v FROM ({_step(data, shapes, part, pairs, forward=forward)})")
    return f"SELECT f, v FROM {pairs}"


def _many(data: Data, shapes: rdflib.Graph, part: Node, pairs: str, *, forward: bool) -> str:
    """Give SQL for the pairs reached in any number of steps: whole rounds, until none finds a new pair."""
    reached = open_ = data.keep(f"SELECT DISTINCT f, v FROM {pairs}")
    while data.size(open_):
        further = _step(data, shapes, part, open_, forward=forward)
        open_ = data.keep(f"SELECT DISTINCT f, v FROM ({further}) EXCEPT SELECT f, v FROM {reached}")
        reached = data.keep(f"SELECT f, v FROM {reached} UNION ALL SELECT f, v FROM {open_}")
    return f"SELECT f, v FROM {reached}"
