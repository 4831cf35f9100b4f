"""One test of the W3C, run: whether the service answers as expected, and why not."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from werkzeug.test import TestResponse

from tests.w3c import manifest
from tests.w3c.comparison import same
from tests.w3c.endpoint import Dataset, Endpoint
from tests.w3c.manifest import Entry, path_of
from tests.w3c.readers import MEDIA_TYPES, Result, Solutions, read, read_expected

NOT_PASSED: Final = Path(__file__).parent / "not_passed.toml"
CAUSES: Final = ("engine", "policy", "test")
_FROM = re.compile(r"^\s*FROM\s+(?:NAMED\s+)?(?:<([^>]*)>|(\w*):(\w*))", re.MULTILINE | re.IGNORECASE)
_PREFIX = re.compile(r"PREFIX\s+(\w*):\s*<([^>]*)>", re.IGNORECASE)
_FORMAT_TESTS = (".csv", ".tsv", ".srj")  # these say in which order the columns stand
_JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a test: `passed`, `by_value` where numbers differ in how they are written, and why not."""

    passed: bool
    by_value: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class NotPassed:
    """A test that is known not to pass: whose doing that is (see CAUSES), and the reason in a sentence."""

    id: str
    cause: str
    reason: str


def known() -> dict[str, NotPassed]:
    """Give the table of tests that do not pass, by id."""
    rows = tomllib.loads(NOT_PASSED.read_text(encoding="utf-8")).get("test", [])
    found = {row["id"]: NotPassed(**row) for row in rows}
    assert len(found) == len(rows), f"{NOT_PASSED.name} lists a test twice"
    return found


def dataset_of(entry: Entry) -> Dataset:
    """Give the dataset that `entry` asks for: its own, or, where it names none, the files of the query's FROM.

    A syntax test has no data; the graphs that its FROM names are there, empty, for others are refused.
    """
    text = path_of(entry.query).read_text(encoding="utf-8")
    prefixes = dict(_PREFIX.findall(text))
    named = [urljoin(entry.query, iri or prefixes[prefix] + name) for iri, prefix, name in _FROM.findall(text)]
    if entry.kind != manifest.EVALUATION:
        return Dataset(empty=tuple(sorted(set(named))))
    graphs = {*entry.graphs, *(iri for iri in named if path_of(iri).is_file())}
    return Dataset(entry.data, tuple(sorted(graphs)))


def judge(entry: Entry, endpoint: Endpoint) -> Verdict:
    """Send the query of `entry` and compare the answer with what the W3C expects.

    The base IRI of the tests is the query file's own; over HTTP a client says so with a BASE line before the text.
    """
    query = f"BASE <{entry.query}>\n".encode() + path_of(entry.query).read_bytes()
    if entry.kind == manifest.EVALUATION:
        return _evaluation(entry, endpoint, query)
    response = endpoint.ask(dataset_of(entry), query, "*/*")
    if entry.kind == manifest.POSITIVE:
        return Verdict(response.status_code == 200, why=_told(response))
    malformed = response.status_code == 400 and response.json["type"].endswith("/malformed-query")
    return Verdict(malformed, why=_told(response))


def _evaluation(entry: Entry, endpoint: Endpoint, query: bytes) -> Verdict:
    path = path_of(entry.result)
    expected = read_expected(path, entry.result)
    response = endpoint.ask(dataset_of(entry), query, _accept(path, expected))
    if response.status_code != 200:
        return Verdict(False, why=_told(response))
    found = read(response.data, response.content_type)
    ordered = isinstance(expected, Solutions) and (expected.indexed or _orders(query.decode()))
    if path.suffix in _FORMAT_TESTS and _columns(expected) != _columns(found):
        return Verdict(False, why=f"columns {_columns(found)}, expected {_columns(expected)}")
    if same(expected, found, ordered=ordered, lax=entry.lax):
        return Verdict(True)
    if same(expected, found, ordered=ordered, lax=entry.lax, by_value=True):
        return Verdict(True, by_value=True)
    return Verdict(False, why=f"expected {_shown(expected)}, found {_shown(found)}")


def _orders(text: str) -> bool:
    """Whether the outermost pattern of a query is ordered: its ORDER BY stands after the last brace."""
    return "ORDER BY" in text.rpartition("}")[2].upper()


def _columns(result: Result) -> tuple[str, ...]:
    return result.variables if isinstance(result, Solutions) else ()


def _accept(path: Path, expected: Result) -> str:
    """Ask for the format that the expected result is written in; result sets in RDF are asked as JSON."""
    if path.suffix in (".ttl", ".rdf") and not isinstance(expected, frozenset):
        return _JSON
    return "text/turtle" if isinstance(expected, frozenset) else MEDIA_TYPES[path.suffix]


def _told(response: TestResponse) -> str:
    if response.status_code == 200:
        return "answered 200"
    return f"{response.status_code} {response.json['type']}: {response.json['detail']}"


def _shown(result: Result) -> str:
    if isinstance(result, Solutions):
        rows = [{name: str(term) for name, term in row.items()} for row in result.rows]
        return f"{result.variables} {rows}"
    return str(result if isinstance(result, bool) else sorted(map(str, result)))
