"""Search by name: prefix, accent and case folded, over labels, alternative and hidden labels.

The names lie in an FTS5 table of the snapshot's `index.sqlite` (https://www.sqlite.org/fts5.html), as written and as
plain ASCII, so that "Oredev" finds "Øredev"; a query is words, never FTS5 syntax.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from pyoxigraph import Literal, NamedNode, Store

from graph.names import ONTOLOGY, PREFIXES, THING, kind_and_slug

# Which properties name a thing, and how much a match by each counts.
NAMES = (
    (PREFIXES["rdfs"] + "label", "label", 4),
    (PREFIXES["skos"] + "prefLabel", "label", 4),
    (PREFIXES["skos"] + "altLabel", "other name", 3),
    (ONTOLOGY + "abbreviation", "abbreviation", 3),
    (PREFIXES["skos"] + "hiddenLabel", "variant spelling", 2),
    (ONTOLOGY + "namedAs", "name in a source", 2),
)
# Kinds whose labels are made of the labels of others, so that a search would find everything twice.
UNNAMED_KINDS = frozenset({"observation", "participation", "relationship", "change"})
WORDS = 12  # of a query; the rest is not looked at
_WORD = re.compile(r"[^\W_]+")
_SCHEMA = """
CREATE VIRTUAL TABLE name USING fts5(
    text, folded, iri UNINDEXED, label UNINDEXED, how UNINDEXED, weight UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
"""
_ORDER = """ORDER BY folded = :folded DESC, substr(folded, 1, length(:folded)) = :folded DESC,
                     weight DESC, length(text), text, iri"""


@dataclass(frozen=True, slots=True)
class Match:
    """A thing found: its preferred label, its kind, and the name that matched with how it is a name."""

    iri: str
    label: str
    kind: str
    name: str
    how: str


def write(connection: sqlite3.Connection, store: Store) -> None:
    """Create the table of names and fill it from the default graph of `store`."""
    connection.executescript(_SCHEMA)
    add(connection, store)


def add(connection: sqlite3.Connection, store: Store) -> None:
    """Make the table of names hold exactly the names of `store`."""
    connection.execute("DELETE FROM name")
    labels: dict[str, str] = {}
    rows: dict[tuple[str, str], tuple[str, int]] = {}
    for predicate, how, weight in NAMES:
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, None):
            iri, text = quad.subject, quad.object
            if not isinstance(iri, NamedNode) or not isinstance(text, Literal) or not _findable(iri.value):
                continue
            if weight == 4:
                labels[iri.value] = min(labels.get(iri.value, text.value), text.value)
            rows.setdefault((iri.value, text.value), (how, weight))
    connection.executemany(
        "INSERT INTO name (text, folded, iri, label, how, weight) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (text, fold(text), iri, labels.get(iri, text), how, weight)
            for (iri, text), (how, weight) in sorted(rows.items())
        ),
    )


def rename(connection: sqlite3.Connection, store: Store, iri: str, before: Iterable[str]) -> None:
    """Make the table hold the names that `store` has for the thing `iri`, whose names were, or are, those of `before`.

    Its rows are found by these names: the IRI is no column that one can search by.
    """
    if not _findable(iri):
        return
    held: dict[str, tuple[str, int]] = {}
    labels: list[str] = []
    for predicate, how, weight in NAMES:
        for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(predicate), None, None):
            if isinstance(quad.object, Literal):
                labels += [quad.object.value] if weight == 4 else []
                held.setdefault(quad.object.value, (how, weight))
    for text in {*before, *held}:
        words = " ".join(f'"{word}"' for word in _WORD.findall(text))
        if words:
            connection.execute(
                "DELETE FROM name WHERE rowid IN (SELECT rowid FROM name WHERE name MATCH ? AND iri = ?)", (words, iri)
            )
    label = min(labels, default="")
    connection.executemany(
        "INSERT INTO name (text, folded, iri, label, how, weight) VALUES (?, ?, ?, ?, ?, ?)",
        ((text, fold(text), iri, label or text, how, weight) for text, (how, weight) in sorted(held.items())),
    )


def fold(text: str) -> str:
    """Give `text` in lower-case ASCII with single spaces, so that names differing in accents or case are
    one.
    """
    return " ".join(anyascii(text).lower().split())


def find(connection: sqlite3.Connection, text: str, limit: int = 20, kind: str | None = None) -> list[Match]:
    """Give the things whose names hold every word of `text`, the last one as a prefix, best first.

    A whole name that equals the text comes first, then names that begin with it, then by the kind of name and
    its
    length. `kind` restricts to one kind of thing.
    """
    query = _query(_WORD.findall(text), " ")
    if not query:
        return []
    found = connection.execute(
        f"""SELECT text, iri, label, how FROM name
            WHERE name MATCH :query AND (:kind IS NULL OR iri GLOB :glob) {_ORDER}""",
        {"query": query, "folded": fold(text), "kind": kind, "glob": f"{THING}{_letters(kind)}/*"},
    )
    return list(_best(found, limit))


def kinds(connection: sqlite3.Connection, text: str) -> dict[str, int]:
    """Give how many things of each kind `find` would find without a limit, the commonest kind first."""
    query = _query(_WORD.findall(text), " ")
    if not query:
        return {}
    found = connection.execute("SELECT DISTINCT iri FROM name WHERE name MATCH ?", (query,))
    counts: dict[str, int] = {}
    for (iri,) in found:
        kind = kind_and_slug(iri)
        if kind is not None:
            counts[kind[0]] = counts.get(kind[0], 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def suggest(connection: sqlite3.Connection, text: str, limit: int = 8) -> list[Match]:
    """Give things whose names hold some of the words of `text` or begin like them, the likest first.

    For where `find` finds nothing: a word that is misspelt at its end still leads to its name.
    """
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    for length in (None, 4, 3):
        query = _query([word[:length] for word in words], " OR ", every_prefix=True)
        if query:
            found = connection.execute(
                "SELECT text, iri, label, how FROM name WHERE name MATCH ? ORDER BY rank, length(text), iri LIMIT 200",
                (query,),
            )
            best = list(_best(found, limit))
            if best:
                return best
    return []


def _query(words: Sequence[str], joint: str, *, every_prefix: bool = False) -> str:
    """Give an FTS5 query that asks for `words`, the last (or every one) as a prefix; quoted, so that none is
    syntax.
    """
    asked = [f'"{word}"' for word in words[:WORDS]]
    return joint.join(f"{word}*" if every_prefix or word is asked[-1] else word for word in asked)


def _letters(kind: str | None) -> str:
    """Give `kind` as it may stand in a pattern: letters only, else what no kind is called."""
    return kind if kind and kind.isalpha() and kind.isascii() else "-"


def _best(found: Iterable[tuple[str, str, str, str]], limit: int) -> Iterator[Match]:
    seen: set[str] = set()
    for name, iri, label, how in found:
        if len(seen) == limit:
            return
        if iri not in seen:
            seen.add(iri)
            kind = kind_and_slug(iri)
            yield Match(iri, label, kind[0] if kind else "", name, how)


def _findable(iri: str) -> bool:
    kind = kind_and_slug(iri)
    return kind is not None and kind[0] not in UNNAMED_KINDS
