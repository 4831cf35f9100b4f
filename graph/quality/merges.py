"""Which names were taken for one organisation, by whose decision and on what evidence: the register's rows."""

import json
import sqlite3
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import NamedNode

from graph.names import GRAPH, thing
from graph.naming import Namer, Value

_REGISTER = GRAPH + "register"
_OWN = "label"  # the relation of an organisation's own name


@dataclass(frozen=True, slots=True)
class Name:
    """Another name of an organisation: how it differs (alias, former, misspelling ...), the evidence, and the file and
    row of the register.
    """

    name: str
    domain: str
    relation: str
    evidence: str
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Merge:
    """An organisation with the names that were decided to mean it."""

    organization: Value
    names: tuple[Name, ...]


def merges(index: sqlite3.Connection, namer: Namer) -> list[Merge]:
    """Give every organisation that more than its own name means, by label."""
    found = index.execute(
        "SELECT number, file, cells FROM row JOIN origin ON origin.id = row.origin WHERE graph = ?", (_REGISTER,)
    )
    others = []
    for number, file, text in found:
        cells = json.loads(text)
        if cells["relation"] != _OWN:
            name = Name(cells["name"], cells.get("domain", ""), cells["relation"], cells["evidence"], file, number)
            others.append((cells["organization"], name))
    others.sort(key=lambda pair: (pair[0], pair[1].row))
    merged = [
        Merge(namer.value(NamedNode(thing("organization", slug))), tuple(name for _, name in names))
        for slug, names in groupby(others, key=lambda pair: pair[0])
    ]
    return sorted(merged, key=lambda one: one.organization.key)
