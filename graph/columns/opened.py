"""The columns of a snapshot, open for reading: a locked-in DuckDB, what the planner knows, and constants looked up."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from graph.columns import FILE, schema
from graph.columns.kinds import Kind
from graph.errors import Foreseen


@dataclass(frozen=True, slots=True)
class Constant:
    """A term of a query with its fields as the dictionary has them.

    Where it holds no such term, `id` is negative and no other term's: a pattern with it matches nothing.
    """

    id: int
    kind: Kind
    lex: str
    datatype: str | None
    lang: str | None
    num: int | None
    dbl: float | None

    @property
    def known(self) -> bool:
        """Whether the dictionary holds the term."""
        return self.id >= 0


@dataclass(frozen=True, slots=True)
class Predicate:
    """What is known of the statements with one predicate, in all graphs; distinct counts are approximate."""

    statements: int
    subjects: int
    objects: int
    subject_kinds: frozenset[Kind]
    object_kinds: frozenset[Kind]


class OtherRelease(Foreseen):
    """The columns have the form of another release."""


class Columns:
    """Open columns. One thread at a time."""

    def __init__(self, path: Path, spill: Path, *, threads: int = 2, memory: int = 1536, spilled: int = 4096) -> None:
        """Open the file `path`; what does not fit into `memory` MiB goes to the folder `spill`, `spilled` MiB at most.

        Nothing else can be read or written through it, and no setting changed. Raises OtherRelease, duckdb.Error.
        """
        self.connection = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "threads": threads,
                "memory_limit": f"{memory}MiB",
                "temp_directory": str(spill),
                "max_temp_directory_size": f"{spilled}MiB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        for statement in ("SET enable_progress_bar = false", "SET enable_external_access = false",
                          "SET lock_configuration = true"):  # fmt: skip
            self.connection.execute(statement)
        facts = dict(self.connection.execute("SELECT name, value FROM facts").fetchall())
        if facts["version"] != schema.VERSION:
            self.close()
            raise OtherRelease(f"{path} has columns of form {facts['version']}; this release reads {schema.VERSION}")
        self.union = facts["mode"] == "union"
        self.predicates = {
            row[0]: Predicate(row[1], row[2], row[3], _kinds(row[4]), _kinds(row[5]))
            for row in self.connection.execute("FROM predicates").fetchall()
        }
        popular = self.connection.execute("FROM popular").fetchall()
        self._popular: dict[tuple[int, int], int] = {(p, o): n for p, o, n in popular}
        self._unlisted = schema.COMMON if len(popular) < schema.MOST_COMMON else min(n for *_, n in popular)
        self.subject_kinds = frozenset[Kind]().union(*(p.subject_kinds for p in self.predicates.values()))
        self.object_kinds = frozenset[Kind]().union(*(p.object_kinds for p in self.predicates.values()))
        self._constants: dict[NamedNode | Literal, Constant] = {}
        self._canonical = Store()

    def sharing(self, predicate: int, object_: int) -> float:
        """Give how many statements with this predicate have this object: counted for common ones, else expected."""
        known = self.predicates.get(predicate)
        if known is None:
            return 0.0
        mean = known.statements / max(known.objects, 1)
        return self._popular.get((predicate, object_), min(mean, self._unlisted))

    def constant(self, term: NamedNode | Literal) -> Constant:
        """Give a term of a query as the engine would store it, looked up."""
        if term not in self._constants:
            self._constants[term] = self._found(self._stored(term))
        return self._constants[term]

    def _stored(self, term: NamedNode | Literal) -> NamedNode | Literal:
        if isinstance(term, NamedNode):
            return term
        self._canonical.add(Quad(BlankNode(), NamedNode("x:"), term))
        stored = next(iter(self._canonical)).object
        self._canonical.clear()
        assert isinstance(stored, Literal)
        return stored

    def _found(self, term: NamedNode | Literal) -> Constant:
        lex, text = term.value, str(term)
        query = f"WITH texts AS (SELECT ?::VARCHAR AS t) SELECT kind, datatype, lang, num, dbl FROM ({schema.VALUES})"
        (kind, datatype, lang, num, dbl), = self.connection.execute(query, [text]).fetchall()  # fmt: skip
        found = self.connection.execute(
            "SELECT id FROM terms WHERE lex = $lex AND kind = $kind AND datatype IS NOT DISTINCT FROM $datatype "
            "AND lang IS NOT DISTINCT FROM $lang",
            {"lex": lex, "kind": kind, "datatype": datatype, "lang": lang},
        ).fetchone()
        return Constant(found[0] if found else -1 - len(self._constants), Kind(kind), lex, datatype, lang, num, dbl)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def opened(folder: Path, spill: Path, memory: int = 1536) -> Columns | None:
    """Open the columns of the snapshot in `folder`; None where it has none, or of another release's form.

    `spill` and `memory` as Columns takes them.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Columns(path, spill, memory=memory)
    except OtherRelease:
        return None


def _kinds(mask: int) -> frozenset[Kind]:
    return frozenset(kind for kind in Kind if mask >> kind & 1)
