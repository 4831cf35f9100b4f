"""What an expression gives in a row: a term, or nothing where it is an error or unbound.

A value knows what kinds it may be of, so that an operator says only what it must; its fields (kind, lexical form,
exact number ...) are SQL, made when they are asked for. In every field NULL is error or unbound.
"""

from collections.abc import Callable, Mapping
from typing import Final

from graph.columns.kinds import DATATYPE_OF, EXACT, SCALE, TEXT, Kind
from graph.engine.sql.fragments import E, NotCompiled, as_sql, cases, is_in, sql

FIELDS: Final = ("kind", "lex", "datatype", "lang", "num", "dbl")
Kinds = frozenset[Kind]


class Value:
    """A term in a row; `certain` says that it is never NULL.

    `ident` is its id, of the dictionary unless it is `absent` there; `pack` is all of it, where it comes packed.
    """

    def __init__(
        self,
        kinds: Kinds,
        fields: Mapping[str, E] | Callable[[str], E],
        *,
        certain: bool = False,
        ident: E | None = None,
        bound: E | None = None,
        pack: E | None = None,
        absent: bool = False,
    ) -> None:
        self.kinds, self.certain, self.ident, self.pack = kinds, certain, ident, pack
        self.absent, self._fields, self._bound = absent, fields, bound

    def field(self, name: str) -> E:
        """Give the SQL of a field (one of FIELDS)."""
        if callable(self._fields):
            return self._fields(name)
        if name in self._fields:
            return self._fields[name]
        return self._derived(name)

    @property
    def bound(self) -> E:
        """Whether there is a term."""
        if self.certain:
            return as_sql(True)
        if self._bound is not None:
            return self._bound
        if callable(self._fields):
            return sql("NOT $x IS NULL", x=self._fields("kind"))
        return sql("NOT $x IS NULL", x=next(iter(self._fields.values())))

    @property
    def truth(self) -> E:
        """A boolean's value as SQL's."""
        if not callable(self._fields) and "truth" in self._fields:
            return self._fields["truth"]
        return sql("$n = 1", n=self.field("num"))

    @property
    def kind(self) -> Kind:
        """The one kind that it can be of; NotCompiled where there are several."""
        if len(self.kinds) != 1:
            raise NotCompiled("a value of several kinds")
        return next(iter(self.kinds))

    def is_one_of(self, kinds: Kinds) -> E:
        """Whether it is of one of `kinds`; NULL where there is no term."""
        if self.kinds <= kinds:
            return as_sql(True) if self.certain else sql("CASE WHEN $b THEN TRUE END", b=self.bound)
        if not self.kinds & kinds:
            return as_sql(False) if self.certain else sql("CASE WHEN $b THEN FALSE END", b=self.bound)
        return is_in(self.field("kind"), (int(kind) for kind in self.kinds & kinds))

    def _derived(self, name: str) -> E:
        kind = self.kind
        if name == "kind":
            return as_sql(int(kind)) if self.certain else sql("CASE WHEN $b THEN $k END", b=self.bound, k=int(kind))
        if name == "datatype":
            return as_sql(DATATYPE_OF[kind]) if kind in DATATYPE_OF else as_sql(None)
        if name == "num" and kind == Kind.BOOLEAN:
            return sql("CAST(CAST($t AS INT) AS HUGEINT)", t=self.truth)
        if name == "lex":
            return self._text(kind)
        if name == "dbl" and kind == Kind.INTEGER:
            return sql("CAST($n // CAST($scale AS HUGEINT) AS DOUBLE)", n=self.field("num"), scale=SCALE)
        if name == "dbl" and kind == Kind.DECIMAL:
            return sql("CAST($t AS DOUBLE)", t=self._text(kind))
        return as_sql(None)

    def _text(self, kind: Kind) -> E:
        if kind == Kind.BOOLEAN:
            return sql("CAST($t AS VARCHAR)", t=self.truth)
        if kind == Kind.INTEGER:
            return sql("CAST($n // CAST($scale AS HUGEINT) AS VARCHAR)", n=self.field("num"), scale=SCALE)
        if kind == Kind.DECIMAL:
            return decimal_text(self.field("num"))
        if kind in (Kind.FLOAT, Kind.DOUBLE):
            raise NotCompiled("the text of a computed inexact number")
        raise NotCompiled(f"the text of a computed {kind.name}")


def decimal_text(num: E) -> E:
    """Give the canonical text of a decimal kept in units of 1/SCALE."""
    whole = sql("CAST(abs($n) // CAST($scale AS HUGEINT) AS VARCHAR)", n=num, scale=SCALE)
    part = sql("rtrim(lpad(CAST(abs($n) % CAST($scale AS HUGEINT) AS VARCHAR), 18, '0'), '0')", n=num, scale=SCALE)
    return sql("concat(CASE WHEN $n < 0 THEN '-' ELSE '' END || $w, CASE WHEN $p <> '' THEN '.' || $p ELSE '' END)",
               n=num, w=whole, p=part)  # fmt: skip


