"""A narrowed list: which members of a class have the chosen values, and how many would have each other one.

Values of one facet are alternatives, facets narrow one another. A facet's own choice does not narrow its own counts:
they tell what choosing one more value would add.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyroaring import BitMap

from graph.facets.definitions import Facet, facets_of

BUDGET: Final = 0.06  # seconds for counting
_STEP: Final = 32  # values counted between looks at the clock
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: its term as in N-Triples, its words, how many members have it, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A facet with its values. `cut` says that time was up: `count` is then of the whole class, not narrowed."""

    facet: Facet
    choices: tuple[Choice, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A member of the list: its place in the whole class, its IRI and its label."""

    rank: int
    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The members of a class that have the chosen values (`members`, as ranks), of `total` that it has."""

    number: int
    class_iri: str
    total: int
    members: BitMap
    chosen: Mapping[str, tuple[str, ...]]
    facets: tuple[Counted, ...]

    @property
    def cut(self) -> bool:
        """Whether some counts are not narrowed because time was up."""
        return any(counted.cut for counted in self.facets)


def select(
    connection: sqlite3.Connection,
    class_iri: str,
    wanted: Mapping[str, Sequence[str]],
    budget: float = BUDGET,
    clock: Clock = time.monotonic,
) -> Selection | None:
    """Give the members of a class that have the `wanted` values (N-Triples terms by facet); None where it has none.

    A value that nobody has selects nobody. After `budget` seconds no further facet is counted; the selection itself
    is always exact.
    """
    row = connection.execute("SELECT class, members FROM listed WHERE iri = ?", (class_iri,)).fetchone()
    if row is None:
        return None
    number, total = row
    own = facets_of(class_iri)
    chosen = {facet.name: tuple(dict.fromkeys(wanted[facet.name])) for facet in own if wanted.get(facet.name)}
    having = {name: _having_any(connection, number, name, asked) for name, asked in chosen.items()}
    members = BitMap.intersection(*having.values()) if having else BitMap(range(total))
    until = clock() + budget
    counted = []
    for facet in own:
        others = [bitmap for name, bitmap in having.items() if name != facet.name]
        narrowed = BitMap.intersection(*others) if others else None
        found = _count(connection, number, facet, chosen.get(facet.name, ()), narrowed, until, clock)
        if found.choices:
            counted.append(found)
    return Selection(number, class_iri, total, members, chosen, tuple(counted))


def rows(
    connection: sqlite3.Connection, selection: Selection, size: int, after: str = "", before: str = "", passed: int = 0
) -> Iterator[Row]:
    """Give at most `size` members in order: the first, or those next `after` or `before` the member of that IRI, or
    those after the `passed` first.

    Raises LookupError where the class has no such member.
    """
    members = selection.members
    if before:
        rank = _rank(connection, selection, before)
        end = members.rank(rank) - (rank in members)
        part = members[max(0, end - size) : end]
    else:
        start = members.rank(_rank(connection, selection, after)) if after else passed
        part = members[start : start + size]
    return _rows(connection, selection, part)


def values(connection: sqlite3.Connection, selection: Selection) -> Iterator[tuple[str, dict[int, list[Choice]]]]:
    """Give for each facet the values that the selected members have, by rank."""
    for counted in selection.facets:
        found: dict[int, list[Choice]] = {}
        for choice, members in _bitmaps(connection, selection.number, counted.facet.name):
            for rank in members & selection.members:
                found.setdefault(rank, []).append(choice)
        yield counted.facet.name, found


def _rows(connection: sqlite3.Connection, selection: Selection, part: Iterable[int]) -> Iterator[Row]:
    asked = "SELECT iri, label FROM member WHERE class = ? AND rank = ?"
    for rank in part:
        iri, label = connection.execute(asked, (selection.number, rank)).fetchone()
        yield Row(rank, iri, label)


def _rank(connection: sqlite3.Connection, selection: Selection, iri: str) -> int:
    asked = "SELECT rank FROM member WHERE class = ? AND iri = ?"
    row = connection.execute(asked, (selection.number, iri)).fetchone()
    if row is None:
        raise LookupError(f"<{iri}> is not in this list")
    return int(row[0])


def _having_any(connection: sqlite3.Connection, number: int, facet: str, asked: Sequence[str]) -> BitMap:
    marks = ", ".join("?" * len(asked))
    found = connection.execute(
        f"SELECT members FROM facet_value WHERE class = ? AND facet = ? AND value IN ({marks})",
        (number, facet, *asked),
    )
    return BitMap.union(BitMap(), *(BitMap.deserialize(blob) for (blob,) in found))


def _count(
    connection: sqlite3.Connection,
    number: int,
    facet: Facet,
    chosen: Sequence[str],
    narrowed: BitMap | None,
    until: float,
    clock: Clock,
) -> Counted:
    """Count a facet's values among `narrowed` (None: the whole class, whose counts are kept ready)."""
    late = narrowed is not None and clock() > until
    choices: list[Choice] = []
    if narrowed is not None and not late:
        for place, (choice, members) in enumerate(_bitmaps(connection, number, facet.name, chosen)):
            number_here = narrowed.intersection_cardinality(members)
            choices.append(Choice(choice.value, choice.label, number_here, choice.chosen))
            if place % _STEP == _STEP - 1 and clock() > until:
                late = True
                break
    if narrowed is None or late:
        asked = "SELECT value, label, count FROM facet_value WHERE class = ? AND facet = ?"
        rows_ = connection.execute(asked, (number, facet.name))
        choices = [Choice(value, label, count, value in chosen) for value, label, count in rows_]
    choices = [choice for choice in choices if choice.count or choice.chosen]
    return Counted(facet, tuple(sorted(choices, key=_order)), late)


def _bitmaps(
    connection: sqlite3.Connection, number: int, facet: str, chosen: Sequence[str] = ()
) -> Iterator[tuple[Choice, BitMap]]:
    asked = "SELECT value, label, count, members FROM facet_value WHERE class = ? AND facet = ? ORDER BY label"
    for value, label, count, blob in connection.execute(asked, (number, facet)):
        yield Choice(value, label, count, value in chosen), BitMap.deserialize(blob)


def _order(choice: Choice) -> tuple[int, float, str]:
    """The most frequent first; numbers by their own size."""
    if choice.value.startswith('"') and choice.label.isdigit():
        return (0, float(choice.label), "")
    return (1, -choice.count, choice.label.casefold())
