"""Whether both engines give one answer: the same query to each, over the same statements, and their answers compared.

Equal as bags of solutions, in order up to ties, doubles to twelve digits; where a part was cut off without an order,
as many solutions, each of them one of the whole.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, Store

from graph.columns.build import build
from graph.columns.opened import Columns, opened
from graph.engine.sql.answer import term_of
from graph.engine.sql.compile import compiled
from graph.engine.sql.fragments import NotCompiled
from graph.engine.sql.run import order_of, rows
from graph.manifest import Mode
from graph.store import DEFAULT

Node = NamedNode | BlankNode | Literal


@dataclass
class Engines:
    """The two engines over the same statements."""

    store: Store
    columns: Columns


@dataclass
class Compared:
    """What came of a query: why it was not compiled, or how the answers differ; neither where they agree."""

    not_compiled: str = ""
    difference: str = ""


def engines(folder: Path, quads: Iterable[Quad], mode: Mode = "separate") -> Engines:
    """Give both engines over `quads`."""
    store = Store()
    store.extend(quads)
    build(store, folder, mode)
    if mode == "union":
        store.extend([Quad(q.subject, q.predicate, q.object) for q in store if q.graph_name != DEFAULT])
    found = opened(folder, folder / "spill")
    assert found is not None
    return Engines(store, found)


def compare(both: Engines, text: str, *, check_order: bool = True) -> Compared:
    """Ask both engines; raises SyntaxError where the text is no query."""
    answer = both.store.query(text)
    try:
        plan = compiled(text, both.columns)
    except NotCompiled as reason:
        return Compared(not_compiled=str(reason))
    try:
        found = list(rows(plan, both.columns, term_of))
    except duckdb.Error as error:  # what cannot be told before it runs is left to the other engine then
        return Compared(not_compiled=f"at run time: {error}")
    if isinstance(answer, QueryBoolean):
        return Compared(difference="" if bool(answer) == bool(found) else f"{bool(answer)} against {bool(found)}")
    if not isinstance(answer, QuerySolutions):
        return Compared(not_compiled="no solutions to compare")
    names = [v.value for v in answer.variables]
    wanted = [tuple(solution[name] for name in names) for solution in answer]
    places = dict(zip(plan.variables, order_of(plan), strict=True))
    given = [tuple(None if places[n] is None else row[places[n]] for n in names) for row in found]
    return Compared(difference=_difference(text, wanted, given))


def _difference(text: str, wanted: list[tuple], given: list[tuple]) -> str:
    a, b = Counter(map(_plain, wanted)), Counter(map(_plain, given))
    cut = re.search(r"\b(LIMIT|OFFSET)\b", text, re.IGNORECASE)
    if len(wanted) != len(given) or (a != b and not cut):
        sides = [list((x - y).elements())[:5] for x, y in ((a, b), (b, a))]
        return f"{len(wanted)} solutions against {len(given)}, wanted {sides[0]}, given {sides[1]}"
    return ""


def _plain(row: tuple) -> tuple:
    return tuple(None if node is None else _rounded(node) for node in row)


def _rounded(node: Node) -> str:
    if isinstance(node, Literal) and node.datatype.value.endswith(("#double", "#float")):
        return f"{float(node.value.replace('INF', 'inf')):.12g} {node.datatype}"
    return str(node)
