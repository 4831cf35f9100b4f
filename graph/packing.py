"""Documents packed by gzip (RFC 1952) or zstd (RFC 8878) as they come: the same bytes for the same document."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final

from zstandard import ZstdCompressor

SUFFIXES: Final = {".gz": "gzip", ".zst": "zstd"}
_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's sign for gzip's frame, whose head then has neither time nor name
_LEVEL: Final = 5
_WORKERS: Final = 1  # of zstd, beside the thread that writes; any number but none gives the same bytes


def packed(document: Iterable[bytes], packing: str | None) -> Iterator[bytes]:
    """Give the chunks of `document` packed as a value of SUFFIXES says; None leaves them as they are."""
    if packing is None:
        yield from document
        return
    # Two libraries, one interface.
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP) if packing == "gzip" else ZstdCompressor(threads=_WORKERS).compressobj()
    for chunk in document:
        yield packer.compress(chunk)
    yield packer.flush()


def unpacked_name(path: PurePath) -> tuple[PurePath, str | None]:
    """Give the name of a file without the suffix of a packing, and that packing (None: it has none)."""
    packing = SUFFIXES.get(path.suffix)
    return (path.with_suffix(""), packing) if packing else (path, None)
