"""The shared things of a made-up graph: ecosystem, categories, programmes with tiers, roles, products, places.

Each is described as the shapes ask. All of it is made up and says so in its name; nothing of it is data.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING

NAMED_GRAPH: Final = GRAPH + "synthetic"
A: Final = f"<{PREFIXES['rdf']}type>"
LABEL: Final = f"<{PREFIXES['rdfs']}label>"
CATEGORIES: Final = 24
PROGRAMMES: Final = 12
TIERS: Final = ("member", "silver", "gold", "platinum")
ROLES: Final = 10
PRODUCTS: Final = 40
PLACES: Final = 105
CONCEPTS: Final = 30
ACTIVITIES: Final = ("builds", "sells", "services")
_DAY = f"^^<{PREFIXES['xsd']}date>"


def thing(kind: str, *slug: object) -> str:
    """Give the IRI of a made-up thing, in angle brackets."""
    return f"<{THING}{kind}/synthetic-{'-'.join(str(part) for part in slug)}>"


@cache
def pe(name: str) -> str:
    """Give a term of the project's vocabulary, in angle brackets."""
    return f"<{ONTOLOGY}{name}>"


@cache
def known(prefix: str, name: str) -> str:
    """Give a term of a vocabulary that the project uses, in angle brackets."""
    return f"<{PREFIXES[prefix]}{name}>"


ECOSYSTEM: Final = thing("ecosystem", "one")
OPERATOR: Final = thing("organization", "operator")
SCHEME: Final = thing("scheme", "one")


def statements() -> Iterator[str]:
    """Give the statements about the shared things, as N-Triples without the full stop."""
    yield from _source()
    yield from _described(ECOSYSTEM, "Ecosystem", "Synthetic ecosystem", ((pe("operatedBy"), OPERATOR),))
    yield from _described(OPERATOR, "Organization", "Synthetic operator")
    yield f'{SCHEME} {A} {known("skos", "ConceptScheme")}'
    yield f'{SCHEME} {LABEL} "Synthetic concepts"'
    for number in range(CATEGORIES):
        yield from _concept("category", number, "PartnerCategory")
    for number in range(CONCEPTS):
        yield from _concept("concept", number)
    for name in ACTIVITIES:
        yield from _concept("concept", name)
    for number in range(ROLES):
        yield from _concept("role", number, "Role")
    for number in range(PROGRAMMES):
        yield from _programme(number)
    for number in range(PRODUCTS):
        said = ((pe("inEcosystem"), ECOSYSTEM),)
        yield from _described(thing("product", number), "Product", f"Product {number}", said)
    for number in range(PLACES):
        metro = thing("region", number * 2 // 3)
        yield from _described(thing("location", number), "Location", f"Place {number}", ((pe("metro"), metro),))
        if number % 3 != 1:
            yield from _described(metro, "Region", f"Metro {number * 2 // 3}")


def _source() -> Iterator[str]:
    graph = f"<{NAMED_GRAPH}>"
    for kind in ("Source", "NamedGraph"):
        yield f"{graph} {A} {pe(kind)}"
    for prefix, name, text in (
        ("rdfs", "label", "Synthetic graph: no data"),
        ("dcterms", "title", "Synthetic graph: no data"),
        ("dcterms", "description", "Made up for measuring speed. No statement in it is true of anyone."),
        ("pe", "bias", "All of it is made up."),
        ("pe", "licenseNote", "Made up; of no use but for measuring."),
    ):
        yield f'{graph} {known(prefix, name)} "{text}"'
    yield f"{graph} {known('dcterms', 'publisher')} {OPERATOR}"
    yield f"{graph} {pe('evidence')} <{THING}concept/derived>"


def _described(iri: str, kind: str, label: str, said: Sequence[tuple[str, str]] = ()) -> Iterator[str]:
    yield f"{iri} {A} {pe(kind)}"
    yield f'{iri} {LABEL} "{label}"'
    for predicate, value in said:
        yield f"{iri} {predicate} {value}"


def _concept(kind: str, name: object, own: str | None = None) -> Iterator[str]:
    iri = thing(kind, name)
    yield f"{iri} {A} {pe(own) if own else known('skos', 'Concept')}"
    yield f'{iri} {LABEL} "{kind} {name}"@en'
    yield f'{iri} {known("skos", "prefLabel")} "{kind} {name}"@en'
    yield f'{iri} {known("skos", "definition")} "{kind} that is called {name}"@en'
    yield f"{iri} {known('skos', 'inScheme')} {SCHEME}"
    if kind == "category" and name:
        yield f"{iri} {known('skos', 'broader')} {thing('category', (int(str(name)) - 1) // 3)}"


def _programme(number: int) -> Iterator[str]:
    said = [(pe("inEcosystem"), ECOSYSTEM), (pe("operatedBy"), OPERATOR),
            (pe("launched"), f'"{1992 + 2 * number}-0{1 + number % 9}-01"{_DAY}')]  # fmt: skip
    if number:
        said.append((known("dcterms", "replaces"), thing("program", number - 1)))
    yield from _described(thing("program", number), "Program", f"Programme {number}", said)
    for tier in TIERS:
        programme = ((pe("program"), thing("program", number)),)
        yield from _described(thing("tier", number, tier), "ProgramTier", f"{tier} of programme {number}", programme)
