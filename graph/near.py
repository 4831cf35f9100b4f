"""Names that are nearly as asked: candidates by shared trigrams, judged by edits.

The trigrams lie in a contentless FTS5 table beside the names (https://www.sqlite.org/fts5.html#the_trigram_tokenizer);
only the rarest of a question are looked up, so that the work does not grow with the number of names. A candidate is
judged by optimal string alignment: letters left out, put in, changed or swapped with their neighbour.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from math import log
from typing import Final

from rapidfuzz.distance import OSA

SCHEMA: Final = (
    """CREATE VIRTUAL TABLE gram USING fts5(squeezed, content = '', tokenize = "trigram", detail = none)""",
    "CREATE VIRTUAL TABLE gram_count USING fts5vocab(gram, row)",
)
LEAST: Final = 0.7  # likeness below which a name is not near
WHOLE: Final = 4  # letters of what is compared with whole words
_GRAMS: Final = 10  # looked up
_NAMES: Final = 20_000  # that these may occur in, together
_JUDGED: Final = 400
_BEGUN, _INSIDE = 0.98, 0.9  # what a likeness counts where only the name's beginning, or a later part of it, is alike
_WORD: Final = re.compile(r"[^\W_]+")


def clear(connection: sqlite3.Connection) -> None:
    """Take all trigrams out of the table."""
    connection.execute("INSERT INTO gram (gram) VALUES ('delete-all')")


def add(connection: sqlite3.Connection, names: Iterable[tuple[int, str]]) -> None:
    """Add the trigrams of `names` (row of the name, and the name squeezed)."""
    connection.executemany("INSERT INTO gram (rowid, squeezed) VALUES (?, ?)", names)


def put(connection: sqlite3.Connection, part: str, row: int, squeezed: str) -> None:
    """Add the trigrams of one name to the tables of the database `part`."""
    connection.execute(f"INSERT INTO {part}.gram (rowid, squeezed) VALUES (?, ?)", (row, squeezed))


def drop(connection: sqlite3.Connection, part: str, row: int, squeezed: str) -> None:
    """Remove the trigrams of one name, which a table without content must be told again."""
    connection.execute(f"INSERT INTO {part}.gram (gram, rowid, squeezed) VALUES ('delete', ?, ?)", (row, squeezed))


def candidates(
    connection: sqlite3.Connection, squeezed: str, parts: Sequence[str] = ("main",)
) -> list[tuple[str, int]]:
    """Give the names that share most of the rare trigrams of `squeezed`, at most a few hundred.

    Each is told by its database, of `parts`, and its row there.
    """
    grams = {squeezed[i : i + 3] for i in range(len(squeezed) - 2)}
    marks = ", ".join("?" * len(grams))
    counted: Counter[str] = Counter()
    for part in parts:
        found = connection.execute(f"SELECT term, doc FROM {part}.gram_count WHERE term IN ({marks})", tuple(grams))
        counted.update(dict(found.fetchall()))
    shared: Counter[tuple[str, int]] = Counter()
    for gram, count in _rarest(sorted(counted.items(), key=lambda pair: (pair[1], pair[0]))):
        weight = round(1000 * log(1 + _NAMES / count))  # a rare one says more; whole numbers add up alike everywhere
        for part in parts:
            found = connection.execute(f"SELECT rowid FROM {part}.gram WHERE gram MATCH ?", (f'"{gram}"',))
            shared.update({(part, row): weight for (row,) in found})
    return nsmallest(_JUDGED, shared, key=lambda one: (-shared[one], one))


def likeness(asked: str, folded: str) -> float:
    """Give how like the squeezed `asked` is to the name `folded`, from 0 to 1 for the same letters.

    The whole name counts most, then its beginning, then what follows one of its words. As few letters as WHOLE must
    begin the name as they are, or be like a whole word: a part of a longer one is like too many.
    """
    words = _WORD.findall(folded)
    whole = "".join(words)
    best = OSA.normalized_similarity(asked, whole)
    if len(asked) <= WHOLE:
        best = max(best, _BEGUN * whole.startswith(asked))
        for place, word in enumerate(words):
            best = max(best, (_INSIDE if place else _BEGUN) * OSA.normalized_similarity(asked, word))
        return best
    for start in range(min(len(words), 6)):
        part = "".join(words[start:])[: len(asked)]
        best = max(best, (_INSIDE if start else _BEGUN) * OSA.normalized_similarity(asked, part))
    return best


def _rarest(counted: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    names = 0
    for place, (gram, count) in enumerate(counted):
        names += count
        if place and (place >= _GRAMS or names > _NAMES):
            return
        yield gram, count
