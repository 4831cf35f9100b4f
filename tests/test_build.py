"""From facts to a published version: what stands in which graph, which row says it, and what stops a publish."""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from graph import analysis
from graph.build import BuildError, build
from graph.draw import draw
from graph.inputs import Facts, shipped
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING, kind_and_slug, slug, term_of
from graph.provenance import Evidence, why
from graph.register import Register
from graph.snapshot import DataDirectory, Snapshot
from graph.sources import Source
from graph.store import graph_names, named_quads, union
from graph.validate import validate

TYPE = NamedNode(PREFIXES["rdf"] + "type")
LABEL = NamedNode(PREFIXES["rdfs"] + "label")
PARTNER = NamedNode(ONTOLOGY + "Partner")
SOURCE = NamedNode(ONTOLOGY + "Source")
NAMED_GRAPH = NamedNode(ONTOLOGY + "NamedGraph")
EVIDENCE = NamedNode(ONTOLOGY + "evidence")
PRODUCT = NamedNode(ONTOLOGY + "Product")
SAMPLE = 200


@pytest.fixture(params=["snapshot", "second"])
def either(request: pytest.FixtureRequest) -> Snapshot:
    """The shipped graph, then the second one: what holds of any graph must hold of both."""
    found: Snapshot = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def folder(tmp_path: Path, second_facts: Path) -> Path:
    """A copy of the second ecosystem's facts, to be broken."""
    return Path(shutil.copytree(second_facts, tmp_path / "facts"))


@pytest.fixture
def live(tmp_path: Path, second_data: DataDirectory) -> DataDirectory:
    """A copy of a data directory in which the second ecosystem is live."""
    return DataDirectory(Path(shutil.copytree(second_data.path, tmp_path / "data")))


# What stands where -------------------------------------------------------------------------------


def test_shipped_facts_build_and_conform(snapshot: Snapshot) -> None:
    manifest = snapshot.manifest
    assert manifest.findings["violation"] == 0
    assert (manifest.origin, manifest.mode, manifest.facts) == ("analysis", "union", "")
    assert manifest.quads == sum(manifest.graphs.values()) == sum(1 for _ in named_quads(snapshot.store))
    assert manifest.triples == sum(1 for _ in union(snapshot.store))
    assert manifest.id.endswith(manifest.digest[:8])
    assert manifest.parent is not None, "the facts are published first, what is measured in them follows"


def test_analysis_adds_nothing_that_breaks_a_shape_of_the_whole(second: Snapshot) -> None:
    # The build judges the results by themselves, to be quick: together with all the rest they must conform as well.
    assert [f for f in validate(union(second.store)).findings if f.severity == "violation"] == []


@pytest.mark.long
def test_analysis_adds_nothing_that_breaks_a_shape_of_the_shipped_whole(snapshot: Snapshot) -> None:
    assert [f for f in validate(union(snapshot.store)).findings if f.severity == "violation"] == []


def test_every_named_graph_is_a_source_with_one_kind_of_evidence(either: Snapshot) -> None:
    kinds = {THING + f"concept/{kind}" for kind in ("stated", "derived", "judged")}
    names = graph_names(either.store)
    assert [name.value for name in names] == list(either.manifest.graphs)
    for name in names:
        types = {q.object for q in either.store.quads_for_pattern(name, TYPE, None, DefaultGraph())}
        assert {SOURCE, NAMED_GRAPH} <= types, name
        told = [q.object for q in either.store.quads_for_pattern(name, EVIDENCE, None, DefaultGraph())]
        assert len(told) == 1, name
        assert isinstance(told[0], NamedNode), name
        assert told[0].value in kinds, name


def test_default_graph_is_exactly_the_set_union_of_the_named_graphs(either: Snapshot) -> None:
    # The engine's own union counts a triple that stands in two graphs twice.
    found = list(union(either.store))
    quads = list(named_quads(either.store))
    assert len(found) == len(set(found))
    assert set(found) == {quad.triple for quad in quads}
    assert len(quads) > len(found), "no triple stands in two graphs: the test would not notice one counted twice"


def test_no_blank_node_is_published(either: Snapshot) -> None:
    blank = (BlankNode, Triple)
    assert [q for q in either.store if isinstance(q.subject, blank) or isinstance(q.object, blank)] == []


