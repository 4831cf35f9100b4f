"""gzip for those who take it (RFC 9110, 12.5.3): whole bodies, so that Content-Length stays true."""

import gzip

from werkzeug.http import parse_accept_header

Headers = list[tuple[str, str]]
_LEAST, _MOST = 1024, 16 << 20  # bytes that are worth it, and that are kept in memory for it
COMPRESSIBLE = (
    "text/",
    "application/graphml+xml",
    "application/json",
    "application/ld+json",
    "application/n-",
    "application/problem+json",
    "application/rdf+xml",
    "application/sparql-results",
    "application/trig",
    "image/svg+xml",
)


def wanted(accept: str, headers: Headers, size: int) -> bool:
    """Whether a response with `headers` and `size` bytes goes compressed to a client that sent `accept`."""
    if not _LEAST <= size <= _MOST or "gzip" not in accept:
        return False
    given = dict(headers)
    if "Content-Encoding" in given or "Content-Range" in given:  # a part is counted in the bytes of the whole
        return False
    text = given.get("Content-Type", "").startswith(COMPRESSIBLE)
    return text and parse_accept_header(accept).quality("gzip") > 0


def compressed(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Give the body compressed and its headers: the entity tag becomes weak, since the bytes are others."""
    small = gzip.compress(body, 5, mtime=0)
    changed = {"Content-Length": str(len(small)), "Content-Encoding": "gzip"}
    kept = [(name, value) for name, value in headers if name not in changed]
    kept = [(n, f"W/{v}" if n == "ETag" and not v.startswith("W/") else v) for n, v in kept]
    if not any(name == "Vary" and "accept-encoding" in value.lower() for name, value in kept):
        kept.append(("Vary", "Accept-Encoding"))
    return [*kept, *changed.items()], small
