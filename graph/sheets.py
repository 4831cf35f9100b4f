"""Tables as CSV (RFC 4180) that a spreadsheet opens as it is: with a byte order mark, so that accents survive.

A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a return) gets an apostrophe
before it, unless it is a number: text of strangers must not run on a reader's machine.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from graph.spool import Document, spooled

JOINT: Final = " | "  # between the values of one cell
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def sheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Document:
    """Give a table with a header line as CSV."""
    return Document(b"", spooled(_lines(header, rows)))


def safe(cell: str) -> str:
    """Give `cell` as a spreadsheet may have it: text, never a formula."""
    return "'" + cell if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "\ufeff"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in itertools.chain((header,), rows):
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()

