"""Documents packed by gzip (RFC 1952) or zstd (RFC 8878) as they come: the same bytes for the same document."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from zstandard import ZstdCompressor

SUFFIXES: Final = {".gz": "gzip", ".zst": "zstd"}
_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's sign for gzip's frame, whose head then has neither time nor name
_PACKERS: Final[dict[str, Callable[[], Any]]] = {
    "gzip": lambda: zlib.compressobj(5, wbits=_GZIP),
    # It packs beside the thread that writes. Any number of threads but none gives the same bytes.
    "zstd": lambda: ZstdCompressor(threads=1).compressobj(),
}


def packed(document: Iterable[bytes], packing: str | None) -> Iterator[bytes]:
    """Give the chunks of `document` packed as a value of SUFFIXES says; None leaves them as they are."""
    if packing is None:
        yield from document
        return
    packer = _PACKERS[packing]()
    for chunk in document:
        yield packer.compress(chunk)
    yield packer.flush()


def unpacked_name(path: Path) -> tuple[Path, str | None]:
    """Give the name of a file without the suffix of a packing, and that packing (None: it has none)."""
    packing = SUFFIXES.get(path.suffix)
    return (path.with_suffix(""), packing) if packing else (path, None)
