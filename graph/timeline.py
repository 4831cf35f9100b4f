"""What happened when: the dated statements about programmes and whatever concerns them, in the order of time."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Variable

from graph.names import term_of
from graph.naming import Namer, Value

_QUERY: Final = "timeline.rq"
_NAMED: Final = frozenset({term_of("pe:concerns"), term_of("pe:about")})


@dataclass(frozen=True, slots=True)
class Moment:
    """One dated statement: when (as exact as its source is), about what, which words, and what it leads to.

    `is_named` says that what it leads to is a happening or a figure whose own name tells all.
    """

    when: Value
    about: Value
    words: str
    thing: Value
    is_named: bool = False

    @property
    def year(self) -> str:
        """The year, by which moments are grouped."""
        return self.when.lexical[:4]


def timeline(store: Store, iri: str | None = None) -> list[Moment]:
    """Give the moments of `iri`, or of every programme, the earliest first."""
    text = files(__package__).joinpath(_QUERY).read_text(encoding="utf-8")
    found = store.query(text, substitutions={} if iri is None else {Variable("about"): NamedNode(iri)})
    if not isinstance(found, QuerySolutions):
        raise TypeError(f"{_QUERY} is no SELECT")
    namer = Namer(store)
    moments = set()
    for solution in found:
        when, predicate, thing = (solution[name] for name in ("when", "predicate", "thing"))
        about = solution["about"] if iri is None else NamedNode(iri)
        if isinstance(when, Literal) and isinstance(predicate, NamedNode) and about is not None and thing is not None:
            words = namer.property(predicate.value)
            named = predicate.value in _NAMED
            moments.add(Moment(namer.value(when), namer.value(about), words, namer.value(thing), named))
    return sorted(moments, key=lambda one: (one.when.lexical, one.about.key, one.words, one.thing.key))
