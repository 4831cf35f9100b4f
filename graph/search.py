"""Search by name: whatever the case, the accents and the spaces, by prefix, by initials, and spelt nearly so.

The names lie in an FTS5 table of the snapshot's `index.sqlite` (https://www.sqlite.org/fts5.html), as written and as
plain ASCII, so that "Oredev" finds "Øredev"; a table beside it holds them without spaces, so that "mega port" finds
"Megaport". A query is words, never FTS5 syntax.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyascii import anyascii
from pyoxigraph import Literal, NamedNode, Store

from graph import near
from graph.names import KINDS, ONTOLOGY, PREFIXES, THING, kind_and_slug

if TYPE_CHECKING:
    from graph.columns.texts import Texts

# Which properties name a thing, and how much a match by each counts.
NAMES: Final = (
    (PREFIXES["rdfs"] + "label", "label", 4),
    (PREFIXES["skos"] + "prefLabel", "label", 4),
    (PREFIXES["skos"] + "altLabel", "other name", 3),
    (ONTOLOGY + "abbreviation", "abbreviation", 3),
    (PREFIXES["skos"] + "hiddenLabel", "variant spelling", 2),
    (ONTOLOGY + "namedAs", "name in a source", 2),
)
INITIALS: Final = "initials"
NEARLY: Final = "spelt nearly so"
# Kinds whose labels are made of the labels of others, so that a search would find everything twice.
GROUPS: Final = frozenset({"concept", "community"})  # kinds that are named by their members
UNNAMED_KINDS: Final = frozenset({"observation", "participation", "relationship", "change"})
NAMED_KINDS: Final = KINDS - UNNAMED_KINDS
WORDS: Final = 12  # of a query; the rest is not looked at
_FIRMS: Final = f"{THING}organization/"  # first among equals: most who search look for a firm
_LETTERS: Final = 80  # of a query without its spaces
_READ: Final = 400  # names read for one query
LOOKED_AT: Final = 50_000  # names that fit one query, of which the best are taken and counted
_TOGETHER: Final = 20_000  # rows of names written at once
_WORD: Final = re.compile(r"[^\W_]+")
SCHEMA: Final = """
CREATE VIRTUAL TABLE name USING fts5(
    text, folded, iri UNINDEXED, label UNINDEXED, how UNINDEXED, weight UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
CREATE TABLE spelling (squeezed TEXT NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (squeezed, name)) WITHOUT ROWID;
"""
# Which names hold where the tables lie, and where what changed since lies beside them (see graph/renaming.py).
_HELD: Final = {"main": "AND iri NOT IN (SELECT iri FROM changed.touched)", "changed": ""}
# The whole name, its beginning, its initials, a word inside; in each the thing's own label before other names.
_TIER: Final = """CASE WHEN how = 'initials' THEN 4 WHEN {whole} THEN weight < 4 WHEN {begun} THEN 2 + (weight < 4)
                  ELSE 5 + (weight < 4) END AS tier"""
_BY_WORDS: Final = f"""
SELECT text, iri, label, how, {_TIER.format(whole="folded = :folded",
                                             begun="substr(folded, 1, length(:folded)) = :folded")}
FROM (SELECT text, folded, iri, label, how, weight FROM {{part}}.name WHERE name MATCH :query
      AND (how <> 'initials' OR folded = :folded) AND (:kind IS NULL OR iri GLOB :glob) {{held}} LIMIT :looked_at)
ORDER BY tier, NOT iri GLOB :firms, length(text), text, iri LIMIT :most"""
# CROSS JOIN keeps SQLite from reading every name for each spelling: of a full-text table it knows no sizes.
_BY_LETTERS: Final = f"""
SELECT text, iri, label, how, {_TIER.format(whole="squeezed = :squeezed", begun="1")}
FROM (SELECT squeezed, name FROM {{part}}.spelling WHERE squeezed >= :squeezed AND squeezed < :squeezed || '~'
      ORDER BY squeezed, name LIMIT :looked_at) AS spelling
CROSS JOIN {{part}}.name AS name ON name.rowid = spelling.name
WHERE (how <> 'initials' OR squeezed = :squeezed)
  AND (:kind IS NULL OR iri GLOB :glob) {{held}}
ORDER BY tier, NOT iri GLOB :firms, length(text), text, iri LIMIT :most"""

Found = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Match:
    """A thing found: its preferred label, its kind, and the name that matched with how it is a name."""

    iri: str
    label: str
    kind: str
    name: str
    how: str


def write(connection: sqlite3.Connection, store: Store, folder: Path | None = None) -> None:
    """Create the tables of names and fill them from the default graph of `store`, or from its columns in `folder`."""
    connection.executescript(SCHEMA)
    for table in near.SCHEMA:
        connection.execute(table)
    add(connection, store, folder)


def add(connection: sqlite3.Connection, store: Store, folder: Path | None = None) -> None:
    """Make the tables of names hold exactly the names of `store`, read from its columns in `folder` if it has any."""
    from graph.columns.texts import texts

    connection.execute("DELETE FROM name")
    connection.execute("DELETE FROM spelling")
    near.clear(connection)
    with texts(folder, [predicate for predicate, _, _ in NAMES]) as held:
        rows = enumerate(_rows(_texts(store) if held is None else held), start=1)
        while some := list(islice(rows, _TOGETHER)):
            connection.executemany(
                "INSERT INTO name (rowid, text, folded, iri, label, how, weight) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(number, *row) for number, row in some],
            )
            squeezed = [(number, _letters_of(folded)) for number, (_, folded, *_) in some]
            connection.executemany("INSERT INTO spelling (name, squeezed) VALUES (?, ?)", squeezed)
            near.add(connection, squeezed)


def _texts(store: Store) -> "Texts":
    """Give each IRI with each text that names it and the place of how in NAMES, in order of IRI and text."""
    found: dict[tuple[str, str], int] = {}
    for place, (predicate, _, _) in enumerate(NAMES):
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                found.setdefault((quad.subject.value, quad.object.value), place)
    return ((iri, text, place) for (iri, text), place in sorted(found.items()))


def _rows(found: "Texts") -> Iterator[tuple[str, str, str, str, str, int]]:
    """Give a row of the table of names for each name of each thing that is looked for, its initials among them."""
    for iri, some in groupby(found, key=itemgetter(0)):
        if not findable(iri):
            continue
        held = {text: NAMES[place][1:] for _, text, place in some}
        label = min((text for text, (_, weight) in held.items() if weight == 4), default=None)
        for text, (_, weight) in list(held.items()):
            short = initials(text) if weight > 2 else ""
            if len(short) > 2:
                held.setdefault(short, (INITIALS, 1))
        for text, (how, weight) in sorted(held.items()):
            yield text, fold(text), iri, text if label is None else label, how, weight


def _parts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Give where names lie, and which of them hold there: in the tables, and in what changed where that is attached."""
    known = {name for _, name, _ in connection.execute("PRAGMA database_list")}
    return [(part, _HELD[part]) for part in ("main", "changed")] if "changed" in known else [("main", "")]


def fold(text: str) -> str:
    """Give `text` in lower-case ASCII with single spaces, so that names differing in accents or case are
    one.
    """
    return " ".join(anyascii(text).lower().split())


def squeeze(text: str) -> str:
    """Give the letters and digits of `text` in lower-case ASCII: what is left of a name that is only heard."""
    return _letters_of(fold(text))


def _letters_of(folded: str) -> str:
    return "".join(_WORD.findall(folded))


def initials(text: str) -> str:
    """Give the first letters of the words of a name, without what stands in brackets; "" for a single word."""
    words = _WORD.findall(re.sub(r"[(\[].*", "", anyascii(text)))
    return "".join(word[0] for word in words).upper() if len(words) > 1 else ""


def find(connection: sqlite3.Connection, text: str, limit: int = 20, kind: str | None = None) -> list[Match]:
    """Give the things whose names hold every word of `text`, the last one as a prefix, best first.

    A whole name that equals the text comes first, then names that begin with it, then names whose initials it is,
    then by the kind of name and its length. Spaces do not matter. `kind` restricts to one kind of thing.

    Of more than LOOKED_AT names that fit, as a letter does in a large graph, that many are looked at.
    """
    query, letters = _query(_WORD.findall(text)), squeeze(text)[:_LETTERS]
    asked = {"folded": fold(text), "squeezed": letters, "most": _READ, "firms": f"{_FIRMS}*",
             "looked_at": LOOKED_AT}  # fmt: skip
    asked = asked | {"kind": kind, "glob": f"{THING}{_letters(kind)}/*"}
    found: list[Found] = []
    for part, held in _parts(connection):
        if query:
            found += connection.execute(_BY_WORDS.format(part=part, held=held), {**asked, "query": query})
        if letters:
            found += connection.execute(_BY_LETTERS.format(part=part, held=held), asked)
    found.sort(key=lambda row: (row[4], not row[1].startswith(_FIRMS), len(row[0]), row[0], row[1]))
    return list(_best(found, limit))


def kinds(connection: sqlite3.Connection, text: str) -> dict[str, int]:
    """Give how many things of each kind `find` would find without a limit, the commonest kind first.

    Things are counted by as many names as `find` looks at: where more fit (`are_many`), there are more things.
    """
    found: set[str] = set()
    query, letters = _query(_WORD.findall(text)), squeeze(text)[:_LETTERS]
    for part, held in _parts(connection):
        if query:
            asked = f"""SELECT iri FROM {part}.name WHERE name MATCH ? AND (how <> 'initials' OR folded = ?) {held}
                        LIMIT {LOOKED_AT}"""
            found |= {iri for (iri,) in connection.execute(asked, (query, fold(text)))}
        if letters:
            asked = f"""SELECT iri FROM (SELECT squeezed, name FROM {part}.spelling WHERE squeezed >= :s
                        AND squeezed < :s || '~' ORDER BY squeezed, name LIMIT {LOOKED_AT}) AS spelling
                        CROSS JOIN {part}.name AS name ON name.rowid = spelling.name
                        WHERE (how <> 'initials' OR squeezed = :s) {held}"""
            found |= {iri for (iri,) in connection.execute(asked, {"s": letters})}
    counts: dict[str, int] = {}
    for iri in found:
        kind = kind_and_slug(iri)
        if kind is not None:
            counts[kind[0]] = counts.get(kind[0], 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def are_many(connection: sqlite3.Connection, text: str) -> bool:
    """Whether more names fit than `find` and `kinds` look at."""
    query, letters = _query(_WORD.findall(text)), squeeze(text)[:_LETTERS]
    for part, _ in _parts(connection):
        by_words = f"SELECT 1 FROM {part}.name WHERE name MATCH ? LIMIT 1 OFFSET {LOOKED_AT}"
        by_letters = f"""SELECT 1 FROM {part}.spelling WHERE squeezed >= ?1 AND squeezed < ?1 || '~'
                         LIMIT 1 OFFSET {LOOKED_AT}"""
        if query and connection.execute(by_words, (query,)).fetchone():
            return True
        if letters and connection.execute(by_letters, (letters,)).fetchone():
            return True
    return False


def suggest(connection: sqlite3.Connection, text: str, limit: int = 8, kind: str | None = None) -> list[Match]:
    """Give things that have a name spelt nearly as `text`, the likest first."""
    asked = squeeze(text)[:_LETTERS]
    judged: list[tuple[float, bool, float, int, str, str, str]] = []
    held = dict(_parts(connection))
    for part, row in near.candidates(connection, asked, tuple(held)):
        columns = f"SELECT text, folded, iri, label, how FROM {part}.name WHERE rowid = ? {held[part]}"
        one = connection.execute(columns, (row,)).fetchone()
        if one is None:  # it has other names now
            continue
        name, folded, iri, label, how = one
        like = near.likeness(asked, folded) if how != INITIALS else 0.0
        if like >= near.LEAST and (kind is None or iri.startswith(f"{THING}{kind}/")):
            judged.append((-round(like, 1), not iri.startswith(_FIRMS), -like, len(name), name, iri, label))
    rows = ((name, iri, label, NEARLY, 9) for *_, name, iri, label in sorted(judged))
    return list(_best(rows, limit))


def best(connection: sqlite3.Connection, text: str, limit: int = 8, kind: str | None = None) -> list[Match]:
    """Give what `find` finds and, where that leaves room, what `suggest` adds: for a list that grows as one types."""
    found = find(connection, text, limit, kind)
    if len(found) < limit:
        known = {match.iri for match in found}
        found += [match for match in suggest(connection, text, limit, kind) if match.iri not in known]
    return found[:limit]


def _query(words: Sequence[str]) -> str:
    """Give an FTS5 query that asks for all `words`, the last as a prefix; quoted, so that none is syntax."""
    asked = " ".join(f'"{word}"' for word in words[:WORDS])
    return asked and f"{asked}*"


def _letters(kind: str | None) -> str:
    """Give `kind` as it may stand in a pattern: letters only, else what no kind is called."""
    return kind if kind and kind.isalpha() and kind.isascii() else "-"


def _best(found: Iterable[Found], limit: int) -> Iterator[Match]:
    seen: set[str] = set()
    for name, iri, label, how, _ in found:
        if len(seen) == limit:
            return
        if iri not in seen:
            seen.add(iri)
            kind = kind_and_slug(iri)
            yield Match(iri, label, kind[0] if kind else "", name, how)


def findable(iri: str) -> bool:
    """Whether `iri` is a thing that is looked for by name."""
    kind = kind_and_slug(iri)
    return kind is not None and kind[0] in NAMED_KINDS
