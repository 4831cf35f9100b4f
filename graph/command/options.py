"""Options and manners that the commands share: the data directory, progress on stderr, and tables."""

import csv
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from graph.progress import Progress, silent
from graph.snapshot import DataDirectory
from graph.terms import read_iri

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])

ROWS = ("table", "json", "csv", "tsv")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def default_data_dir() -> Path:
    """Give where the graph lies unless told: the user's data folder (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "partnergraph"


def data_option(command: F) -> F:
    """Add `--data-dir`, given to the command as a DataDirectory called `data`."""

    def opened(_: click.Context, __: click.Parameter, path: Path) -> DataDirectory:
        return DataDirectory(path)

    return click.option(
        "--data-dir", "data", type=click.Path(file_okay=False, path_type=Path), envvar="PARTNERGRAPH_DATA_DIR",
        default=default_data_dir, callback=opened, show_envvar=True, help="Where the graph lies.",
    )(command)  # fmt: skip


def iri(text: str) -> str:
    """Give the IRI that a person writes whole, as `kind/slug` or as `prefix:name`: a type of arguments and options."""
    try:
        return read_iri(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


class _Interrupts:
    """Remembers a Ctrl-C: the engine forgets one that comes while it calls a mapping's function, and goes on without
    the statement that the function was for.
    """

    def __init__(self) -> None:
        self.seen = False

    def handle(self, *_: object) -> None:
        """Interrupt what runs: the signal's handler."""
        self.seen = True
        raise KeyboardInterrupt

    @contextmanager
    def remembered(self) -> Iterator[None]:
        """Handle interrupts within, where they are handled in the usual way at all."""
        usual = signal.getsignal(signal.SIGINT)
        if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
            yield
            return
        signal.signal(signal.SIGINT, self.handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, usual)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Give a Progress that draws bars on stderr, where that is a terminal, one a kind of work.

    It raises KeyboardInterrupt after a Ctrl-C that got lost in the work.
    """
    interrupts = _Interrupts()
    with interrupts.remembered(), _bars() as bars:

        def tell(what: str, done: int, total: int | None) -> None:
            if interrupts.seen:
                raise KeyboardInterrupt
            bars(what, done, total)

        yield tell


@contextmanager
def _bars() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


def echo_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows for a person: fitted on a terminal, whole and tab-separated in a pipe.

    On a terminal they are a table, or where that would break words a block of `heading: value` lines a row.
    """
    lines = [[one_line(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        click.echo("\n".join("\t".join(line) for line in [header, *lines]))
        return
    from rich.console import Console

    console = Console()
    widths = _widths([header, *lines], console.width)
    if widths is None:
        _print_blocks(console, header, lines)
    else:
        _print_table(console, header, lines, widths)


def _widths(lines: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Give the width of each column of a table in `room`, none narrower than its longest word; None where they do not
    fit.
    """
    columns = list(zip(*lines, strict=True))
    widths = [max(map(_longest_word, column)) for column in columns]
    full = [max(map(_wide, column)) for column in columns]
    text = [sum(map(_wide, column)) for column in columns]
    spare = room - sum(widths) - 2 * len(columns)
    if spare < 0:
        return None
    for _ in range(min(spare, sum(full) - sum(widths))):  # to the one with the most text for its width: few lines fold
        wanting = (n for n, width in enumerate(widths) if width < full[n])
        widths[max(wanting, key=lambda n: text[n] / widths[n])] += 1
    return widths


def _print_table(
    console: "Console", header: Sequence[str], lines: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for name, width in zip(header, widths, strict=True):
        table.add_column(name, width=width, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))  # a text: what is markup to rich stays as it is
    console.print(table)


def _print_blocks(console: "Console", header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print `heading: value` lines; a word is folded only where it alone is wider than the screen."""
    from rich.text import Text

    if not lines:
        console.print(Text("  ".join(header), "bold"))
    for number, line in enumerate(lines):
        if number:
            console.print()
        for name, cell in zip(header, line, strict=True):
            indent = 2 if _longest_word(cell) <= console.width - 2 else 0
            told = Text.assemble((f"{name}:", "bold"), f" {cell}" if cell else "")
            parts = told.wrap(console, max(1, console.width - indent), overflow="fold")
            for part in parts:
                part.rstrip()
            console.print(Text("\n" + " " * indent).join(parts), soft_wrap=True)


def _longest_word(cell: str) -> int:
    return max(map(_wide, cell.split()), default=0)


def _wide(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)


def echo_heading(*parts: str, err: bool = False) -> None:
    """Print what is to stand above a table on a terminal, its words whole; nothing where the table goes into a pipe."""
    if not sys.stdout.isatty():
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=err)
    console.print(Text("  ".join(map(one_line, parts))), soft_wrap=not console.is_terminal)


def echo_rows(header: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> None:
    """Print rows in the format called `name`, one of ROWS."""
    if name == "table":
        echo_table(header, rows)
    else:
        click.echo(rows_text(header, rows, name), nl=False)


def rows_text(header: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> str:
    """Give rows as a JSON list of objects, as CSV, or (for any other `name`) as TSV."""
    if name == "json":
        return json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False, indent=2) + "\n"
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter="," if name == "csv" else "\t", lineterminator="\n")
    table.writerows([header, *rows])
    return buffer.getvalue()


def leave(code: int) -> NoReturn:
    """End the command with this exit code."""
    raise click.exceptions.Exit(code)


def one_line(cell: str) -> str:
    """Give `cell` as one line that a terminal prints: it is data of anyone's.

    A line break would end the row, an escape sequence would command the terminal.
    """
    line = " ".join(cell.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else "�" for c in line)
