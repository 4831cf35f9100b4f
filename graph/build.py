"""Build: facts become a validated, published snapshot; a violation leaves the old one live.

The facts are published first; what the analysis measures in them follows as the next version.
"""

import shutil
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from graph import analysis, facets, index, provenance, search
from graph.counted import counted
from graph.draw import Drawn, draw
from graph.erasure import without
from graph.errors import Foreseen
from graph.gone import Gone, merges, removed, subjects
from graph.inputs import Facts
from graph.manifest import Judging, Manifest, Mode, Origin, SnapshotError, engines, new_id
from graph.names import GRAPH, PREFIXES
from graph.progress import Progress, silent
from graph.provenance import Said
from graph.quads import VOCABULARY, Tally, of_graph_names
from graph.quality import rows
from graph.screen.choice import judge_store
from graph.snapshot import DataDirectory, Snapshot
from graph.sources import Source
from graph.store import graph_names, with_union
from graph.validate import Finding, Report, own_nodes, validate

_SHOWN = 50
_NOTHING = "the data breaks its shapes; nothing was published"
_FACTS_ONLY = "what the analysis measured breaks its shapes; the facts are published and live, without it"
RDF_TYPE = NamedNode(PREFIXES["rdf"] + "type")


class BuildError(Foreseen):
    """The data cannot be published; `reasons` are lines for the person who must mend it."""

    def __init__(self, summary: str, reasons: Sequence[str]) -> None:
        super().__init__(summary)
        self.reasons = list(reasons)

    exit_code = 1

    def lines(self) -> list[str]:
        """Give the summary and the first reasons."""
        more = len(self.reasons) - _SHOWN
        rest = [f"  ... and {more} more"] if more > 0 else []
        return [f"Error: {self}", *(f"  {reason}" for reason in self.reasons[:_SHOWN]), *rest]


def build(
    facts: Facts, data: DataDirectory, extra: Sequence[Source] = (), progress: Progress = silent
) -> tuple[Snapshot, list[Tally]]:
    """Draw, judge and publish the facts; then publish what the analysis measures in them.

    Gives the last version published and what became of the rows. Raises BuildError, SourceError, MappingError,
    RuleError or RegisterError, with nothing published (BuildError says where it is the analysis alone that was not);
    SnapshotError where the directory cannot be written.
    """
    with data.writer():
        _, tallies = publish_facts(facts, data, extra, progress)
        return analyse(data, progress), tallies


