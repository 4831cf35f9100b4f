"""Which engine answers a query, decided before it runs: on its tokens, then on its algebra and the statistics.

Reading a query into algebra takes longer than most lookups: what surely touches few rows, and what is never compiled,
is told from the tokens alone and costs nothing.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from graph.columns.opened import Columns
from graph.engine.sql.scope import engine_term, variable_of
from graph.engine.tokens import Token, tokens

FEW: Final = 200  # rows that a pattern is expected to begin with at most, for the row engine to be as quick
_PARTIAL: Final = 1000  # rows of a LIMIT that the row engine finds as it goes
_NEVER: Final = ("DESCRIBE", "SERVICE", "RAND", "NOW", "UUID", "STRUUID", "BNODE", "SAMPLE", "GROUP_CONCAT", "REDUCED")
_WHOLE: Final = ("ORDER", "GROUP", "COUNT", "SUM", "AVG", "MIN", "MAX", "DISTINCT", "FILTER", "MINUS", "HAVING")
_OPENING: Final = ("{", ".")
# The plainest lookups at one look. What a comment or a text misleads goes to the row engine at worst, which is right.
_WORDS: Final = re.compile(rf"\b(?:{'|'.join((*_NEVER, *_WHOLE))})\b", re.IGNORECASE)
_SUBJECT: Final = re.compile(r"(?:\{|\.\s)\s*(?:<[^<>\s]*>|[\w-]+:[\w-]+)\s")
_NAMED: Final = "it begins with a named subject"


def by_tokens(text: str) -> str | None:
    """Say why the row engine answers `text`, as its tokens show; None where they do not."""
    if not _WORDS.search(text) and _SUBJECT.search(text):
        return _NAMED
    found = list(tokens(text))
    never = next((t.text.upper() for t in found if t.is_word(*_NEVER)), None)
    if never is not None:
        return f"{never} is not compiled"
    if any(t.is_word(*_WHOLE) for t in found):
        return None
    if _limit(found) <= _PARTIAL:
        return "a part of the solutions, in no order, is found as it goes"
    if any(_begins(before, token) for before, token in pairwise(found)):
        return _NAMED
    return None


def _limit(found: list[Token]) -> float:
    for token, after in pairwise(found):
        if token.is_word("LIMIT") and after.kind == "number" and after.text.isdigit():
            return int(after.text)
    return float("inf")


def _begins(before: Token, token: Token) -> bool:
    return before.text in _OPENING and token.kind in ("iri", "name")


def by_statistics(algebra: CompValue, columns: Columns) -> str | None:
    """Say why the row engine answers a query, as the statistics show: each of its patterns begins with few rows."""
    patterns = [node.triples for node in _nodes(algebra) if node.name == "BGP" and node.triples]
    if not patterns:
        return "it matches no statements"
    least = [min(_expected(triple, columns) for triple in triples) for triples in patterns]
    if max(least) <= FEW:
        return f"each pattern begins with few rows (at most {max(least):.0f} expected)"
    return None


def _nodes(node: Any) -> Iterator[CompValue]:
    if isinstance(node, CompValue):
        yield node
        for part in node.values():
            yield from _nodes(part)
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _nodes(part)


def _expected(triple: tuple[Node, Any, Node], columns: Columns) -> float:
    """Give the number of statements that a triple pattern is expected to match."""
    subject, predicate, object_ = triple
    ends = [variable_of(term) is None for term in (subject, object_)]
    if isinstance(predicate, Path) or variable_of(predicate) is not None:
        return 10.0 if any(ends) else float("inf")
    number = columns.constant(engine_term(predicate)).id
    known = columns.predicates.get(number)
    if known is None:
        return 0.0
    rows = columns.sharing(number, columns.constant(engine_term(object_)).id) if ends[1] else float(known.statements)
    return rows / max(known.subjects, 1) if ends[0] else rows
