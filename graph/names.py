"""The names of the project: namespaces, the prefix table, and how an IRI of ours is made and taken apart."""

import re
from functools import lru_cache
from typing import Final

from anyascii import anyascii

BASE: Final = "https://w3id.org/partner-ecosystem/"
ONTOLOGY: Final = BASE + "ontology#"
THING: Final = BASE + "id/"
GRAPH: Final = BASE + "graph/"
FUNCTION: Final = BASE + "function#"
SHAPE: Final = BASE + "shape#"

KINDS: Final = frozenset(
    "organization category program tier product solution location participation relationship observation "
    "investment incentive metric source ecosystem scheme concept role region event network community change "
    "period person".split()
)

PREFIXES: Final[dict[str, str]] = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pe": ONTOLOGY,
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KIND_AND_SLUG: Final = re.escape(THING) + r"(?P<kind>[a-z]+)/(?P<slug>" + _SLUG.pattern + ")"  # of a thing's IRI
_THING = re.compile(KIND_AND_SLUG)
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@lru_cache(maxsize=65536)
def slug(*parts: str) -> str:
    """Give the slug of `parts`: each transliterated (anyascii), lower-cased, other characters than a-z 0-9 as `-`.

    Idempotent. Raises ValueError where a part leaves nothing (an empty or purely symbolic name).
    """
    slugs = [_NOT_SLUG.sub("-", anyascii(part).lower()).strip("-") for part in parts]
    if not slugs or not all(slugs):
        raise ValueError(f"no slug can be made of {parts!r}")
    return "-".join(slugs)


def is_slug(text: str) -> bool:
    """Whether `text` is a slug already, as `slug` would leave it."""
    return _SLUG.fullmatch(text) is not None


def thing(kind: str, *parts: str) -> str:
    """Give the IRI of the thing of `kind` whose slug is made of `parts`; ValueError for a kind not in KINDS."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of thing; the kinds are {', '.join(sorted(KINDS))}")
    return f"{THING}{kind}/{slug(*parts)}"


def graph_iri(source: str) -> str:
    """Give the IRI of the named graph of the source with this slug."""
    return GRAPH + slug(source)


def kind_and_slug(iri: str) -> tuple[str, str] | None:
    """Take a thing's IRI apart into kind and slug; None where `iri` is no thing of ours."""
    match = _THING.fullmatch(iri)
    return (match["kind"], match["slug"]) if match and match["kind"] in KINDS else None


def term_of(name: str) -> str:
    """Give the IRI that `name` stands for: `prefix:local` by the prefix table, or `kind/slug` for a thing.

    Raises ValueError where it is neither.
    """
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    kind, slash, rest = name.partition("/")
    if slash and kind in KINDS and is_slug(rest):
        return THING + name
    raise ValueError(f"{name!r} is neither prefix:name of a known prefix nor kind/slug")


def curie(iri: str) -> str | None:
    """Give the `prefix:local` form of `iri` by the prefix table, or None where it has none."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return None
