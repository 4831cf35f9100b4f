"""What a person gives for the parameters of a question, read strictly into terms; and what there is to choose from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Protocol

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from graph.classes import members
from graph.errors import Foreseen
from graph.names import BASE, GRAPH, THING, curie, term_of
from graph.naming import Namer
from graph.questions.catalogue import Parameter, StoredQuestion
from graph.terms import read_iri, read_term

Term = NamedNode | Literal
Bindings = Mapping[str, Term]
_UNION: Final = DefaultGraph()
_TOLD: Final = 200  # choices that an error lists; of more it tells those that come near


class ParameterError(Foreseen, ValueError):
    """A parameter's value is missing, unknown or not of its type; `allowed` are values that would do, or near ones."""

    exit_code = 2

    def __init__(self, name: str, detail: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(f"{name}: {detail}")
        self.name, self.allowed = name, allowed

    def lines(self) -> list[str]:
        """Give the error and what is allowed."""
        return [f"Error: {self}", *(f"  {one}" for one in self.allowed)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to choose: its IRI, its label, how an address or a command names it (kind/slug), and its other names."""

    iri: str
    label: str
    value: str
    others: tuple[str, ...] = ()

    def is_called(self, text: str) -> bool:
        """Whether `text`, in lower case, is its kind/slug, slug, IRI or label."""
        return text in (self.value, self.iri.casefold(), self.value.rpartition("/")[2], self.label.casefold())


class Offered(Protocol):
    """What a parameter may be."""

    @property
    def told(self) -> str:
        """How an error calls them."""

    def usual(self, default: str) -> Choice | None:
        """Give the choice whose value is `default`, else the first one; None where there is none."""

    def named(self, text: str) -> Choice | None:
        """Give the choice that `text` names by kind/slug, slug, IRI or label, in any case."""

    def near(self, text: str) -> tuple[str, ...]:
        """Give the values of choices that come near `text`."""


class Listed(list[Choice]):
    """The choices that have an answer, by label; `beyond` are those that may be asked about and have none."""

    beyond: tuple[Choice, ...] = ()

    @property
    def told(self) -> str:
        """How an error calls them."""
        return f"{len(self)} choices"

    def usual(self, default: str) -> Choice | None:
        """Give the choice whose value is `default`, else the first one; None where there is none."""
        return next((one for one in self if one.value == default), self[0] if self else None)

    def named(self, text: str) -> Choice | None:
        """Give the choice that `text` names by kind/slug, slug, IRI or label, in any case, or by a name that no other
        has.
        """
        known: tuple[Choice, ...] = (*self, *self.beyond)
        wanted = text.casefold()
        found = [one for one in known if one.is_called(wanted)]
        if not found:
            found = [one for one in known if wanted in one.others]
            return found[0] if len(found) == 1 else _of_iri(text, known)
        return found[0]

    def near(self, text: str) -> tuple[str, ...]:
        """Give the values of choices that come near `text`, or of all where they are not many."""
        if len(self) <= _TOLD:
            return tuple(one.value for one in self)
        wanted = text.casefold()
        by_name = {name: one.value for one in self for name in (one.label.casefold(), one.value.rpartition("/")[2])}
        near = [name for name in by_name if wanted in name][:8] + get_close_matches(wanted, by_name, n=8)
        return tuple(dict.fromkeys(by_name[name] for name in near))


def _of_iri(text: str, known: Iterable[Choice]) -> Choice | None:
    try:
        iri = read_iri(text)
    except ValueError:
        return None
    return next((one for one in known if one.iri == iri), None)


def choices(store: Store, parameter: Parameter) -> Listed:
    """Give the things that `parameter` may be, by label; [] where it is a number or a free term."""
    if not parameter.is_thing:
        return Listed()
    if parameter.scheme:
        found = _subjects(store, term_of("skos:inScheme"), NamedNode(parameter.scheme))
    else:
        found = set[str]().union(*(members(store, one) for one in parameter.classes))
    used = set(found)
    for side, property_ in parameter.uses:
        used &= _subjects(store, property_) if side == "subject" else _objects(store, property_)
    told = listed(store, used)
    told.beyond = tuple(listed(store, found - used))
    return told


def listed(store: Store, iris: Iterable[str]) -> Listed:
    """Give the things `iris` as choices, by label."""
    namer = Namer(store)
    found = [Choice(iri, namer.label(iri), short(iri), _others(namer, iri)) for iri in iris]
    return Listed(sorted(found, key=lambda one: (one.label.casefold(), one.iri)))


def _others(namer: Namer, iri: str) -> tuple[str, ...]:
    return tuple(value.text.casefold() for value in namer.objects(iri, "skos:altLabel", "pe:abbreviation"))


def short(iri: str) -> str:
    """Give an IRI as people write it: kind/slug, graph/slug, prefix:name, or whole."""
    if iri.startswith(GRAPH):
        return iri.removeprefix(BASE)
    return iri.removeprefix(THING) if iri.startswith(THING) else curie(iri) or iri


def bind(
    question: StoredQuestion, given: Mapping[str, str], offered: Mapping[str, Offered]
) -> dict[str, Term]:
    """Give the term of each parameter of `question` that has one: by `given` (names to texts), else by its default.

    `offered` are the choices of each thing's parameter. A default that this graph does not hold gives way to the first
    choice; without any, the parameter stays open. Raises ParameterError for a name or a value that is none.
    """
    known = {one.name for one in question.parameters}
    for name in given:
        if name not in known:
            raise ParameterError(name[:40], f"{question.name} has no such parameter", tuple(sorted(known)))
    bound: dict[str, Term] = {}
    for parameter in question.parameters:
        text = given.get(parameter.name, "").strip()
        term = _read(parameter, text, offered[parameter.name]) if text else _default(parameter, offered[parameter.name])
        if term is not None:
            bound[parameter.name] = term
    return bound


def _default(parameter: Parameter, offered: Offered) -> Term | None:
    if parameter.optional:
        return None
    if not parameter.is_thing:
        return _read(parameter, parameter.default, offered)
    usual = offered.usual(parameter.default)
    return NamedNode(usual.iri) if usual else None


def _read(parameter: Parameter, text: str, offered: Offered) -> Term:
    if parameter.numbers:
        allowed = tuple(map(str, parameter.numbers))
        if text not in allowed:
            raise ParameterError(parameter.name, f"{text[:40]!r} is none of its numbers", allowed)
        return Literal(int(text))
    if parameter.term:
        try:
            return NamedNode(read_iri(text)) if parameter.term == "iri" else read_term(text)
        except ValueError as error:
            raise ParameterError(parameter.name, str(error)) from error
    found = offered.named(text)
    if found is None:
        raise ParameterError(parameter.name, f"{text[:80]!r} is none of its {offered.told}", offered.near(text))
    return NamedNode(found.iri)


def _subjects(store: Store, property_: str, object_: NamedNode | None = None) -> set[str]:
    found = store.quads_for_pattern(None, NamedNode(property_), object_, _UNION)
    return {quad.subject.value for quad in found if isinstance(quad.subject, NamedNode)}


def _objects(store: Store, property_: str) -> set[str]:
    found = store.quads_for_pattern(None, NamedNode(property_), None, _UNION)
    return {quad.object.value for quad in found if isinstance(quad.object, NamedNode)}
