"""A class's list narrowed by facets: what an address chooses, and the addresses of other choices."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from flask import request, url_for
from pyoxigraph import Literal, NamedNode, Store

from graph import facets
from graph.facets import Selection
from graph.formats import RECORDS, SHEET, TURTLE, Format
from graph.names import PREFIXES, curie, kind_and_slug
from graph.snapshot import Snapshot
from graph.spool import Document
from graph.terms import read_term
from server.paging import page_of
from server.parameters import only_once, only_these
from server.problems import bad_parameter, bad_request, not_found
from server.rendering import spelled

SIZE: Final = 50
OFFERED: Final = (SHEET, RECORDS, TURTLE)
_INTEGER: Final = NamedNode(PREFIXES["xsd"] + "integer")
_MOST: Final = 100  # values chosen of one facet
_OFFERED: Final = 200  # values that an error names, the most frequent
_WAYS: Final = ("after", "before", "page")  # through the pages of a list
Chosen = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a narrowed list that a page shows: IRIs in order, the number of the first, and the ways on."""

    iris: tuple[str, ...]
    start: int
    earlier: str
    later: str


def wanted(class_iri: str, document: bool = False) -> dict[str, tuple[str, ...]]:
    """Give what the running request chooses: N-Triples terms by facet. Raises Problem (400) for what is no term.

    The parameters of a list are the class's facets and what leads through its pages; others are a Problem (400) too.
    A `document` is the whole list, without pages.
    """
    found = {}
    ways = {*(() if document else _WAYS), *(("iri",) if request.endpoint == "listing.classes" else ())}
    only_these({*ways, *(facet.name for facet in facets.facets_of(class_iri))})
    only_once(*ways)
    for facet in facets.facets_of(class_iri):
        asked = [text for text in request.args.getlist(facet.name) if text]
        if len(asked) > _MOST:
            raise bad_request(f"{facet.name}: at most {_MOST} values are chosen at once")
        if asked:
            found[facet.name] = tuple(_term(facet.name, text) for text in asked)
    return found


def selection_of(snapshot: Snapshot, class_iri: str, chosen: Chosen) -> Selection:
    """Give the narrowed list; Problem: 404 where the class has no members, 400 for a value that is none."""
    with closing(snapshot.lists()) as index:
        found = facets.select(index, class_iri, chosen)
        if found is not None:
            _check(snapshot, index, found)
    if found is None:
        raise not_found(f"this graph has no members of the class {curie(class_iri) or class_iri}")
    return found


def part_of(snapshot: Snapshot, selection: Selection) -> Part:
    """Give the part that the running request asks for by `after`, `before` or `page`; Problem (404) where that is
    nobody's, or no page of the list.
    """
    if sum(name in request.args for name in ("after", "before", "page")) > 1:
        raise bad_request("'after', 'before' and 'page' each say where to begin; give one of them")
    after, before = (_member(request.args.get(name, "")) for name in ("after", "before"))
    passed = page_of(len(selection.members), SIZE).start
    with closing(snapshot.lists()) as index:
        try:
            shown = list(facets.rows(index, selection, SIZE, after, before, passed))
        except LookupError as error:
            raise not_found(f"{error}; begin the list anew") from error
    if not shown:
        return Part((), 0, "", "")
    start = selection.members.rank(shown[0].rank)
    earlier = address(selection, before=_short(shown[0].iri)) if start > 1 else ""
    more = start - 1 + len(shown) < len(selection.members)
    later = address(selection, after=_short(shown[-1].iri)) if more else ""
    return Part(tuple(row.iri for row in shown), start, earlier, later)


def document_of(snapshot: Snapshot, selection: Selection, form: Format) -> Document:
    """Give the narrowed list in one of the formats OFFERED."""
    with closing(snapshot.lists()) as index:
        if form == SHEET:
            return facets.table(index, selection)
        if form == RECORDS:
            return facets.records(index, selection)
        return facets.statements(snapshot.store, index, selection)


def address(selection: Selection, *, chosen: Chosen | None = None, suffix: str = "", **more: str) -> str:
    """Give the address of a choice in the list of the same class: by default the selection's own."""
    return listing_address(selection.class_iri, selection.chosen if chosen is None else chosen, suffix, **more)


def listing_address(class_iri: str, chosen: Chosen, suffix: str = "", **more: str) -> str:
    """Give the address of a class's list narrowed by `chosen` (N-Triples terms by facet)."""
    pairs = [(name, choice(term)) for name in sorted(chosen) for term in chosen[name]]
    short = curie(class_iri)
    if short is None:
        path = url_for("listing.classes")
        pairs.insert(0, ("iri", f"<{class_iri}>"))
    else:
        path = url_for("listing.members", name=short.removeprefix("pe:") + suffix)
    pairs += more.items()
    return path + ("?" + urlencode(pairs, safe="/:", quote_via=quote) if pairs else "")


def without(selection: Selection, name: str, term: str) -> str:
    """Give the address of the selection less one chosen value."""
    rest = {n: [t for t in terms if (n, t) != (name, term)] for n, terms in selection.chosen.items()}
    return address(selection, chosen=rest)


def choice(term: str) -> str:
    """Give a term (as in N-Triples) as an address holds it: short, an integer as its digits."""
    literal = read_term(term)
    if isinstance(literal, Literal) and literal.datatype == _INTEGER:
        return literal.value
    return spelled(literal)


def _term(name: str, text: str) -> str:
    try:
        return str(Literal(text, datatype=_INTEGER) if text.isascii() and text.isdigit() else read_term(text))
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error


def _short(iri: str) -> str:
    return spelled(NamedNode(iri))


def _member(text: str) -> str:
    if not text:
        return ""
    try:
        term = read_term(text)
    except ValueError as error:
        raise bad_request(f"where to go on from: {error}") from error
    return term.value


def _known(store: Store, term: str, values: Sequence[str]) -> bool:
    """Whether `term` is one of a facet's `values`, or could be: a number, or a thing of their kind that the graph has.

    Then a list without members is a true answer.
    """
    if term in values:
        return True
    terms = [read_term(value) for value in values]
    asked = read_term(term)
    if isinstance(asked, Literal):
        return any(isinstance(one, Literal) and one.datatype == asked.datatype == _INTEGER for one in terms)
    kinds = {_kind(one) for one in terms if isinstance(one, NamedNode)}
    return (not terms or _kind(asked) in kinds) and any(
        next(store.quads_for_pattern(*pattern), None) is not None
        for pattern in ((asked, None, None), (None, None, asked), (None, None, None, asked))
    )


def _kind(term: NamedNode) -> str:
    found = kind_and_slug(term.value)
    return found[0] if found else ""


def _check(snapshot: Snapshot, index: sqlite3.Connection, selection: Selection) -> None:
    """Raise Problem (400) where a value was chosen that no member of the class has, nor could have."""
    had = {(c.facet.name, one.value) for c in selection.facets for one in c.choices if one.chosen}
    missing = [(name, term) for name, terms in selection.chosen.items() for term in terms if (name, term) not in had]
    whole = facets.select(index, selection.class_iri, {}) if missing else None
    for name, term in missing:
        counted = whole.facets if whole else ()
        values = [one.value for c in counted if c.facet.name == name for one in c.choices]
        if not _known(snapshot.store, term, values):
            offered = list(map(choice, values[:_OFFERED]))
            raise bad_parameter(name, f"{name}: no member of this class has {choice(term)[:80]}", offered)