def publish_facts(
    facts: Facts, data: DataDirectory, extra: Sequence[Source] = (), progress: Progress = silent
) -> tuple[Snapshot, list[Tally]]:
    """Draw, judge and publish the facts alone; the caller is the directory's writer. Raises as `build` does."""
    fingerprint = facts.fingerprint(extra)
    drawn = without(draw(facts, extra, progress), Gone(data.path).forgotten())
    report = judge(drawn, progress)
    progress("publish the facts", 0, 1)
    staging = data.staging()
    _fill(staging, drawn)
    (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
    folder = "" if facts.is_shipped else str(facts.folder)
    Gone(data.path).merge(merges(facts.register()))
    snapshot = publish(data, staging, report, "facts", fingerprint, facts=folder)
    progress("publish the facts", 1, 1)
    return snapshot, drawn.tallies


def analyse_later(path: Path) -> None:
    """Measure the networks of the live version in the directory `path`, unless that was done: a process's work.

    The service runs meanwhile and changes over to the result. Another writer is left to his work.
    """
    data = DataDirectory(path)
    try:
        with data.writer():
            if data.current().manifest.origin == "facts":
                analyse(data)
    except KeyboardInterrupt:
        return  # the service is ended; its next start takes this up again
    except Foreseen as error:
        sys.stderr.write(f"the analysis was not published: {error}\n")


def judge(drawn: Drawn, progress: Progress = silent) -> Report:
    """Validate what was drawn; BuildError where rows were rejected or a shape is violated."""
    faults = [f"{tally.source}: {fault}" for tally in drawn.tallies for fault in tally.faults]
    if faults:
        raise BuildError("rows could not be mapped; nothing was published", faults)
    report = judge_store(drawn.store, "union", progress=progress)
    refuse_violations(report, drawn.said)
    return report


def refuse_violations(report: Report, said: Iterable[Said] = (), what: str = _NOTHING) -> None:
    """Raise BuildError where `report` holds a violation, naming the rows of `said` that it is about.

    `what` says what became of it.
    """
    if not report.conforms:
        statements = list(said)
        broken = [finding for finding in report.findings if finding.severity == "violation"]
        # Looking up the rows takes a pass over all statements each: only for those that are shown.
        reasons = [explain(finding, statements) for finding in broken[:_SHOWN]]
        reasons += [f"{finding.focus}: {finding.message}" for finding in broken[_SHOWN:]]
        raise BuildError(what, reasons)


def explain(finding: Finding, said: Sequence[Said]) -> str:
    """Say which rows a finding is about: those that state its value, else those that state anything of its node.

    A path of several steps is a blank node of the shapes: it says nothing to a reader, and no statement has it.
    """
    path = finding.path if finding.path and not finding.path.startswith("_:") else None
    about = [one for one in said if str(one.quad.subject) == finding.focus] or [
        one for one in said if str(one.quad.object) == finding.focus
    ]
    exact = [
        one
        for one in about
        if path in (None, str(one.quad.predicate)) and finding.value in (None, str(one.quad.object))
    ]
    places = list(dict.fromkeys(_place(one) for one in exact or about))
    where = ", ".join(places[:5]) + (" ..." if len(places) > 5 else "")
    what = " ".join(part for part in (finding.focus, path, finding.value) if part)
    return f"{where or 'data'}: {finding.message} ({what}; shape {finding.shape.rsplit('#')[-1]})"


def _place(one: Said) -> str:
    graph = one.quad.graph_name
    name = graph.value.rsplit("/", 1)[-1] if isinstance(graph, NamedNode) else ""
    row = f" row {one.evidence.row}" if one.evidence.row else ""
    return f"{name} {one.evidence.file}{row}"


def _fill(staging: Path, drawn: Drawn) -> None:
    store = Store(str(staging / "oxigraph"))
    store.bulk_extend(with_union(drawn.quads()))
    store.optimize()
    with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
        provenance.write(connection, drawn.said)
        rows.write(connection, drawn.tallies)
        search.write(connection, store)
        connection.commit()
    facets.beside(store, staging)
    store.flush()


def analyse(data: DataDirectory, progress: Progress = silent) -> Snapshot:
    """Measure the networks of the live version and publish the results as the next one.

    The caller is the directory's writer. Raises BuildError where a result breaks a shape, ProjectionError where the
    data does not fit a network.
    """
    live, staging = data.current(), data.staging()
    quads, kept = analysis.of_version(live.path, live.store, live.manifest.digest, staging, progress)
    measured = [
        Said(quad, provenance.of_measures(quad.graph_name.value))
        for quad in quads
        if isinstance(quad.graph_name, NamedNode)
    ]
    known = set(graph_names(live.store))
    measured += [one for one in of_graph_names(measured) if one.quad.subject not in known]
    report = validate_added([one.quad for one in measured], live.store)
    refuse_violations(report, measured, _FACTS_ONLY)
    live.store.backup(str(staging / "oxigraph"))
    index.whole(live.path, staging)
    shutil.copy(live.report, staging)
    analysis.keep(staging, kept)
    store = Store(str(staging / "oxigraph"))
    store.bulk_extend(with_union(one.quad for one in measured))
    store.optimize()  # else the first changes pay for it, and for the room
    with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
        provenance.add(connection, measured)
        search.add(connection, store)
        connection.commit()
    facets.beside(store, staging)
    store.flush()
    del store
    was = live.manifest
    return publish(data, staging, report, "analysis", was.inputs, earlier=was.findings, facts=was.facts,
                   shapes=was.shapes, lineage=was.lineage or was.origin)  # fmt: skip


def analyse_again(data: DataDirectory, progress: Progress = silent) -> Snapshot:
    """Measure the live version as `analyse` does, where nothing that was measured is in it yet.

    The caller is the directory's writer. SnapshotError where something is, or where statements stand in no graph.
    """
    was = data.current().manifest
    if any(name.startswith(provenance.MEASURED) for name in was.graphs):
        raise SnapshotError("this version holds what an analysis measured; 'partnergraph analyse --check' compares it")
    if was.mode != "union":
        raise SnapshotError("this version is a plain dataset, which has no named graphs to publish an analysis in")
    return analyse(data, progress)


def validate_added(quads: Sequence[Quad], store: Store) -> Report:
    """Judge statements about to be added to `store`: findings about their own subjects and texts.

    Beside them lie the vocabulary and the types of the graphs they point to. What else they point to is judged
    already, and its types are not laid beside: its own shapes would ask for all of it.
    """
    vocabulary = store.quads_for_pattern(None, None, None, NamedNode(VOCABULARY))
    graphs = {q.object for q in quads if isinstance(q.object, NamedNode) and q.object.value.startswith(GRAPH)}
    types = (q for graph in graphs for q in store.quads_for_pattern(graph, RDF_TYPE, None, None))
    report = validate(quad.triple for quad in (*vocabulary, *types, *quads))
    return report.about(own_nodes([quad.triple for quad in quads]))


def _note_gone(data: DataDirectory, store: Store) -> None:
    """Note what the live version tells of, and the next one, with `store`, does not."""
    try:
        before = data.current().store
    except SnapshotError:  # there is none yet, or it is of another release
        return
    Gone(data.path).note(removed(subjects(before), store))


def publish(
    data: DataDirectory,
    staging: Path,
    report: Report,
    origin: Origin,
    inputs: str,
    *,
    earlier: dict[str, int] | None = None,
    mode: Mode = "union",
    facts: str = "",
    shapes: Judging = "own",
    lineage: str = "",
) -> Snapshot:
    """Count what `staging` holds, write its manifest and make it the live version.

    `earlier` are the findings, by severity, of the version that this one adds to, and `lineage` the origin of the one
    that it goes back to.
    """
    store = Store.read_only(str(staging / "oxigraph"))
    counts = counted(store, mode, staging)
    made = new_id(counts.digest)
    manifest = Manifest(
        id=made,
        created=made.partition("-")[0],
        parent=data.current_id(),
        mode=mode,
        origin=origin,
        facts=facts,
        inputs=inputs,
        findings={k: n + (earlier or {}).get(k, 0) for k, n in report.counts().items()},
        engines=engines(),
        shapes=shapes,
        **asdict(counts),
        lineage=lineage or origin,
    )
    _note_gone(data, store)
    del store
    return data.publish(staging, manifest)
