"""The facets as they are written: files `*.rq` beside this module.

A file opens with comment lines: the question in English, then `# name: value` lines: `of` (the classes whose lists
it narrows, or `any`), `title`, `order`, and `name` where the one in addresses is not the file's. The query gives
`?member` and `?value`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import Final

from graph.errors import Foreseen
from graph.names import term_of

ANY: Final = "any"
_SETTING: Final = re.compile(r"(?P<name>of|name|title|order): (?P<value>.+)")
_NAME: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
# Words of addresses that mean something else there.
RESERVED: Final = frozenset({"after", "before", "iri", "page", "format", "output"})


class FacetError(Foreseen, ValueError):
    """A facet's file lacks what it must say."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One question: `name` as in addresses, `title` for people, `classes` whose members it narrows (none: all)."""

    name: str
    title: str
    question: str
    classes: tuple[str, ...]
    order: int
    query: str


@cache
def facets() -> tuple[Facet, ...]:
    """Give all facets, in the order in which pages show them."""
    folder = files(__package__)
    read = (
        parse(file.name.removesuffix(".rq"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".rq")
    )
    return tuple(sorted(read, key=lambda facet: (facet.order, facet.name, facet.classes)))


def facets_of(class_iri: str, known: Sequence[Facet] | None = None) -> tuple[Facet, ...]:
    """Give the facets of a class: its own, and of those for any class the ones whose name it has not taken."""
    found = facets() if known is None else known
    own = [facet for facet in found if class_iri in facet.classes]
    taken = {facet.name for facet in own}
    return tuple(facet for facet in found if facet in own or (not facet.classes and facet.name not in taken))


def parse(stem: str, text: str) -> Facet:
    """Read a facet's file `text`; FacetError where a comment line is missing or malformed."""
    comments = [line[1:].strip() for line in takewhile(lambda line: line.startswith("#"), text.splitlines())]
    said = {m["name"]: m["value"].strip() for line in comments if (m := _SETTING.fullmatch(line))}
    question = " ".join(line for line in comments if not _SETTING.fullmatch(line))
    name = said.get("name", stem)
    missing = sorted({"of", "title", "order"} - said.keys())
    if missing or not question.endswith("?"):
        raise FacetError(f"{stem}.rq: its comment lines lack {', '.join(missing) or 'a question'}")
    if not _NAME.fullmatch(name) or name in RESERVED or not said["order"].isdigit():
        raise FacetError(f"{stem}.rq: {name!r} cannot be its name, or {said['order']!r} its order")
    classes = () if said["of"] == ANY else tuple(term_of(one) for one in said["of"].split())
    return Facet(name, said["title"], question, classes, int(said["order"]), text)
