"""Shapes as sets of nodes: which of given nodes may break a shape, and which surely do.

With both bounds a negation is exact in its way: what may break `sh:not` is what does not surely break the shape in it.
"""

from dataclasses import dataclass
from typing import Final

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from graph.columns.kinds import EXACT, Kind
from graph.screen.data import Data
from graph.screen.paths import Unknown, values
from graph.screen.values import plain, value_constraint

_ABOUT: Final = {
    SH.path, SH.severity, SH.message, SH.name, SH.description, SH.order, SH.group, SH.deactivated, SH.defaultValue,
    SH.flags, SH.ignoredProperties, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode, SH.target,
}  # fmt: skip
_TRUE: Final = ("true", "1")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Tables (column f) of the nodes that may break something, and of those that surely do; equal where it is exact."""

    may: str
    must: str


class Screen:
    """Reads shapes over `data`."""

    def __init__(self, data: Data, shapes: rdflib.Graph) -> None:
        self._data, self._shapes = data, shapes
        self._parameters = {path for one in shapes.objects(None, SH.parameter) for path in shapes.objects(one, SH.path)}

    def targeted(self) -> list[Node]:
        """Give the shapes that have a target and are not deactivated, by name."""
        shapes = self._shapes
        kinds = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
        found = {shape for kind in kinds for shape in shapes.subjects(kind, None)}
        found |= {s for k in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, k)
                  if (s, RDF.type, RDFS.Class) in shapes}  # fmt: skip
        return sorted((shape for shape in found if not self._is(shape, SH.deactivated)), key=str)

    def targets(self, shape: Node) -> str:
        """Give the table of the focus nodes of `shape` (https://www.w3.org/TR/shacl/#targets)."""
        data, shapes = self._data, self._shapes
        classes = set(shapes.objects(shape, SH.targetClass))
        classes |= {shape} if (shape, RDF.type, RDFS.Class) in shapes else set()
        parts = [data.members(one) for one in sorted(classes, key=str)]
        for kind, end in ((SH.targetSubjectsOf, "s"), (SH.targetObjectsOf, "o")):
            ids = ", ".join(str(data.id(one)) for one in shapes.objects(shape, kind))
            parts += [f"SELECT DISTINCT {end} AS f FROM triples WHERE p IN ({ids})"] if ids else []
        named = ", ".join(str(data.id(one)) for one in shapes.objects(shape, SH.targetNode))
        parts += [f"SELECT id AS f FROM terms WHERE id IN ({named})"] if named else []
        return data.keep(" UNION ".join(f"({part})" for part in parts))

    def broken(self, shape: Node, nodes: str, above: tuple[Node, ...] = ()) -> Bounds:
        """Give which nodes of the table `nodes` break `shape`; `above` are the shapes that it is part of."""
        if self._is(shape, SH.deactivated):
            return self._bounds("SELECT NULL::INTEGER AS f WHERE false")
        path = self._shapes.value(shape, SH.path)
        try:
            if shape in above:
                raise Unknown("a shape that is part of itself")
            pairs = (self._data.keep(f"SELECT f, f AS v FROM {nodes}") if path is None
                     else values(self._data, self._shapes, path, nodes))  # fmt: skip
        except Unknown:
            return self._all(nodes)
        found = []
        for name, given in sorted(self._shapes.predicate_objects(shape), key=str):
            if name in _ABOUT or not (str(name).startswith(str(SH)) or name in self._parameters):
                continue
            try:
                found.append(self._component(shape, name, given, nodes, pairs, (*above, shape)))
            except (Unknown, ValueError):  # a number that is none: pySHACL says so
                found.append(self._all(nodes))
        return self._joined(found, "UNION")

    def _component(
        self, shape: Node, name: Node, given: Node, nodes: str, pairs: str, above: tuple[Node, ...]
    ) -> Bounds:
        conditions = value_constraint(self._data, self._shapes, shape, name, given)
        if conditions is not None:
            query = f"SELECT DISTINCT f FROM {pairs} JOIN terms ON id = v WHERE {{}}"
            same = conditions.may == conditions.must
            return self._bounds(query.format(conditions.may), None if same else query.format(conditions.must))
        if name in (SH.node, SH.property, SH["not"], SH["and"], SH["or"]):
            reached = self._data.keep(f"SELECT DISTINCT v AS f FROM {pairs}")
            inner = self._nested(name, given, reached, above)
            query = f"SELECT DISTINCT f FROM {pairs} WHERE v IN (SELECT f FROM {{}})"
            same = inner.may == inner.must
            return self._bounds(query.format(inner.may), None if same else query.format(inner.must))
        return self._of_set(shape, name, given, nodes, pairs)

    def _nested(self, name: Node, given: Node, nodes: str, above: tuple[Node, ...]) -> Bounds:
        if name in (SH.node, SH.property):
            return self.broken(given, nodes, above)
        if name == SH["not"]:
            inner = self.broken(given, nodes, above)
            rest = f"SELECT f FROM {nodes} EXCEPT SELECT f FROM {{}}"
            same = inner.may == inner.must
            return self._bounds(rest.format(inner.must), None if same else rest.format(inner.may))
        parts = [self.broken(one, nodes, above) for one in Collection(self._shapes, given)]
        return self._joined(parts, "UNION" if name == SH["and"] else "INTERSECT")

    def _of_set(self, shape: Node, name: Node, given: Node, nodes: str, pairs: str) -> Bounds:
        """Give the bounds of a constraint on all value nodes of a focus node together."""
        if name == SH.minCount:
            least = int(str(given))
            enough = f"SELECT f FROM {pairs} GROUP BY f HAVING count(*) >= {least}"
            return self._bounds(f"SELECT f FROM {nodes} EXCEPT {enough}" if least else f"SELECT f FROM {nodes} LIMIT 0")
        if name == SH.maxCount:
            return self._bounds(f"SELECT f FROM {pairs} GROUP BY f HAVING count(*) > {int(str(given))}")
        if name == SH.hasValue:
            query = f"SELECT f FROM {nodes} EXCEPT SELECT f FROM {pairs} WHERE v = {self._data.id(given)}"
            return self._bounds(query, None if plain(given) else f"SELECT f FROM {nodes} LIMIT 0")
        if name == SH.uniqueLang:
            twice = f"""SELECT DISTINCT f FROM {pairs} JOIN terms ON id = v WHERE lang IS NOT NULL
                        GROUP BY f, lower(lang) HAVING count(*) > 1"""
            return self._bounds(twice if str(given).lower() in _TRUE else f"SELECT f FROM {nodes} LIMIT 0")
        if name == SH.closed:
            return self._closed(shape, given, pairs)
        if name in (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals):
            return self._compared(name, given, nodes, pairs)
        raise Unknown(str(name))

    def _closed(self, shape: Node, given: Node, pairs: str) -> Bounds:
        if str(given).lower() not in _TRUE:
            return self._bounds(f"SELECT f FROM {pairs} LIMIT 0")
        shapes = self._shapes
        allowed = {shapes.value(one, SH.path) for one in shapes.objects(shape, SH.property)}
        for ignored in shapes.objects(shape, SH.ignoredProperties):
            allowed |= set(Collection(shapes, ignored))
        ids = ", ".join(str(self._data.id(one)) for one in allowed if one is not None) or "NULL"
        return self._bounds(
            f"SELECT DISTINCT f FROM {pairs} JOIN triples ON s = v WHERE coalesce(p NOT IN ({ids}), true)"
        )

    def _compared(self, name: Node, given: Node, nodes: str, pairs: str) -> Bounds:
        other = self._data.keep(f"SELECT f, o AS w FROM {nodes} JOIN triples ON s = f AND p = {self._data.id(given)}")
        if name == SH.disjoint:
            return self._bounds(f"SELECT DISTINCT f FROM {pairs} JOIN {other} USING (f) WHERE v = w")
        if name == SH.equals:
            return self._bounds(f"""SELECT DISTINCT f FROM ((SELECT f, v FROM {pairs} EXCEPT SELECT f, w FROM {other})
                UNION ALL (SELECT f, w FROM {other} EXCEPT SELECT f, v FROM {pairs}))""")
        numbers = ", ".join(str(int(kind)) for kind in sorted(EXACT))
        alike = (
            f"(a.kind IN ({numbers}) AND b.kind IN ({numbers}) OR a.kind = {Kind.DATE:d} AND b.kind = {Kind.DATE:d})"
        )
        fits = f"a.num {'<' if name == SH.lessThan else '<='} b.num"
        query = f"""SELECT DISTINCT f FROM {pairs} JOIN {other} USING (f) JOIN terms a ON a.id = v
            JOIN terms b ON b.id = w WHERE """
        return self._bounds(query + f"NOT coalesce({alike} AND {fits}, false)",
                            query + f"coalesce({alike} AND NOT {fits}, false)")  # fmt: skip

    def _bounds(self, may: str, must: str | None = None) -> Bounds:
        table = self._data.keep(may)
        return Bounds(table, table if must is None else self._data.keep(must))

    def _all(self, nodes: str) -> Bounds:
        return Bounds(nodes, self._data.keep(f"SELECT f FROM {nodes} LIMIT 0"))

    def _joined(self, found: list[Bounds], how: str) -> Bounds:
        if not found:
            return self._bounds("SELECT NULL::INTEGER AS f WHERE false")
        if len(found) == 1:
            return found[0]
        exact = all(one.may == one.must for one in found)
        sides = [f" {how} ".join(f"SELECT f FROM {table}" for table in side)
                 for side in ([one.may for one in found], [one.must for one in found])]  # fmt: skip
        return self._bounds(sides[0], None if exact else sides[1])

    def _is(self, shape: Node, property_: Node) -> bool:
        return str(self._shapes.value(shape, property_)).lower() in _TRUE