def test_only_sources_say_who_is_a_partner_and_what_it_is_called(either: Snapshot) -> None:
    # "Attested in three sources" counts graphs: a graph of ours that repeats a statement would count as a source.
    kinds = tuple(GRAPH + kind for kind in ("analysis-", "rule-", "judgement"))
    ours = [name for name in graph_names(either.store) if name.value.startswith(kinds)]
    measured = {n.value.removeprefix(GRAPH + "analysis-") for n in ours if n.value.startswith(GRAPH + "analysis-")}
    assert measured and measured <= set(analysis.names())
    for name in ours:
        assert list(either.store.quads_for_pattern(None, TYPE, PARTNER, name)) == []
        labelled = {kind_and_slug(q.subject.value) for q in either.store.quads_for_pattern(None, LABEL, None, name)}
        assert not {pair for pair in labelled if pair and pair[0] == "organization"}
    assert list(either.store.quads_for_pattern(None, TYPE, PARTNER, None)), "there are partners at all"


# Which row says so -------------------------------------------------------------------------------


def origins(cells: dict[str, str], register: Register) -> Iterator[str]:
    """Give what a term made of these cells may be or hold: texts, slugs and IRIs."""
    for cell in cells.values():
        for text in {cell, *(item.strip() for item in cell.split(";"))}:
            yield text
            for make in (slug, term_of, register.organization):
                try:
                    yield make(text)
                except (ValueError, LookupError):
                    continue


def comes_from(term: object, found: set[str]) -> bool:
    """Whether a term is made of one of the texts: equal to it, holding it, or named after it."""
    if isinstance(term, Literal):
        return any(text in term.value or same_number(text, term.value) for text in found)
    if isinstance(term, NamedNode) and term.value not in found:
        pair = kind_and_slug(term.value)
        return pair is not None and any(f"-{text}-" in f"-{pair[1]}-" for text in found)
    return isinstance(term, NamedNode)


def same_number(text: str, value: str) -> bool:
    """Whether two texts are one number: the engine writes 8.70 as 8.7."""
    try:
        return float(text) == float(value)
    except ValueError:
        return False


def is_constant(source: Source, term: object) -> bool:
    """Whether the mapping itself names the subject, by its slug or by its name, the same for every row."""
    pair = kind_and_slug(term.value) if isinstance(term, NamedNode) else None
    texts = re.findall(r'"([^"]*[A-Za-z0-9][^"]*)"', source.mapping.read_text(encoding="utf-8"))
    return pair is not None and pair[1] in {slug(text) for text in texts}


@pytest.mark.parametrize("which", ["snapshot", "second"])
def test_statement_leads_to_the_row_that_says_it(
    which: str, request: pytest.FixtureRequest, second_facts: Path
) -> None:
    found: Snapshot = request.getfixturevalue(which)
    facts = shipped() if which == "snapshot" else Facts(second_facts)
    sources = {source.graph: source for source, _ in facts.sources()}
    rows = {graph: list(source.rows()) for graph, source in sources.items()}
    stated = sorted((q for q in named_quads(found.store) if q.graph_name.value in sources), key=str)  # type: ignore[union-attr]
    sample = random.Random(2).sample(stated, SAMPLE)
    register = facts.register()
    register.open = register.open or which == "second"
    made_of_cells = 0
    with closing(found.index()) as index:
        for quad in sample:
            graph = quad.graph_name.value  # type: ignore[union-attr]
            places = [e for e in why(index, quad.subject, quad.predicate, quad.object) if e.graph == graph]
            assert places, f"nobody says {quad}"
            from_cells = False
            for place in places:
                assert place.file == sources[graph].table.name
                assert place.row is not None
                row = rows[graph][place.row - 1]
                assert (row.number, row.cells) == (place.row, place.cells)
                texts = set(origins(row.cells, register))
                from_cells = comes_from(quad.subject, texts) or comes_from(quad.object, texts)
                assert from_cells or is_constant(sources[graph], quad.subject), f"{quad} is not in row {place.row}"
            made_of_cells += from_cells
    assert made_of_cells >= SAMPLE * 0.8, "constants of a mapping alone would prove nothing about rows"


def test_every_statement_of_the_snapshot_has_a_place(either: Snapshot) -> None:
    with closing(either.index()) as index:
        told = set(index.execute("SELECT subject, predicate, object, graph FROM statement JOIN origin ON id = origin"))
    stand = {(str(q.subject), str(q.predicate), str(q.object), q.graph_name.value) for q in named_quads(either.store)}  # type: ignore[union-attr]
    assert told == stand