def boolean(truth: E) -> Value:
    """Give SQL's truth value as a term."""
    return Value(frozenset({Kind.BOOLEAN}), {"truth": truth})


def string(lex: E) -> Value:
    """Give a text as a simple literal."""
    return Value(frozenset({Kind.STRING}), {"lex": lex})


def iri(lex: E) -> Value:
    """Give a text as an IRI."""
    return Value(frozenset({Kind.IRI}), {"lex": lex})


def integer(number: E) -> Value:
    """Give an SQL integer as xsd:integer."""
    num = sql("CAST($n AS HUGEINT) * CAST($s AS HUGEINT)", n=number, s=SCALE)
    return Value(frozenset({Kind.INTEGER}), {"num": num})


def exact(num: E, kinds: Kinds = EXACT, kind: E | None = None) -> Value:
    """Give a number in units of 1/SCALE; `kind` tells integer from decimal where both may be."""
    fields = {"num": num}
    if len(kinds) > 1:
        assert kind is not None
        whole, part = (Value(frozenset({k}), fields) for k in (Kind.INTEGER, Kind.DECIMAL))
        is_whole = sql("$k = $i", k=kind, i=int(Kind.INTEGER))
        for name in ("lex", "datatype", "dbl"):
            fields[name] = sql("CASE WHEN $w THEN $a ELSE $b END", w=is_whole, a=whole.field(name), b=part.field(name))
        fields["kind"] = sql("CASE WHEN NOT $n IS NULL THEN $k END", n=num, k=kind)
        fields["lang"] = as_sql(None)
    return Value(kinds, fields, bound=sql("NOT $n IS NULL", n=num))


def texts(lex: E, like: Value) -> Value:
    """Give a text with the language, if any, of `like`, where `like` is a text."""
    fields = {"lex": lex} | ({name: like.field(name) for name in ("kind", "datatype", "lang")}
                             if like.kinds & TEXT != {Kind.STRING} else {})  # fmt: skip
    return Value(like.kinds & TEXT, fields, bound=sql("NOT $n IS NULL", n=lex))


NOTHING: Final = Value(frozenset(), {name: as_sql(None) for name in FIELDS}, bound=as_sql(False))


def choose(branches: list[tuple[E, Value]], otherwise: Value, *, certain: bool = False) -> Value:
    """Give the value of the first branch whose condition holds, else `otherwise`; `certain` says that it is a term.

    Among terms of the dictionary it is one of them, with its id.
    """
    values = [value for _, value in branches] + [otherwise]
    kinds = frozenset[Kind]().union(*(value.kinds for value in values))
    if kinds == {Kind.BOOLEAN}:
        return boolean(cases([(c, v.truth if v.kinds else as_sql(None)) for c, v in branches],
                             otherwise.truth if otherwise.kinds else as_sql(None)))  # fmt: skip

    def field(name: str) -> E:
        return cases([(c, v.field(name)) for c, v in branches], otherwise.field(name))

    if not all((v.ident is not None and not v.absent) or not v.kinds for v in values) or not kinds:
        return Value(kinds, field, certain=certain)
    ident = cases([(c, _ident(v)) for c, v in branches], _ident(otherwise))
    return Value(kinds, field, certain=certain, ident=ident, bound=sql("NOT $x IS NULL", x=ident))


def _ident(value: Value) -> E:
    return value.ident if value.ident is not None else as_sql(None)


def packed(value: Value) -> E:
    """Give all fields as one SQL value, NULL where there is no term."""
    if value.pack is not None:
        return value.pack
    pack = sql("{'kind': CAST($kind AS UTINYINT), 'lex': CAST($lex AS VARCHAR), 'datatype': CAST($datatype AS VARCHAR),"
               " 'lang': CAST($lang AS VARCHAR), 'num': CAST($num AS HUGEINT), 'dbl': CAST($dbl AS DOUBLE)}",
               **{name: value.field(name) for name in FIELDS})  # fmt: skip
    return pack if value.certain else sql("CASE WHEN $b THEN $p END", b=value.bound, p=pack)


def unpacked(part: E, kinds: Kinds, *, certain: bool) -> Value:
    """Give the value that `packed` made."""
    return Value(kinds, lambda name: sql("struct_extract($s, $n)", s=part, n=name), certain=certain,
                 bound=sql("NOT $s IS NULL", s=part), pack=part)  # fmt: skip
