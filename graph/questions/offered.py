"""What a parameter of a question may be in a version: a list, or, where that would be too long, whatever is named."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode

from graph import search
from graph.classes import with_subclasses
from graph.names import KINDS, PREFIXES, is_slug, thing
from graph.naming import Namer
from graph.questions.catalogue import Parameter
from graph.questions.parameters import Choice, Offered, choices, listed, short
from graph.terms import read_iri

if TYPE_CHECKING:
    from graph.snapshot import Snapshot

MOST: Final = 5_000  # things that are listed, where columns tell that there are more
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_UNION: Final = DefaultGraph()
_NEAR: Final = 8


def offered(snapshot: "Snapshot", parameter: Parameter) -> Offered:
    """Give what `parameter` may be in the version `snapshot`."""
    census = snapshot.census
    if census is None or not parameter.classes:
        return choices(snapshot.store, parameter)
    classes = set[str]().union(*(with_subclasses(snapshot.store, one) for one in parameter.classes))
    found = census.members(classes, parameter.uses, MOST + 1)
    return listed(snapshot.store, found) if len(found) <= MOST else Named(snapshot, parameter, frozenset(classes))


class Named:
    """Things too many to list, each looked up when it is named."""

    told: Final = "many choices"

    def __init__(self, snapshot: "Snapshot", parameter: Parameter, classes: frozenset[str]) -> None:
        self._snapshot, self._parameter, self._classes = snapshot, parameter, classes

    def usual(self, default: str) -> Choice | None:
        """Give the choice whose value is `default`, else the first one by label; None where there is none."""
        found = self.named(default) if default else None
        if found is not None and found.value == default:
            return found
        with closing(self._snapshot.lists()) as lists:
            first = [row for one in self._parameter.classes if (row := next(self._members(lists, one), None))]
        first.sort(key=lambda one: (one.label.casefold(), one.iri))
        return first[0] if first else None

    def named(self, text: str) -> Choice | None:
        """Give the choice that `text` names by kind/slug, slug, IRI or label, in any case."""
        wanted = text.casefold()
        slugs = [thing(kind, wanted) for kind in sorted(KINDS)] if is_slug(wanted) else []
        for iri in (*_read(wanted), *_read(text), *slugs):
            if self._is_of_class(iri):
                return self._choice(iri)
        return next((one for one in self._found(text) if one.label.casefold() == wanted), None)

    def near(self, text: str) -> tuple[str, ...]:
        """Give the values of choices that come near `text`."""
        return tuple(dict.fromkeys(one.value for one in self._found(text)))[:_NEAR]

    def _found(self, text: str) -> Iterator[Choice]:
        with closing(self._snapshot.index()) as index:
            found = [*search.find(index, text, _NEAR), *search.suggest(index, text, _NEAR)]
        return (self._choice(match.iri) for match in found if self._is_one(match.iri))

    def _members(self, lists: sqlite3.Connection, class_iri: str) -> Iterator[Choice]:
        asked = """SELECT member.iri FROM member JOIN listed ON listed.class = member.class WHERE listed.iri = ?
                   ORDER BY rank"""
        return (self._choice(iri) for (iri,) in lists.execute(asked, (class_iri,)) if self._is_one(iri))

    def _choice(self, iri: str) -> Choice:
        return Choice(iri, Namer(self._snapshot.store).label(iri), short(iri))

    def _is_of_class(self, iri: str) -> bool:
        types = self._snapshot.store.quads_for_pattern(NamedNode(iri), _TYPE, None, _UNION)
        return any(isinstance(q.object, NamedNode) and q.object.value in self._classes for q in types)

    def _is_one(self, iri: str) -> bool:
        node = NamedNode(iri)
        if not self._is_of_class(iri):
            return False
        for side, property_ in self._parameter.uses:
            ends = (node, None) if side == "subject" else (None, node)
            quads = self._snapshot.store.quads_for_pattern(ends[0], NamedNode(property_), ends[1], _UNION)
            if next(quads, None) is None:
                return False
        return True


def _read(text: str) -> list[str]:
    try:
        return [read_iri(text)]
    except ValueError:
        return []
