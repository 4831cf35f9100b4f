"""`partnergraph serve`: build where needed, then serve."""

import multiprocessing
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from graph.command import Failed
from graph.command.making import ensure
from graph.command.options import FILE, data_option
from graph.snapshot import DataDirectory
from server.federation import pinned
from server.settings import ENVIRONMENT, SETTINGS, Settings, parse


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTINGS):

        def read(_: click.Context, parameter: click.Parameter, text: Any, setting: Any = setting) -> Any:
            try:
                return parse(setting, " ".join(text) if setting.many else str(text))
            except ValueError as error:
                raise click.BadParameter(str(error).partition(": ")[2]) from error

        command = click.option(
            f"--{setting.name.replace('_', '-')}", setting.name, default=() if setting.many else str(setting.default),
            multiple=setting.many, show_default=not setting.many, envvar=ENVIRONMENT + setting.name.upper(),
            show_envvar=True, callback=read, help=setting.help,
        )(command)  # fmt: skip
    return command


@click.command(short_help="Serve the graph: SPARQL, pages, exports.")
@click.option("--bare", is_flag=True, help="Serve an empty, writable store of any RDF instead.")
@click.option("--shapes", type=FILE, help="Shapes, in Turtle, that every change of a --bare store must conform to.")
@data_option
@_settings
def serve(data: DataDirectory, bare: bool, shapes: Path | None, **settings: Any) -> None:
    """Serve the graph: SPARQL, pages, exports. Builds it first where that was not done yet.

    With --bare, an empty store is served, in which any RDF may be written: its default graph is a graph like the
    others, and nothing of ours is in it. Where no token is set, one is made and kept in the data directory.

    \b
    partnergraph serve
    partnergraph serve --port 8080 --timeout 30
    partnergraph serve --bare --data-dir my-store/
    """
    from server.serve import serve as run
    from server.sparql import EDITOR

    try:
        settings["service"] = pinned(settings["service"])
    except ValueError as error:
        raise Failed(f"--service: {error}") from error
    if shapes is not None and not bare:
        raise click.UsageError("--shapes is for a --bare store; the graph has its own")
    if bare:
        from graph.bare import ensure_bare
        from server.tokens import own_tokens

        ensure_bare(data, shapes)
        settings["token_file"] = own_tokens(data.path, settings["token_file"], click.echo)
    refuse_unusable(settings["token_file"], settings["log"])
    given = Settings(data_dir=data.path, **{**settings, "host": address(settings["host"], settings["port"])})
    live = data.current() if bare else ensure(data)
    host = f"[{given.host}]" if ":" in given.host else given.host
    click.echo(f"serving {live.manifest.triples} triples at http://{host}:{given.port}/  (Ctrl-C ends it)")
    if not EDITOR.is_file():
        click.echo("without the query editor: npm could not be reached when this was installed; a plain form is there")
    if live.manifest.origin == "facts":
        from graph.build import analyse_later
        from graph.engine.process import interrupts_held

        click.echo("the networks are being measured; the results follow in a few seconds, as the next version")
        # A daemon: it ends with the service, at once and in silence, and the next start begins it again.
        with interrupts_held():
            multiprocessing.get_context("spawn").Process(target=analyse_later, args=(data.path,), daemon=True).start()
    run(given)


def refuse_unusable(token_file: str, log: str) -> None:
    """Raise TokenError or Failed where the tokens cannot be read, or the log not written: the service would not start.

    It is another process, which is started again where it ends, and could say so only after "serving".
    """
    from server.tokens import read_tokens

    read_tokens(token_file)
    if log not in ("", "-"):
        try:
            Path(log).open("a", encoding="utf-8").close()
        except OSError as error:
            raise Failed(f"--log {log}: {error.strerror or error}") from error


def address(host: str, port: int) -> str:
    """Give the address that `host` means; Failed where nothing can listen there, before a graph is built for it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, place = min(found, key=lambda row: row[0] != socket.AF_INET)
        socket.create_server((str(place[0]), port), family=family).close()
    except OSError as error:
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise Failed(f"cannot listen at {host}:{port}: {why}; see --host and --port") from error
    return str(place[0])
