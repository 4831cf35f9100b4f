# ruff: noqa: E501 (a table of requests, one kind a row)
"""The kinds of hostile requests: what each sends, how many at once, and which statuses are its documented ones.

The statuses are those of the design's table; 200 stands where a request is only odd and the whole answer is right.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.clients import CLOSED, Client, drip, get, leave, path, pipelined, post, raw, stall

TIMEOUT: Final = 3.0  # seconds: the deadline that the service is started with
SLACK: Final = 0.5  # seconds past it in which the answer must be there
BODY: Final = 10.0  # seconds in which a body must arrive
HEAD: Final = 30.0  # and a request's head
MANY: Final = 200

_X = "<http://x.example/x>"
_ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_QUERY = "Content-Type: application/sparql-query\r\n"
_LARGE = "CONSTRUCT WHERE { ?s ?p ?o }"


@dataclass(frozen=True, slots=True)
class Attack:
    """A kind: `clients` of it at once, the statuses documented for it, and the seconds in which it gets one."""

    name: str
    statuses: tuple[int, ...]
    clients: tuple[Client, ...]
    at_once: int = 4
    within: float = TIMEOUT + SLACK


def attack(name: str, statuses: int | tuple[int, ...], *clients: Client, at_once: int = 4,
           within: float = TIMEOUT + SLACK) -> Attack:  # fmt: skip
    """Give a kind; more clients than one take turns."""
    return Attack(name, (statuses,) if isinstance(statuses, int) else statuses, clients, at_once, within)


def _grown(expression: str, start: str, times: int) -> str:
    steps = " ".join(f"BIND({expression.replace('X', f'?v{i}')} AS ?v{i + 1})" for i in range(times))
    return f'SELECT (STRLEN(?v{times}) AS ?n) {{ BIND("{start}" AS ?v0) {steps} }}'


def _wide(word: str, times: int) -> str:
    return f"ASK {{ {f' {word} '.join(['{ ?s ?p ?o }'] * times)} }}"


def _body(size: int, head: bytes = b"ASK { ?s ?p '", fill: bytes = b"x", tail: bytes = b"' }") -> Callable[[], bytes]:
    return lambda: head + fill * (size // len(fill)) + tail


def _values(rows: int) -> Callable[[], bytes]:
    return lambda: f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {' '.join(map(str, range(rows)))} }} }}".encode()


_SERVICES = (
    "SELECT * { SERVICE <CANARY> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <CANARY> { ?s ?p ?o } }",
    "SELECT * { service\n#c\n<CANARY>{ ?s ?p ?o } }",
    "SELECT * { VALUES ?x { <CANARY> } SERVICE ?x { ?s ?p ?o } }",
    "PREFIX c: <CANARY> SELECT * { { SELECT * { OPTIONAL { SERVICEc: { ?s ?p ?o } } } } }",
    "SELECT * { ?s ?p trueSERVICE<CANARY>{ ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE <CANARY> { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { { SERVICE SILENT <CANARY> { ?s ?p ?o } } UNION {} } }",
    "SELECT * { FILTER(1<2)SERVICE<CANARY>{ ?s ?p '>' } }",
    "CONSTRUCT { ?s ?p ?o } { SeRvIcE <CANARY> { ?s ?p ?o } }",
)
_REMOTE = ("SELECT * FROM <CANARY> { ?s ?p ?o }", "SELECT * FROM NAMED <CANARY> { GRAPH ?g { ?s ?p ?o } }",
           "PREFIX c: <CANARY> ASK FROM c: {}", "ASK FROM <file:///etc/passwd> { ?s ?p ?o }",
           "SELECT * FROM NAMED <file:///proc/self/environ> FROM <CANARY> { ?s ?p ?o }")  # fmt: skip
_JSONLD = b'{"@context": "CANARY", "@id": "http://x.example/x"}'
_ENTITIES = b'<!DOCTYPE x [<!ENTITY a SYSTEM "CANARY">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
_PASSWD = b"root:x:0"

ATTACKS: Final = (
    attack("cross product, counted", 503, get(f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}")),
    attack("cross product without LIMIT", 503, get(f"SELECT * {{ {_ALL} }}")),
    attack("cross product, each another", 503, *(get(f"SELECT ?a{i} {{ {_ALL} . ?a{i} ?b{i} ?c{i} FILTER(?a != {i}) }}")
                                                  for i in range(20))),
    attack("path (!<x>)*", 503, get(f"SELECT (COUNT(*) AS ?n) {{ ?a (!{_X})* ?b . ?b (!{_X})* ?c }}")),
    attack("paths nested 300 deep", (200, 503), get(f"ASK {{ ?a {'(' * 300}!{_X}{')*' * 300} {_X} }}")),
    attack("path of 3,000 steps", (200, 400, 503), post(f"ASK {{ ?a {'/'.join([f'(!{_X})'] * 3000)} ?b }}")),
    attack("ORDER BY of a cross product", 503, get(f"SELECT ?a {{ {_ALL} }} ORDER BY STR(?i) ?a LIMIT 1")),
    attack("GROUP_CONCAT of a cross product", 503, get(f"SELECT (GROUP_CONCAT(STR(?i)) AS ?x) {{ {_ALL} }}")),
    attack("DISTINCT of a cross product", 503, get(f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {_ALL} "
                                                   "BIND(CONCAT(STR(?a), STR(?f), STR(?i)) AS ?x) }")),
    attack("REGEX (a+)+ over a cross product", 503, get('SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f '
                                                        'FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "^(([a-z ])+.)+[A-Z]$")) }')),
    attack("REGEX ((a{99}){99}){99}", (200, 503), get('SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER(REGEX(STR(?c), '
                                                      '"((a{99}){99}){99}")) }')),
    attack("REPLACE that grows", 503, get(_grown('REPLACE(X, "a", "aaaaaaaa")', "aaaa", 12))),
    attack("CONCAT that doubles", 503, get(_grown("CONCAT(X, X)", "0123456789abcdef", 40))),
    attack("VALUES of 30,000 rows", 200, post(_values(30_000))),
    attack("VALUES of 140,000 rows", (200, 503), post(_values(140_000))),
    attack("5,000 braces deep", 400, post(f"ASK {'{' * 5000}{'}' * 5000}")),
    attack("5,000 parentheses deep", 400, post(f"ASK {{ FILTER({'(' * 5000}1{')' * 5000}) }}")),
    attack("5,000 times !", 400, post(f"ASK {{ FILTER({'!' * 5000}true) }}")),
    attack("6,000 UNION", 400, post(_wide("UNION", 6000))),
    attack("6,000 &&", 400, post(f"ASK {{ FILTER({' && '.join(['?x'] * 6000)}) }}")),
    attack("2,000 unknown functions", (200, 503), post("SELECT * { " + " ".join(
        f"BIND(<http://x.example/{i}>(1) AS ?v{i})" for i in range(2000)) + " }")),
    attack("900 KiB of tokens", (400, 503), post(_body(900_000, b"SELECT * { ?s ?p ", b"1 ", b"}"))),
    attack("900 KiB of open quotes", (400, 503), post(_body(900_000, b"SELECT * { ?s ?p ", b"'", b"}"))),
    attack("10 MB query", 413, post(_body(10_000_000))),
    attack("50 MB body", 413, post(_body(50_000_000), "application/x-www-form-urlencoded")),
    attack("50 MB chunked", 413, raw(
        b"POST ENDPOINT HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"100000\r\n" + b" " * (1 << 20) + b"\r\n"] * 50, b"0\r\n\r\n")),
    attack("body as a gzip bomb", (400, 413, 415), post(lambda: gzip.compress(b" " * 50_000_000),
                                                        headers="Content-Encoding: gzip\r\n")),
    attack("URL of 300 kB", (200, 400, 414, 431), get("ASK { ?s ?p '" + "x" * 300_000 + "' }")),
    attack("invalid UTF-8", 400, post(lambda: b"ASK { ?s ?p '\xff\xfe' }"), path("GET", "ENDPOINT?query=ASK%7B%FF%7D")),
    attack("NUL", 400, post("ASK { ?s \0 ?o }"), get("SELECT\0 * { ?s ?p ?o }"), raw(b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n")),
    attack("slow heads", CLOSED, drip(b"GET ENDPOINT?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nX: ", 1.0), at_once=MANY,
           within=HEAD + 2),
    attack("slow bodies", (408, 503), drip(b"POST ENDPOINT HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n"
                                           + _QUERY.encode() + b"\r\nASK", 1.0), at_once=MANY, within=BODY + 2),
    attack("slow readers of 10 MB", (200, 503), stall(_LARGE, 5.0), at_once=60, within=5 + 2 * TIMEOUT),
    attack("leaving in the middle of 10 MB", (200, 503), leave(_LARGE, 65536), at_once=8),
    attack("leaving at once", 200, leave(f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}", 0), at_once=8),
    attack("200 clients, heavy queries", 503, *(get(f"SELECT ?a{i} {{ {_ALL} FILTER(?a != {i}) }}") for i in range(MANY)),
           at_once=MANY),
    attack("200 clients, one heavy query", 503, get(f"SELECT (COUNT(*) AS ?m) {{ {_ALL} }}"), at_once=MANY),
    attack("200 clients, large answers", (200, 503), get(_LARGE, headers="Accept: text/turtle\r\n"), at_once=MANY),
    attack("deadline of 1 ms asked for", (200, 503), get(f"SELECT * {{ {_ALL} }}", "&timeout=0.001")),
    attack("DESCRIBE of everything", (200, 503), get("DESCRIBE ?s { ?s ?p ?o }", headers="Accept: application/rdf+xml\r\n")),
    attack("SERVICE in ten disguises", (400, 403), *map(get, _SERVICES)),
    attack("LOAD", 403, get("LOAD <CANARY>"), post("LOAD <CANARY>", "application/sparql-update"),
           path("POST", "ENDPOINT", "Content-Type: application/x-www-form-urlencoded\r\n", b"update=LOAD+%3CCANARY%3E")),
    attack("FROM of another place", 403, *map(get, _REMOTE), get("ASK {}", "&default-graph-uri=CANARY"),
           get("ASK {}", "&named-graph-uri=CANARY")),
    attack("JSON-LD with a remote context", 403, path("PUT", "/graphs?default", "Content-Type: application/ld+json\r\n", _JSONLD),
           path("POST", "/graphs?graph=CANARY", "Content-Type: application/ld+json\r\n", _JSONLD)),
    attack("RDF/XML with entities", 403, path("PUT", "/graphs?default", "Content-Type: application/rdf+xml\r\n", _ENTITIES)),
    attack("header injection", (400, 404, 406),
           path("GET", "ENDPOINT?query=ASK%7B%7D&format=csv%0D%0ASet-Cookie:%20a=b", forbidden=b"set-cookie: a"),
           path("GET", "/id/category/x%0D%0ASet-Cookie:%20a=b", forbidden=b"set-cookie: a")),
    attack("path traversal", (308, 400, 404), *(path("GET", where, forbidden=_PASSWD) for where in (
        "/static/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/export/..%2F..%2F..%2Fetc%2Fpasswd", "/snapshot/..%2F..%2F..%2F..%2Fetc/passwd",
        "/graph/..%5C..%5Cetc%5Cpasswd", "//etc/passwd", "/static//etc/passwd"))),
    attack("wrong methods", 405, *(path(method, "ENDPOINT?query=ASK%7B%7D") for method in
                                   ("DELETE", "PATCH", "PUT", "TRACE", "BREW"))),
    attack("garbage instead of HTTP", (400, 431, CLOSED), raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n"),
           raw(b"GET\r\n\r\n"), raw(b"A" * 500_000 + b"\r\n\r\n")),
    attack("length and chunked at once", (200, 400), raw(
        b"POST ENDPOINT HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n")),
    attack("100 requests in one piece", 200, pipelined("ASK {}", 100)),
    attack("5,000 headers", (400, 431, CLOSED), path("GET", "ENDPOINT?query=ASK%7B%7D", "".join(f"X-{i}: y\r\n" for i in range(5000)))),
    attack("header of 1 MB", (400, 431, CLOSED), path("GET", "ENDPOINT?query=ASK%7B%7D", f"X: {'y' * 1_000_000}\r\n")),
    attack("Accept of 20,000 types", 431, get("ASK {}", headers=f"Accept: {', '.join(['a/b;q=0.1'] * 20_000)}\r\n")),
)  # fmt: skip
