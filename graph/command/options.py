"""Options and manners that the commands share: the data directory, progress on stderr, and tables."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from graph.progress import Progress
from graph.snapshot import DataDirectory

F = TypeVar("F", bound=Callable[..., Any])


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


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Give a Progress that draws bars on stderr, where that is a terminal, one a kind of work."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


def echo_table(header: list[str], rows: list[list[str]]) -> None:
    """Print rows for a person: aligned and fitted on a terminal, whole and tab-separated in a pipe."""
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        for row in [header, *rows]:
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    table = Table(*header, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    console.print(table)