def test_statement_of_several_rows_keeps_them_all(second: Snapshot) -> None:
    lattice = NamedNode(THING + "product/umbra-lattice")
    with closing(second.index()) as index:
        places = list(why(index, lattice, TYPE, PRODUCT))
        assert {(p.graph.removeprefix(GRAPH), p.file) for p in places} == {
            ("umbra-directory", "facts.tsv"),
            ("umbra-exchanges", "facts.tsv"),
        }
        assert [p.row for p in places if p.graph.endswith("exchanges")] == list(range(1, 13))
        assert list(why(index, lattice, TYPE, PARTNER)) == []


def test_label_leads_to_its_line_in_the_register(snapshot: Snapshot) -> None:
    microsoft = NamedNode(THING + "organization/microsoft")
    with closing(snapshot.index()) as index:
        (label,) = snapshot.store.quads_for_pattern(microsoft, LABEL, None, NamedNode(GRAPH + "register"))
        places = [p for p in why(index, microsoft, LABEL, label.object) if p.graph == GRAPH + "register"]
    assert [(p.file, p.row) for p in places] == [("register.tsv", line_of(shipped().register(), "microsoft"))]


def line_of(register: Register, organization: str) -> int:
    """Give the register's line that labels an organisation."""
    (entry,) = [e for e in register.entries if (e.organization, e.relation) == (organization, "label")]
    return entry.line


# What stops a publish ----------------------------------------------------------------------------


def edit(folder: Path, source: str, old: str, new: str) -> None:
    """Replace the one occurrence of `old` in a table."""
    table = folder / source / "facts.tsv"
    text = table.read_text(encoding="utf-8")
    assert text.count(old) == 1
    table.write_text(text.replace(old, new), encoding="utf-8")


VIOLATIONS = [
    ("umbra-directory", "quillfeather.example", "https://Quillfeather.example/", 4, "organization-web-domain"),
    ("umbra-directory", "internet-hosting-service", "hosting", 7, "category-value"),
    ("umbra-directory", "1998\txsd:gYear", "1998\txsd:string", 1, "date-value"),
]


@pytest.mark.parametrize(("source", "old", "new", "row", "shape"), VIOLATIONS, ids=[case[4] for case in VIOLATIONS])
def test_violation_names_its_row_and_shape_and_publishes_nothing(
    folder: Path, live: DataDirectory, source: str, old: str, new: str, row: int, shape: str
) -> None:
    before, versions = live.current_id(), live.versions()
    edit(folder, source, old, new)
    with pytest.raises(BuildError, match="the data breaks its shapes; nothing was published") as caught:
        build(Facts(folder), live)
    assert caught.value.exit_code == 1
    told = [reason for reason in caught.value.reasons if f"shape {shape})" in reason]
    assert told
    assert re.match(rf"{source} facts\.tsv row {row}[:,] ", told[0]), told[0]
    assert "_:" not in told[0], "a blank node of the shapes tells nobody anything"
    assert told[0] in "\n".join(caught.value.lines())
    assert (live.current_id(), live.versions()) == (before, versions)
    assert len(live.current().store) > 0


REJECTIONS = [
    ("umbra-directory", "2013\t", "2013/14\t", "row 5, column since: f:literal: '2013/14' is no xsd:gYear"),
    ("umbra-exchanges", "Skua Wireless\t", "!!!\t", "row 12, column provider: f:organization: no slug can be made"),
    ("umbra-exchanges", "Skua Wireless\t", "jo@skua.example\t", "row 12, column provider: holds an address"),
    ("umbra-exchanges", "Skua Wireless\t", "\t", "row 12: the mapping makes no statement of this row"),
    ("umbra-exchanges", "Skua Wireless\t", "Skua Wireless\tx\t", "row 12: has 5 cells where the header has 4"),
]


@pytest.mark.parametrize(("source", "old", "new", "reason"), REJECTIONS, ids=[case[3][:40] for case in REJECTIONS])
def test_rejected_row_stops_the_publish_and_is_named(
    folder: Path, live: DataDirectory, source: str, old: str, new: str, reason: str
) -> None:
    before = live.current_id()
    edit(folder, source, old, new)
    with pytest.raises(BuildError, match="rows could not be mapped; nothing was published") as caught:
        build(Facts(folder), live)
    assert any(told.startswith(f"{source}: {reason}") for told in caught.value.reasons)
    assert live.current_id() == before


