"""The stored questions: each a file `<name>.rq`, self-contained.

Its first comment line is the question in English; the comment lines below are TOML: `theme`, `meaning` (what an answer
means), `caveat` (what the data cannot tell), `nothing` (why there may be no answer), `evidence` (subject, property,
object and graph of a statement whose rows are to be told: columns, parameters), `found` (true where the first rows of
many are those found first: to put them in order takes all of them, too long), `rests` (properties, classes, things or
parameters whose graphs the answer rests on) or `sources` (a SELECT of these as ?graph, and of the parameters),
`[chart]`, `[parameter.<name>]`.

A parameter is a variable that the query projects and joins: in a triple pattern or a VALUES, never in a FILTER alone.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile
from typing import Any, Final, NoReturn

from pyoxigraph import Literal, NamedNode

from graph.bound import bound
from graph.names import BASE, term_of

THEMES: Final = ("The ecosystem", "Programmes", "Partners", "Solutions and products", "Connectivity", "Evidence")
_KEYS: Final = frozenset("theme meaning caveat nothing evidence rests sources found chart parameter".split())
_PARAMETER_KEYS: Final = frozenset("label class scheme subject-of object-of numbers term default optional".split())


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question asks for: a thing of one of `classes` or a concept of `scheme`, one of `numbers`, or any term
    (`term` is `iri` or `any`).

    `uses` narrows things to those that are subject or object of a property: pairs of "subject" or "object" and its
    IRI. `default` is as a person writes it, "" for none; an `optional` one may be left out, which means all.
    """

    name: str
    label: str
    classes: tuple[str, ...] = ()
    scheme: str = ""
    uses: tuple[tuple[str, str], ...] = ()
    numbers: tuple[int, ...] = ()
    term: str = ""
    default: str = ""
    optional: bool = False

    @property
    def is_thing(self) -> bool:
        """Whether its values are things of the graph, which can be listed to choose from."""
        return not self.numbers and not self.term


@dataclass(frozen=True, slots=True)
class Chart:
    """Which columns make the bars of a chart: their labels, and their lengths."""

    labels: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question with what its answer means, what the data cannot tell, its parameters, and its query."""

    name: str
    title: str
    theme: str
    meaning: str
    caveat: str
    nothing: str
    evidence: tuple[str, ...]
    rests: tuple[str, ...]
    sources: str
    found: bool
    chart: Chart | None
    parameters: tuple[Parameter, ...]
    query: str

    @property
    def iri(self) -> str:
        """The IRI of the question, and where this service answers it."""
        return f"{BASE}questions/{self.name}"

    def shown(self, bindings: Mapping[str, NamedNode | Literal]) -> str:
        """Give the query as anybody can run it elsewhere: without its head, `bindings` written out."""
        return bound(self.query, bindings)

    def first(self, number: int) -> str:
        """Give the query for its first `number` rows; one that is for the first of its rows already stays as it is.

        The rows are those found first, in no order, where the question says so (`found`).
        """
        if any(line.startswith("LIMIT ") for line in self.query.splitlines()):
            return self.query
        query = self.query.rpartition("\nORDER BY ")[0] if self.found else self.query.rstrip()
        return f"{query}\nLIMIT {number}\n"


def names() -> tuple[str, ...]:
    """Give the names of the stored questions, sorted."""
    found = (file.name for file in files("graph.questions").iterdir() if file.name.endswith(".rq"))
    return tuple(sorted(name.removesuffix(".rq") for name in found))


def questions() -> list[StoredQuestion]:
    """Give every stored question, by theme and title."""
    return sorted(map(question, names()), key=lambda one: (THEMES.index(one.theme), one.title))


@lru_cache(maxsize=256)
def question(name: str) -> StoredQuestion:
    """Give the question called `name`; KeyError where there is none, ValueError as in `parse`."""
    if name not in names():
        raise KeyError(name)
    return parse(name, (files("graph.questions") / f"{name}.rq").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> StoredQuestion:
    """Read the file of the question `name`; ValueError where its head is not of the form that this module describes."""
    head = [line[1:].removeprefix(" ") for line in takewhile(lambda line: line.startswith("#"), text.splitlines())]
    if not head or not head[0].endswith("?"):
        _refuse(name, "its first line is no question")
    try:
        told = tomllib.loads("\n".join(head[1:]))
    except tomllib.TOMLDecodeError as error:
        _refuse(name, f"its head is no TOML: {error}")
    unknown = sorted(told.keys() - _KEYS)
    missing = sorted({"theme", "meaning", "caveat"} - told.keys())
    if unknown or missing or told["theme"] not in THEMES:
        _refuse(name, f"unknown {unknown}, missing {missing}, theme {told.get('theme')!r}")
    chart = told.get("chart")
    return StoredQuestion(
        name=name,
        title=head[0],
        theme=told["theme"],
        meaning=" ".join(told["meaning"].split()),
        caveat=" ".join(told["caveat"].split()),
        nothing=" ".join(told.get("nothing", "").split()),
        evidence=tuple(told.get("evidence", "").split()),
        rests=tuple(told.get("rests", "").split()),
        sources=told.get("sources", "").strip(),
        found=bool(told.get("found", False)),
        chart=Chart(tuple(chart["labels"].split()), chart["value"]) if chart else None,
        parameters=tuple(_parameter(name, *pair) for pair in told.get("parameter", {}).items()),
        query=text,
    )


def _parameter(question_name: str, name: str, told: dict[str, Any]) -> Parameter:
    unknown = sorted(told.keys() - _PARAMETER_KEYS)
    kinds = [key for key in ("class", "scheme", "numbers", "term") if key in told]
    if unknown or len(kinds) != 1 or "label" not in told or ("default" in told and told.get("optional")):
        _refuse(question_name, f"parameter {name}: unknown {unknown}, kinds {kinds}, no label, or a needless default")
    uses = [(side, told[f"{side}-of"]) for side in ("subject", "object") if f"{side}-of" in told]
    return Parameter(
        name=name,
        label=told["label"],
        classes=tuple(map(term_of, told.get("class", "").split())),
        scheme=term_of(told["scheme"]) if "scheme" in told else "",
        uses=tuple((side, term_of(property_)) for side, property_ in uses),
        numbers=tuple(told.get("numbers", ())),
        term=told.get("term", ""),
        default=str(told.get("default", "")),
        optional=told.get("optional", False),
    )


def _refuse(name: str, why: str) -> NoReturn:
    raise ValueError(f"{name}.rq: {why}")
