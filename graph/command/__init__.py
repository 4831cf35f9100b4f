"""The command line. Each command is an entry point of its own, so that rooms that `graph` must not know add theirs.

Exit codes: 0 fine; 1 the data does not conform, or no result where one was asked for; 2 usage; 3 could not run.
"""

import sys
from importlib.metadata import entry_points
from typing import Any

import click

from graph.errors import Foreseen

GROUP = "partnergraph.commands"
NOT_CONFORM = 1
COULD_NOT_RUN = 3
_ORDER = "serve build load import validate query search describe why export analyse".split()


class Commands(click.Group):
    """Finds each command among the entry points and loads only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the commands, the first needed first."""
        names = entry_points(group=GROUP).names
        return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else 99, name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command called `cmd_name`, or give None."""
        found = next(iter(entry_points(group=GROUP, name=cmd_name)), None)
        return found.load() if found is not None else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises on purpose becomes one clear line on stderr."""
        try:
            return super().invoke(ctx)
        except Foreseen as error:
            for line in error.lines():
                click.echo(line, err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            raise
        except OSError as error:
            click.echo(f"Error: {error}", err=True)
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
    """


def main() -> None:
    """Run the command line: the console script's entry point."""
    try:
        cli()
    except BrokenPipeError:  # the reader of a pipe has gone: not an error, and nothing more to say
        sys.stderr.close()
        sys.exit(0)
