"""Solutions as a query: a column a variable, each an id of the dictionary or, where it was computed, a packed term."""

from dataclasses import dataclass, replace

from sqlglot import exp

from graph.columns.kinds import Kind
from graph.engine.sql.fragments import E, all_of, any_of, as_sql, column, join, named, select, sql, subquery, table
from graph.engine.sql.values import FIELDS, NOTHING, Kinds, Value, packed, unpacked


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a variable: the kinds it may be of, whether it is always bound, whether it is an id."""

    kinds: Kinds
    certain: bool = True
    encoded: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A query, and what is known of each variable that it has a column for."""

    query: exp.Query
    columns: dict[str, Column]


def name_of(variable: str) -> str:
    """Give the column's name: SQL takes `x` and `X` for one, SPARQL does not."""
    return "v" + "".join(f"^{c.lower()}" if c.isupper() else c for c in variable)


def of(variable: str, alias: str) -> E:
    """Give the column of a variable in the table `alias`."""
    return column(name_of(variable), alias)


def kept(variables: list[str] | dict[str, Column], alias: str) -> list[E]:
    """Give the columns of these variables, under their names."""
    return [named(of(variable, alias), name_of(variable)) for variable in variables]


class Row:
    """The rows of a relation as an expression sees them; joins the dictionary for each variable it looks into."""

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self._looked: dict[str, str] = {}

    def value(self, variable: str) -> Value:
        """Give the value of a variable; NOTHING where it has no column."""
        known = self.relation.columns.get(variable)
        if known is None:
            return NOTHING
        part = of(variable, "r")
        if not known.encoded:
            return unpacked(part, known.kinds, certain=known.certain)

        def field(name: str) -> E:
            if name == "kind" and len(known.kinds) == 1 and known.certain:
                return as_sql(int(next(iter(known.kinds))))
            alias = self._looked.setdefault(variable, f"d{len(self._looked)}")
            return column(name, alias)

        bound = None if known.certain else sql("NOT $x IS NULL", x=part)
        return Value(known.kinds, field, certain=known.certain, ident=part, bound=bound)

    def select(self, columns: list[E], where: E | None = None) -> exp.Select:
        """Give the query of `columns` over these rows; to be asked after the expressions were made."""
        query = select(columns, subquery(self.relation.query, "r"), where)
        for variable, alias in self._looked.items():
            on = sql("$a = $b", a=column("id", alias), b=of(variable, "r"))
            kind = "" if self.relation.columns[variable].certain else "left"
            query = join(query, table("terms", alias), on, kind)
        return query


def with_packed(relation: Relation, variables: list[str]) -> Relation:
    """Give the relation with these variables as packed terms."""
    wanted = [v for v in variables if relation.columns[v].encoded]
    if not wanted:
        return relation
    row = Row(relation)
    columns = [named(packed(row.value(v)) if v in wanted else of(v, "r"), name_of(v)) for v in relation.columns]
    known = {v: replace(c, encoded=False) if v in wanted else c for v, c in relation.columns.items()}
    return Relation(row.select(columns), known)


def looked_into(relation: Relation, variables: set[str]) -> Relation:
    """Give the relation with a packed copy of each of these variables beside it; see `packed_of`."""
    row = Row(relation)
    used = [v for v in relation.columns if v in variables]
    extra = [named(packed(row.value(v)), name_of(v) + ".packed") for v in used]
    return Relation(row.select(kept(relation.columns, "r") + extra), relation.columns)


def packed_of(variable: str, alias: str) -> E:
    """Give the column of the packed copy of a variable in the table `alias`."""
    return column(name_of(variable) + ".packed", alias)


def with_ids(relation: Relation, variable: str) -> Relation:
    """Give the relation with a packed variable as an id: rows whose term is not in the dictionary are left out."""
    value = Row(relation).value(variable)
    on = all_of([sql("$a IS NOT DISTINCT FROM $b", a=column(n, "d"), b=value.field(n)) for n in FIELDS[2:4]]
                + [sql("$a = $b", a=column(n, "d"), b=value.field(n)) for n in FIELDS[:2]])  # fmt: skip
    columns = [named(column("id", "d") if v == variable else of(v, "r"), name_of(v)) for v in relation.columns]
    query = join(select(columns, subquery(relation.query, "r")), table("terms", "d"), on)
    known = replace(relation.columns[variable], certain=True, encoded=True)
    return Relation(query, {**relation.columns, variable: known})


def alike(left: Relation, right: Relation) -> tuple[Relation, Relation]:
    """Give both with the variables that they share in one form, which compares."""
    differ = [v for v in shared(left, right) if left.columns[v].encoded != right.columns[v].encoded]
    return with_packed(left, differ), with_packed(right, differ)


def shared(left: Relation, right: Relation) -> list[str]:
    """Give the variables that both have a column for."""
    return [variable for variable in left.columns if variable in right.columns]


def compatible(left: Relation, right: Relation) -> E | None:
    """Give the condition that a row `l` and a row `r` are compatible; None where they always are."""
    found = []
    for variable in shared(left, right):
        a, b = of(variable, "l"), of(variable, "r")
        ways = [sql("$a = $b", a=a, b=b)]
        ways += [sql("$x IS NULL", x=x) for x, side in ((a, left), (b, right)) if not side.columns[variable].certain]
        found.append(any_of(ways))
    return all_of(condition for condition in found if condition is not None)


def merged(left: Relation, right: Relation, *, optional: bool = False) -> tuple[list[E], dict[str, Column]]:
    """Give the columns of `l` joined with `r`, and what is known of them; `optional`: `r` may be absent."""
    columns, known = [], {}
    for variable in {**left.columns, **right.columns}:
        a, b = left.columns.get(variable), right.columns.get(variable)
        if a is None or b is None:
            alias, only = ("l", a) if a is not None else ("r", b)
            assert only is not None
            part = of(variable, alias)
            fact = replace(only, certain=only.certain and (a is not None or not optional))
        else:
            both = a.certain and b.certain
            part = of(variable, "l") if a.certain else sql("COALESCE($a, $b)", a=of(variable, "l"), b=of(variable, "r"))
            kinds = a.kinds & b.kinds if both and not optional else a.kinds if a.certain else a.kinds | b.kinds
            fact = Column(kinds, a.certain or (b.certain and not optional), a.encoded)
        columns.append(named(part, name_of(variable)))
        known[variable] = fact
    return columns, known


def natural_join(left: Relation, right: Relation) -> Relation:
    """Give the join of two relations: all pairs of compatible rows."""
    for variable in shared(left, right):
        a, b = left.columns[variable], right.columns[variable]
        if a.certain and b.certain and a.encoded != b.encoded:
            left, right = (with_ids(left, variable), right) if b.encoded else (left, with_ids(right, variable))
    left, right = alike(left, right)
    columns, known = merged(left, right)
    query = join(select(columns, subquery(left.query, "l")), subquery(right.query, "r"), compatible(left, right))
    return Relation(query, known)


UNIT = Relation(select([]), {})
EMPTY_KINDS: frozenset[Kind] = frozenset()
