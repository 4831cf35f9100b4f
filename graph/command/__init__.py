"""The command line. Each command is an entry point of its own, so that rooms that `graph` must not know add theirs.

Exit codes: 0 fine; 1 the data does not conform, or no result where one was asked for; 2 usage; 3 could not run;
130 interrupted. A reader of a pipe that goes away ends a command silently, with 0.
"""

import os
import sys
from importlib.metadata import entry_points
from typing import Any, NoReturn

import click

from graph.errors import Foreseen

GROUP = "partnergraph.commands"
NOT_CONFORM = 1
COULD_NOT_RUN = 3
INTERRUPTED = 130
_ORDER = (
    "serve build load import propose sources validate query ask search describe why export analyse "
    "log diff revert prune verify backup restore"
).split()


class Failed(Foreseen):
    """A command cannot do what was asked, for a reason that its user can see to."""


class NothingFound(Foreseen):
    """There is no result where one was asked for."""

    exit_code = NOT_CONFORM


class Named(click.Group):
    """Commands by name; for a name that is none of theirs it suggests those near it, else says what lists them."""

    noun, listed_by = "command", "partnergraph --help"

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; UsageError where there is none."""
        name = args[0]
        if name[:1] != "-" and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx))
            rest = f"near it: {', '.join(near)}" if near else f"{self.listed_by!r} lists them"
            raise click.UsageError(f"No such {self.noun} {name!r}; {rest}", ctx)
        return super().resolve_command(ctx, args)


class Commands(Named):
    """Finds each command among the entry points and loads only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the commands, the first needed first."""
        names = entry_points(group=GROUP).names
        return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else 99, name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command called `cmd_name`, or give None."""
        found = next(iter(entry_points(group=GROUP, name=cmd_name)), None)
        return found.load() if found is not None else None

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line's head; `--help` into a pipe that nobody reads is no error."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            _discard()
            raise click.exceptions.Exit(0) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises on purpose becomes one clear line on stderr."""
        try:
            return super().invoke(ctx)
        except Foreseen as error:
            for line in error.lines():
                click.echo(line, err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _discard()
            ctx.exit(0)
        except OSError as error:
            _complain(error)
            ctx.exit(COULD_NOT_RUN)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(package_name="partnergraph")
def cli() -> None:
    """A knowledge graph of a partner ecosystem: build it, serve it, ask it.

    \b
    partnergraph serve                                 the whole thing, on http://127.0.0.1:8000
    partnergraph query -e 'SELECT * { ?s ?p ?o } LIMIT 5'
    partnergraph search equinix
    partnergraph export -o turtle/                     one Turtle file a source

    The graph lies in --data-dir (PARTNERGRAPH_DATA_DIR), by default in your user data folder.

    A table is aligned on a terminal, or, where that is too narrow for its words, a block of 'heading: value' lines a
    row; in a pipe it is tab-separated.

    Exit codes: 0 fine; 1 the data does not conform, or no result where one was asked for; 2 usage; 3 could not run.
    """


def main() -> NoReturn:
    """Run the command line: the console script's entry point."""
    try:
        code = cli.main(standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        _discard()
        code = 0
    except OSError as error:
        _complain(error)
        code = COULD_NOT_RUN
    sys.exit(code)


def _complain(error: OSError) -> None:
    _discard()
    place = f"{error.filename}: " if error.filename is not None else ""
    click.echo(f"Error: {place}{error.strerror or error}", err=True)


def _discard() -> None:
    """Send to nowhere what standard output still holds, where it cannot take it, so that no flush complains later."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