def test_measures_that_break_a_shape_leave_the_facts_live_and_say_so(
    folder: Path, live: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts were published before: who reads that nothing was would look for the fault in them."""
    node, graph = NamedNode("https://w3id.org/partner-ecosystem/id/observation/x"), NamedNode(GRAPH + "analysis-x")
    bad = Quad(node, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "Observation"), graph)
    monkeypatch.setattr("graph.analysis.of_version", lambda *_: ([bad], []))
    before = live.current_id()
    with pytest.raises(BuildError, match="the facts are published and live") as caught:
        build(Facts(folder), live)
    assert "nothing was published" not in "".join(caught.value.lines())
    assert live.current_id() != before and live.current().manifest.origin == "facts"


def test_many_reasons_are_cut_and_counted() -> None:
    lines = BuildError("summary", [f"reason {n}" for n in range(60)]).lines()
    assert lines[0] == "Error: summary"
    assert lines[-1] == "  ... and 10 more"
    assert len(lines) == 52


def test_reasons_that_fit_are_all_shown() -> None:
    assert BuildError("summary", ["one"]).lines() == ["Error: summary", "  one"]


# The same facts, the same graph ------------------------------------------------------------------

TWICE = """
import sys
from pathlib import Path
from graph.build import build
from graph.export import whole
from graph.formats import NQUADS, TURTLE
from graph.inputs import Facts, shipped
from graph.snapshot import DataDirectory

out, facts = Path(sys.argv[1]), sys.argv[2]
snapshot, _ = build(Facts(Path(facts)) if facts else shipped(), DataDirectory(out / "data"))
for form in (TURTLE, NQUADS):
    with (out / f"whole{form.suffix}").open("wb") as file:
        file.writelines(whole(snapshot.store, form))
print(snapshot.manifest.digest)
"""


def built_twice(tmp_path: Path, facts: str) -> list[tuple[str, bytes, bytes]]:
    """Build in two processes whose sets and dictionaries hash differently; give digests and exports."""
    found = []
    for seed in ("0", "1"):
        out = tmp_path / seed
        out.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", TWICE, str(out), facts],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        found.append((done.stdout, (out / "whole.ttl").read_bytes(), (out / "whole.nq").read_bytes()))
    return found


@pytest.mark.long
def test_same_facts_give_the_same_bytes_whatever_the_hash_seed(
    tmp_path: Path, second_facts: Path, second: Snapshot
) -> None:
    one, other = built_twice(tmp_path, str(second_facts))
    assert one == other
    assert one[0].strip() == second.manifest.digest
    assert min(map(len, one)) > 64


@pytest.mark.long
def test_shipped_facts_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path, snapshot: Snapshot) -> None:
    one, other = built_twice(tmp_path, "")
    assert one == other
    assert one[0].strip() == snapshot.manifest.digest


def test_order_of_rows_does_not_change_what_is_said(folder: Path, second_facts: Path) -> None:
    table = folder / "umbra-exchanges" / "facts.tsv"
    header, *rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([header, *reversed(rows)]), encoding="utf-8")
    assert set(draw(Facts(folder)).quads()) == set(draw(Facts(second_facts)).quads())


def test_changed_cell_changes_fingerprint_and_digest(folder: Path, second: Snapshot, second_facts: Path) -> None:
    # A start builds again exactly when the fingerprint changed.
    assert Facts(second_facts).fingerprint() == second.manifest.inputs
    assert Facts(folder).fingerprint() == second.manifest.inputs, "the folder's place is no part of it"
    edit(folder, "umbra-exchanges", "Tarn", "Fell")
    assert Facts(folder).fingerprint() != second.manifest.inputs
    old, new = set(draw(Facts(second_facts)).quads()), set(draw(Facts(folder)).quads())
    assert {THING + "location/fell"} <= {q.object.value for q in new - old if isinstance(q.object, NamedNode)}
    assert {THING + "location/tarn"} <= {q.object.value for q in old - new if isinstance(q.object, NamedNode)}


def test_evidence_of_a_quad_is_its_own_graphs(second_facts: Path) -> None:
    drawn = draw(Facts(second_facts))
    for one in drawn.said:
        assert isinstance(one.evidence, Evidence)
        assert isinstance(one.quad, Quad)
        assert one.quad.graph_name == NamedNode(one.evidence.graph)
