"""What the W3C's manifests list: one Entry a test, and why some are no test of this service.

Format of the manifests: https://www.w3.org/2001/sw/DataAccess/tests/README.html
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urldefrag

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple, parse

VARIABLE: Final = "W3C_TESTS"
HOME: Final = Path(__file__).parent.parent.parent
PUBLISHED: Final = "https://w3c.github.io/rdf-tests/sparql/"  # where the W3C serves the files; their base IRI
SPECIFICATIONS: Final = ("sparql10", "sparql11")
MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"

EVALUATION: Final = "evaluation"
POSITIVE: Final = "positive syntax"
NEGATIVE: Final = "negative syntax"
_KINDS: Final = {
    "QueryEvaluationTest": EVALUATION,
    "CSVResultFormatTest": EVALUATION,
    "PositiveSyntaxTest": POSITIVE,
    "PositiveSyntaxTest11": POSITIVE,
    "NegativeSyntaxTest": NEGATIVE,
    "NegativeSyntaxTest11": NEGATIVE,
}
UPDATE: Final = "an update: see `tests/test_w3c_updates.py`, over HTTP to a bare store"
OURS: Final = "not in the W3C data at hand; see `tests/test_protocol.py` and `tests/test_w3c_protocol.py`"
ABSENT: Final = {
    "entailment": "entailment regimes: this service answers by simple entailment and says so",
    "service": "federation: SERVICE is refused by name",
    "syntax-fed": "federation: SERVICE is refused by name",
    "protocol": OURS,
    "graph-store-protocol": OURS,
    "service-description": OURS,
}

Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Entry:
    """One test: its `id` (folder and fragment), its kind, and its files by the IRIs that the W3C gives them.

    `out_of_scope` says why it is not run, "" where it is. `lax` allows an answer to drop duplicates (REDUCED).
    """

    id: str
    suite: str
    kind: str
    name: str
    query: str
    data: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    result: str = ""
    lax: bool = False
    out_of_scope: str = ""


def root() -> Path:
    """Give the folder of the W3C's SPARQL tests, whether or not it is there."""
    return Path(os.environ.get(VARIABLE) or HOME.parent / "shared" / "w3c") / "sparql"


def absence() -> str:
    """Say why the tests cannot run, or "" where they can."""
    if root().is_dir():
        return ""
    return f"no W3C tests at {root().parent}: set {VARIABLE} to a checkout of them"


def path_of(iri: str) -> Path:
    """Give the local file of a published one."""
    return root() / iri.removeprefix(PUBLISHED)


def iri_of(path: Path) -> str:
    """Give the IRI under which the W3C publishes a local file."""
    return PUBLISHED + path.relative_to(root()).as_posix()


def entries() -> list[Entry]:
    """Give every test of the manifests that the two specifications' own manifests include, in their order.

    A manifest that is included and not there stands as one entry, out of scope, which names the folder.
    """
    return [entry for name in SPECIFICATIONS for entry in _of_specification(root() / name)]


def _of_specification(folder: Path) -> Iterator[Entry]:
    top = _read(folder / ("manifest-all.ttl" if folder.name == "sparql11" else "manifest.ttl"))
    listed = [_text(iri) for iri in _list(top, _only(top, None, MF + "include"))]
    for path in sorted(folder.glob("*/manifest.ttl")):  # one that nobody includes is not lost
        if iri_of(path) not in listed:
            listed.append(iri_of(path))
    for iri in listed:
        suite = iri.removeprefix(PUBLISHED).removesuffix("/manifest.ttl")
        if path_of(iri).is_file():
            yield from _of_manifest(path_of(iri), suite)
        else:
            reason = ABSENT.get(suite.partition("/")[2], "not in the W3C data at hand")
            yield Entry(f"{suite}/*", suite, "folder", "the whole folder", "", out_of_scope=reason)


def _of_manifest(path: Path, suite: str) -> Iterator[Entry]:
    store = _read(path)
    for test in _list(store, _only(store, None, MF + "entries")):
        yield _entry(store, test, suite)


def _entry(store: Store, test: Subject, suite: str) -> Entry:
    kind = _text(_only(store, test, _RDF + "type")).removeprefix(MF)
    name = _text(_only(store, test, MF + "name"))
    identity = f"{suite}/{urldefrag(_text(test)).fragment}"
    action = _only(store, test, MF + "action")
    query = _text(action) if isinstance(action, NamedNode) else _text(_only(store, action, QT + "query"))
    if kind not in _KINDS or query.endswith(".ru"):
        return Entry(identity, suite, kind, name, query, out_of_scope=UPDATE)
    return Entry(
        identity, suite, _KINDS[kind], name, query,
        data=_texts(store, action, QT + "data"),
        graphs=_texts(store, action, QT + "graphData"),
        result=_text(_only(store, test, MF + "result")),
        lax=bool(_texts(store, test, MF + "resultCardinality")),
    )  # fmt: skip


def _read(path: Path) -> Store:
    store = Store()
    store.extend(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=iri_of(path)))
    return store


def _objects(store: Store, subject: Term | None, predicate: str) -> list[Term]:
    if isinstance(subject, Literal):
        return []
    return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(predicate), None, None)]


def _only(store: Store, subject: Term | None, predicate: str) -> Term | None:
    return next(iter(_objects(store, subject, predicate)), None)


def _texts(store: Store, subject: Term | None, predicate: str) -> tuple[str, ...]:
    return tuple(sorted(_text(term) for term in _objects(store, subject, predicate)))


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""


def _list(store: Store, head: Term | None) -> Iterator[Subject]:
    while head is not None and _text(head) != _RDF + "nil":
        first = _only(store, head, _RDF + "first")
        assert isinstance(first, NamedNode), "a manifest lists tests by IRI"
        yield first
        head = _only(store, head, _RDF + "rest")
