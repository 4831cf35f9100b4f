"""`analyse`: networks, what they measure and how they are built, who depends on whom, and how two are tied."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.command import NothingFound, analyses
from graph.command.options import ROWS, data_option, echo_rows, iri, progress_bars, rows_text
from graph.command.writing import save
from graph.snapshot import DataDirectory

if TYPE_CHECKING:
    from graph.snapshot import Snapshot

_SUFFIXES = {".json": "json", ".csv": "csv", ".tsv": "tsv", ".graphml": "graphml", ".gexf": "gexf", ".svg": "svg"}
_NETWORK_FORMATS = {"graphml": "graphml", "gexf": "gexf", "node-link": "json", "edges": "csv", "svg": "svg"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for; one of it at most, besides a network."""

    network: str | None
    measure: str | None
    ends: tuple[str, str] | None
    count: int
    single_points: bool
    without: str | None
    like: str | None
    white_space: bool
    check: bool
    publish: bool

    def refuse(self, name: str, limit: int | None) -> None:
        """Raise click's error where what is asked for does not go together, or with the format `name`."""
        whole = self.single_points or self.without or self.like or self.white_space or self.check or self.publish
        exported = name in _NETWORK_FORMATS and name != "svg"
        if sum(map(bool, (self.ends, self.single_points, self.without, self.like, self.white_space, self.check,
                          self.publish, self.measure, exported))) > 1:  # fmt: skip
            raise click.UsageError("a MEASURE, --path, --single-points, --without, --like, --white-space, "
                                   "--check, --publish and a format of networks (graphml ...): ask for one at a time")
        if self.network is not None and whole:
            raise click.UsageError("--single-points, --without, --like, --white-space, --check and --publish are of "
                                   "the whole graph; leave NETWORK out")  # fmt: skip
        if name in _NETWORK_FORMATS and (self.network is None or limit is not None or self.ends):
            raise click.UsageError(f"{name} is of one NETWORK, whole")
        if self.network is not None:
            analyses.known(self.network)


@click.command(short_help="Measure networks; find paths, dependence, likeness and gaps.")
@click.argument("network", required=False)
@click.argument("measure", required=False)
@click.option("--path", "ends", nargs=2, type=iri, metavar="FROM TO",
              help="The shortest paths between two things, explained.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, 20), default=1, show_default=True, help="How many paths.")
@click.option("--single-points", is_flag=True, help="Who and what hangs on one thread.")
@click.option("--without", type=iri, metavar="THING", help="Who loses what if a thing goes.")
@click.option("--like", type=iri, metavar="THING", help="Who is like it by shared ties, and why.")
@click.option("--white-space", is_flag=True, help="Category x product x place with few partners.")
@click.option("--check", is_flag=True, help="Work out everything anew and compare it with what is published.")
@click.option("--publish", is_flag=True, help="Measure all networks and publish the results as the next version.")
@click.option("--limit", type=click.IntRange(1), help="Print the first rows only.")
@click.option("--format", "name", type=click.Choice([*ROWS, *_NETWORK_FORMATS]),
              help="How to print it; by default what the suffix of -o says, else table.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
@data_option
def analyse(limit: int | None, name: str | None, output: Path | None, data: DataDirectory, **given: Any) -> None:
    """Measure a NETWORK of the graph. Without arguments: list the networks.

    MEASURE ranks the nodes (degree, betweenness, ...) or is a report on the network: whole, degrees, slices,
    communities, structure, robustness, bridges, correlation, suggestions. Null models, biases and warnings are printed
    to standard error. graphml, gexf, node-link (JSON) and edges (CSV) are of the whole network; svg is its picture, or
    with robustness its curve.

    With --path, exit code 1 where no path joins the two; a NETWORK keeps the search within it. With --check, exit code
    1 where what is published differs from what is worked out. With --publish, the results become part of a graph that
    was loaded; a graph that was built has them already.

    \b
    partnergraph analyse
    partnergraph analyse provider-location
    partnergraph analyse provider-location betweenness --limit 10
    partnergraph analyse provider-location communities
    partnergraph analyse provider-location -o providers.graphml
    partnergraph analyse --path organization/cinia organization/equinix --count 3
    partnergraph analyse --single-points
    partnergraph analyse --without organization/equinix
    partnergraph analyse --like organization/equinix
    partnergraph analyse --white-space
    partnergraph analyse --check
    partnergraph analyse --publish
    """
    from graph.analysis.size import is_large
    from graph.build import analyse_again
    from graph.command.making import show_published

    if name is None:
        name = _SUFFIXES.get(output.suffix, "table") if output is not None else "table"
    asked = _Asked(**given)
    asked.refuse(name, limit)
    if asked.publish:
        with progress_bars() as progress, data.writer():
            show_published(analyse_again(data, progress))
        return
    snapshot = data.current()
    large = is_large(snapshot.path)
    if name in _NETWORK_FORMATS and asked.network is not None:
        if large:
            from graph.command import large as large_answers

            large_answers.refuse(f"a network as {name}")
        form, created = _NETWORK_FORMATS[name], snapshot.manifest.created
        save([analyses.file(snapshot.store, asked.network, asked.measure, form, created)], output)
        return
    header, rows = (_large_answer if large else _answer)(snapshot, asked)
    if output is None:
        echo_rows(header, rows[:limit], name)
    else:
        save([rows_text(header, rows[:limit], name).encode("utf-8")], output)
    if asked.check and rows[0][1] != "yes":
        raise NothingFound("what is published is not what these facts give")


def _large_answer(snapshot: "Snapshot", asked: _Asked) -> analyses.Answer:
    """Answer of a large version: from its columns, and by the plain way what is no matter of a whole network."""
    from graph.command import large as large_answers

    if asked.single_points:
        return large_answers.single_points(snapshot.path)
    for option, wanted in (("--without", asked.without), ("--like", asked.like), ("--white-space", asked.white_space),
                           ("--path within a network", asked.ends and asked.network)):  # fmt: skip
        if wanted:
            large_answers.refuse(option)
    if asked.ends or asked.check:
        return _answer(snapshot, asked)
    if asked.network is None:
        return large_answers.networks(snapshot.path)
    if asked.measure is None:
        return large_answers.summary(snapshot.path, asked.network)
    return large_answers.measure(snapshot.path, asked.network, asked.measure)


def _answer(snapshot: "Snapshot", asked: _Asked) -> analyses.Answer:
    store = snapshot.store
    if asked.ends:
        return analyses.paths(store, asked.ends, asked.network, asked.count)
    if asked.single_points:
        return analyses.single_points(store)
    if asked.without:
        return analyses.without(store, asked.without)
    if asked.like:
        return analyses.like(store, asked.like)
    if asked.white_space:
        return analyses.white_space(store)
    if asked.check:
        return analyses.check(store, snapshot.path)
    if asked.network is None:
        return analyses.networks(store)
    if asked.measure is None:
        return analyses.summary(store, asked.network)
    return analyses.measure(store, asked.network, asked.measure)
