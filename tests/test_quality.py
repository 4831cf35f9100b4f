"""Quality as the project tells it: everything computed, each finding with its rows, each statement with who says it."""

import csv
import io
import json
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions

from graph import provenance
from graph.command import cli
from graph.names import GRAPH, ONTOLOGY, PREFIXES, slug, thing
from graph.naming import Namer
from graph.quality import rows
from graph.quality.findings import findings
from graph.quality.merges import merges
from graph.quality.report import TABLES, report
from graph.snapshot import DataDirectory, Snapshot
from graph.vocabulary import vocabulary
from tests.asking import table

FACTS = Path(__file__).parents[1] / "graph" / "facts"
HTML = {"Accept": "text/html"}
DRAWN = 200  # statements drawn at random
SEED = 20261122


def facts(source: str) -> list[dict[str, str]]:
    with (FACTS / source / "facts.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, dialect="excel-tab"))


# Rows ----------------------------------------------------------------------------------------------


def test_every_row_of_every_table_is_accounted_for(snapshot: Snapshot) -> None:
    with closing(snapshot.index()) as index:
        told = {one.graph.removeprefix(GRAPH): one for one in rows.read(index)}
    assert told.keys() == {path.parent.name for path in FACTS.glob("*/facts.tsv")}
    for source, one in told.items():
        given = facts(source)
        out = Counter(row["left_out"] for row in given if row.get("left_out"))
        assert one.adds_up, source
        assert (one.rows, one.rejected, dict(one.left_out)) == (len(given), 0, dict(out)), source


def test_a_graph_that_was_loaded_has_no_tables(tmp_path: Path) -> None:
    from graph.load import load

    (tmp_path / "some.nq").write_text("<x:s> <x:p> <x:o> <x:g> .\n", encoding="utf-8")
    loaded = load([tmp_path / "some.nq"], DataDirectory(tmp_path / "data"))
    with closing(loaded.index()) as index:
        assert rows.read(index) == []
    assert [one.name for one in report(loaded)][:4] == ["findings", "rows", "cells", "merges"]


# Findings, merges, candidates -----------------------------------------------------------------------


def test_findings_are_those_of_the_manifest_and_name_their_rows(snapshot: Snapshot) -> None:
    found = findings(snapshot)
    counts: Counter[str] = Counter()
    for one in found:
        counts[one.shape.severity] += len(one.findings)
        assert one.shape.iri
    words = {"violation": "violation", "warning": "warning", "info": "remark"}
    assert {words[name]: n for name, n in snapshot.manifest.findings.items() if n} == dict(counts)
    assert all(finding.rows for one in found for finding in one.findings), "each is about something that a row states"


def test_a_finding_names_the_row_that_makes_it(snapshot: Snapshot) -> None:
    """Solutions without a category: the row named is the one of that connector, and has no category."""
    [found] = [one for one in findings(snapshot) if one.shape.iri.endswith("#solution-category")]
    own = [f for f in found.findings if f.focus.iri.endswith("-power-platform-connector")]
    given = facts("power-platform")
    named = {given[row.row - 1]["connector_dir"] for finding in own for row in finding.rows if row.row}
    assert named == {row["connector_dir"] for row in given if not row["categories"] and not row["left_out"]}


def test_rows_are_of_each_graph_that_states_it_and_not_what_was_measured() -> None:
    """The graphs of the analysis sort before most sources, and one table may have more rows than are named."""
    node, property_ = NamedNode("https://example.org/it"), NamedNode("https://example.org/p")

    def said(graph: str, row: int) -> provenance.Said:
        quad = Quad(node, property_, Literal(row), NamedNode(GRAPH + graph))
        return provenance.Said(quad, provenance.Evidence(GRAPH + graph, "facts.tsv", row))

    def told(*rows: provenance.Said) -> tuple[list[tuple[str, int | None]], int]:
        with closing(sqlite3.connect(":memory:")) as index:
            provenance.write(index, rows)
            found, more = provenance.about(index, node, None, None, 3)
        return [(one.graph.removeprefix(GRAPH), one.row) for one in found], more

    measured = [said("analysis-one", number) for number in range(1, 6)]
    assert told(*measured) == ([("analysis-one", 1), ("analysis-one", 2), ("analysis-one", 3)], 2)
    many = [said("b", number) for number in range(1, 6)]
    assert told(*measured, *many, said("c", 9)) == ([("b", 1), ("b", 2), ("c", 9)], 3)
    each = [said(name, 1) for name in "defg"]
    assert told(*many, *each) == ([(name, 1) for name in "bdefg"], 4)
    assert told() == ([], 0)


def test_findings_name_rows_of_sources(snapshot: Snapshot) -> None:
    """A partner without a category stands in a source; a launch at odds is named with each graph that dates it."""
    by_shape = {one.shape.iri.rpartition("#")[2]: one.findings for one in findings(snapshot)}
    for finding in by_shape["partner-category"]:
        assert not any(row.graph.startswith(provenance.MEASURED) for row in finding.rows), finding.focus.iri
    [launched] = [
        f for f in by_shape["program-launch-conflict"] if f.focus.iri.endswith("/microsoft-certified-solution-provider")
    ]
    launch = NamedNode(ONTOLOGY + "launched")
    dated = list(snapshot.store.quads_for_pattern(launched.focus.term, launch, None, DefaultGraph()))
    stated = {q.graph_name for d in dated for q in snapshot.store.quads_for_pattern(*d.triple, None)} - {DefaultGraph()}
    assert len(stated) > 1
    assert {NamedNode(row.graph) for row in launched.rows} == stated
    with closing(snapshot.index()) as index:
        rows_of = [e for quad in dated for e in provenance.why(index, *quad.triple)]
    assert len(launched.rows) + launched.more == len(rows_of) > len(stated)


def test_merges_are_the_decisions_of_the_register(snapshot: Snapshot) -> None:
    with (FACTS / "register.tsv").open(encoding="utf-8", newline="") as lines:
        columns = ("name", "domain", "relation", "evidence")
        given = {
            (thing("organization", row["organization"]), *(row[column] for column in columns), line)
            for line, row in enumerate(csv.DictReader(lines, dialect="excel-tab"), start=2)
            if row["relation"] != "label"
        }
    with closing(snapshot.index()) as index:
        told = merges(index, Namer(snapshot.store))
    listed = {(m.organization.iri, n.name, n.domain, n.relation, n.evidence, n.row) for m in told for n in m.names}
    assert listed <= given
    missing = {iri for iri, *_ in given - listed}
    assert not [iri for iri in missing if next(snapshot.store.quads_for_pattern(NamedNode(iri), None, None), None)]
    assert all(evidence for *_, evidence, _ in listed)
    [section] = [one for one in report(snapshot) if one.name == "merges"]
    assert {tuple(row) for row in section.rows} == listed


def test_every_second_row_of_a_firm_is_a_merge_that_is_listed() -> None:
    """A second `label` of a firm would be one that no list of merges tells of."""
    with (FACTS / "register.tsv").open(encoding="utf-8", newline="") as lines:
        labels = Counter(
            row["organization"] for row in csv.DictReader(lines, dialect="excel-tab") if row["relation"] == "label"
        )
    assert [firm for firm, count in labels.items() if count > 1] == []


def test_names_joined_by_the_name_alone_are_listed(snapshot: Snapshot) -> None:
    """Counted a second time, list by list: one has the firm's website beside the name, the other has the name alone."""
    store = snapshot.store
    named, domain = NamedNode(ONTOLOGY + "namedAs"), NamedNode(ONTOLOGY + "webDomain")
    graphs = [NamedNode(graph) for graph in snapshot.manifest.graphs]
    written = {(g, q.subject, q.object) for g in graphs for q in store.quads_for_pattern(None, named, None, g)}
    websites = {(g, q.subject) for g in graphs for q in store.quads_for_pattern(None, domain, None, g)}
    expected = {
        (firm.value, name.value, one.value, other.value)
        for one, firm, name in written
        if (one, firm) in websites
        for other, again, same in written
        if (again, same) == (firm, name) and (other, firm) not in websites
    }
    told = {(thing("organization", row["organization"].removeprefix("organization/")), row["name"],
             GRAPH + row["source"].removeprefix("graph/"), GRAPH + row["otherSource"].removeprefix("graph/"))
            for row in table(snapshot, "names-without-website")}  # fmt: skip
    assert told == expected
    assert (thing("organization", "wiz"), "Wiz") in {row[:2] for row in told}


def test_candidates_are_no_merges(snapshot: Snapshot) -> None:
    told = table(snapshot, "same-firm-candidates")
    assert told
    pairs = [(row["organization"], row["other"]) for row in told]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs), "each pair once, whatever proposes it"
    assert not any(one == other for one, other in pairs)
    labels = {row["organizationLabel"] for row in told} | {row["otherLabel"] for row in told}
    assert not {"Level 3 Communications", "Interxion", "New Signature"} & labels, "a successor is known"
    closed = {frozenset((row["one"], row["other"])) for row in facts("organizations-apart")}
    assert closed
    assert not closed & {frozenset((row["organizationLabel"], row["otherLabel"])) for row in told}
    both = [row for row in told if row["otherSource"]]
    assert both
    assert all(row["domain"] and row["source"] < row["otherSource"] for row in both)
    assert not list(snapshot.store.quads_for_pattern(None, NamedNode(PREFIXES["owl"] + "sameAs"), None))


def test_disagreements_known_from_the_sources_are_found(snapshot: Snapshot) -> None:
    told = {
        (row["about"], row["matter"].removeprefix("ontology#"), row["value"], row["otherValue"])
        for row in table(snapshot, "disagreements")
    }
    program = "program/microsoft-certified-solution-provider"
    assert (program, "launched", "1992", "1993") in told
    assert ("program/microsoft-certified-partner", "launched", "2000", "2001-01-01") in told
    assert ("organization/microsoft", "decidedIn", "period/2001", "period/2002") in told
    assert {row[1] for row in told} >= {"launched", "decidedIn", "appliesTo"}
    records = {row["matter"].removeprefix("ontology#"): row["recordLabel"] for row in table(snapshot, "disagreements")}
    assert "bonus" in records["appliesTo"], "a firm alone does not tell which incentive is meant"
    assert records["decidedIn"]
    assert not records["launched"], "the programme is what it is about"


def test_coverage_is_counted(snapshot: Snapshot) -> None:
    category, property_ = NamedNode(thing("category", "systems-integrator")), NamedNode(ONTOLOGY + "webDomain")
    is_partner = (NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "Partner"))
    store = snapshot.store
    has = NamedNode(ONTOLOGY + "category")
    partners = {
        quad.subject
        for quad in store.quads_for_pattern(None, has, category)
        if next(store.quads_for_pattern(quad.subject, *is_partner), None) is not None
    }
    having = {p for p in partners if next(store.quads_for_pattern(p, property_, None), None) is not None}
    [row] = [
        row
        for row in table(snapshot, "property-coverage")
        if (row["category"], row["property"]) == ("category/systems-integrator", "ontology#webDomain")
    ]
    assert (int(row["having"]), int(row["partners"])) == (len(having), len(partners))
    assert float(row["percent"]) == pytest.approx(100 * len(having) / len(partners), abs=0.05)


# The page and the command -----------------------------------------------------------------------------


def test_the_page_tells_all_of_it(client: FlaskClient, snapshot: Snapshot) -> None:
    page = client.get("/quality", headers=HTML).text
    told = {one.name: one for one in report(snapshot)}
    assert page.count('class="evidence warning"') == len({r[1] for r in told["findings"].rows if r[0] == "warning"})
    for source, total, mapped, _, out, _ in told["rows"].rows:
        assert f'href="/graph/{source}"' in page
        cells = (f"{total:,}", f"{mapped:,}", "0", str(out))
        assert "".join(f'<td class="right">{cell}</td>' for cell in cells) in page
    matters = {(row["about"], row["matter"]) for row in table(snapshot, "disagreements")}
    assert 0 < len(matters) < len(told["disagreements"].rows)
    assert f"<strong>{len(matters)}</strong> matters on which sources disagree" in page
    assert f"{len(told['disagreements'].rows)} pairs of statements on {len(matters)} matters" in page
    assert f"<strong>{len(told['same-firm-candidates'].rows)}</strong> candidates for merging" in page
    assert re.search(
        r'<a class="brief" href="/graph/seed">seed, row \d+</a> <span class="brief">and 1 more</span>', page
    )
    merged = client.get("/quality/merges", headers=HTML).text
    assert "misspelling" in merged
    assert re.search(r"<td>register\.tsv, line \d+</td>", merged)
    second = client.get("/quality/merges?page=2", headers=HTML).text
    assert "<td>Verizon</td><td>verizonenterprise.com</td><td>same</td>" in merged + second
    assert f'By the name alone <span class="count">{len(told["names-without-website"].rows)}</span>' in merged
    moved = client.get("/report")
    assert (moved.status_code, moved.headers["Location"]) == (303, "/quality")


def test_each_table_of_the_report_can_be_taken_away(client: FlaskClient, snapshot: Snapshot) -> None:
    page = client.get("/quality", headers=HTML).text
    told = {one.name: one for one in report(snapshot)}
    assert tuple(told) == TABLES
    assert client.get("/quality.json").json == {name: one.records for name, one in told.items()}
    assert client.get("/quality", headers={"Accept": "application/json"}).json == client.get("/quality.json").json
    for name, one in told.items():
        for suffix in ("csv", "json"):
            assert f'href="/quality/{name}.{suffix}"' in page
        assert client.get(f"/quality/{name}.json").json == one.records
        sheet = client.get(f"/quality/{name}.csv")
        assert sheet.mimetype == "text/csv"
        lines = csv.reader(io.StringIO(sheet.text, newline=""))
        assert list(lines) == [list(one.columns), *([str(cell) for cell in row] for row in one.rows)]
    assert '<a href="/quality/findings.csv">the CSV of all findings</a>' in page


def test_a_table_is_given_in_a_format_that_is_offered_or_not_at_all(client: FlaskClient) -> None:
    assert client.get("/quality/merges", headers={"Accept": "text/csv"}).mimetype == "text/csv"
    assert client.get("/quality/findings", headers={"Accept": "text/csv"}).mimetype == "text/csv"
    for path, wanted in (
        ("/quality", "text/csv"),
        ("/quality/findings", "text/html"),
        ("/quality/merges", "image/png"),
    ):
        refused = client.get(path, headers={"Accept": f"{wanted}, application/problem+json"})
        assert refused.status_code == 406, path
    assert client.get("/quality/nothing.csv").status_code == 404
    assert client.get("/quality/findings.ttl").status_code == 404
    assert "Accept" in client.get("/quality", headers=HTML).headers["Vary"]


def test_the_command_reports_the_same(data: DataDirectory, snapshot: Snapshot) -> None:
    runner = CliRunner(env={"PARTNERGRAPH_DATA_DIR": str(data.path)})
    done = runner.invoke(cli, ["validate", "--report", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert {name: len(rows_) for name, rows_ in told.items()} == {one.name: len(one.rows) for one in report(snapshot)}
    plain = runner.invoke(cli, ["validate", "--report"])
    assert [line for line in plain.stdout.splitlines() if line.startswith("# ")] == [
        f"# {one.title}" for one in report(snapshot)
    ]
    refused = runner.invoke(cli, ["validate", "--report", "--format", "turtle"])
    assert (refused.exit_code, "of the live graph" in refused.stderr) == (2, True)


# The vocabulary -------------------------------------------------------------------------------------------


def test_each_term_is_documented_and_its_uses_can_be_asked_for(snapshot: Snapshot) -> None:
    for _, terms in vocabulary(snapshot.store):
        for term in terms:
            assert term.definition, term.short
            assert term.example or term.iri.endswith("#"), term.short
            found = snapshot.store.query(term.query)
            assert isinstance(found, QuerySolutions)
            assert len(list(found)) > 0 or not term.uses, term.short


def test_the_vocabulary_page_leads_to_each_query(client: FlaskClient, snapshot: Snapshot) -> None:
    page = client.get("/ontology.html").text
    used = [term for _, terms in vocabulary(snapshot.store) for term in terms if term.uses]
    assert page.count(">as a query</a>") == len(used)


# Who says so ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(snapshot: Snapshot) -> list[Quad]:
    """Statements of tables drawn at random, the same each time; none of a mapping's frame, which most rows make."""
    graphs = [GRAPH + path.parent.name for path in FACTS.glob("*/facts.tsv")]
    quads = [q for graph in graphs for q in snapshot.store.quads_for_pattern(None, None, None, NamedNode(graph))]
    quads.sort(key=str)
    found: list[Quad] = []
    with closing(snapshot.index()) as index:
        for quad in random.Random(SEED).sample(quads, 2 * DRAWN):
            said = [e for e in provenance.why(index, *quad.triple) if e.graph == quad.graph_name.value]
            if len(said) <= max(1, len(facts(quad.graph_name.value.removeprefix(GRAPH))) / 4):
                found.append(quad)
    assert len(found) > DRAWN
    return found[:DRAWN]


def test_each_statement_has_its_row_and_the_row_says_it(snapshot: Snapshot, drawn: list[Quad]) -> None:
    namer = Namer(snapshot.store)
    with closing(snapshot.index()) as index:
        for quad in drawn:
            said = [e for e in provenance.why(index, *quad.triple) if e.graph == quad.graph_name.value]
            assert said, quad
            for one in said:
                assert one.file == "facts.tsv"
                assert one.row
                source = quad.graph_name.value.removeprefix(GRAPH)
                given = {k: cell.strip() for k, cell in facts(source)[one.row - 1].items() if cell and cell.strip()}
                assert one.cells == given, "the row is the table's own"
                assert says(given, quad, namer), f"{quad} is not in {given}"


def says(cells: dict[str, str], quad: Quad, namer: Namer) -> bool:
    """Whether a row names what the statement is about: its subject or its value, in the row's own words."""
    words = [slug(cell) for cell in cells.values() if re.search(r"[^\W_]", cell)]

    def named(term: object) -> bool:
        if isinstance(term, Literal):
            told = term.value.casefold()
            return any(told in cell.casefold() or cell.casefold() in told for cell in cells.values())
        if not isinstance(term, NamedNode):
            return False
        own = re.split(r"[/#]", term.value)[-1]
        names = {own, *(slug(name) for name in labels(term, namer))}
        return any(word in name or name in word for word in words for name in names if len(word) > 1)

    return named(quad.subject) or named(quad.object)


def labels(term: NamedNode, namer: Namer) -> list[str]:
    found = namer.objects(term.value, "rdfs:label", "skos:altLabel", "skos:hiddenLabel", "pe:namedAs")
    return [value.text for value in found if re.search(r"[^\W_]", value.text)]


@pytest.mark.long
def test_why_names_file_row_licence_and_kind_of_evidence(data: DataDirectory, drawn: list[Quad]) -> None:
    runner = CliRunner(env={"PARTNERGRAPH_DATA_DIR": str(data.path)})
    for quad in drawn:
        done = runner.invoke(cli, ["why", "--format", "json", *map(str, quad.triple)])
        assert done.exit_code == 0, (quad, done.stderr)
        [one, *_] = [row for row in json.loads(done.stdout) if row["graph"] == quad.graph_name.value]
        assert one["file"] == quad.graph_name.value.removeprefix(GRAPH) + "/facts.tsv"
        assert int(one["row"]) > 0
        assert one["evidence"] in ("stated", "judged", "derived")
        assert one["licence"]
        assert one["the row says"]


def test_nothing_judged_or_derived_stands_under_a_publishers_name(snapshot: Snapshot) -> None:
    """A graph whose evidence is not a source's word is published by the project."""
    ours = NamedNode(thing("organization", "partnergraph"))
    evidence, publisher = NamedNode(ONTOLOGY + "evidence"), NamedNode(PREFIXES["dcterms"] + "publisher")
    stated = NamedNode(thing("concept", "stated"))
    for graph in snapshot.manifest.graphs:
        kinds = {q.object for q in snapshot.store.quads_for_pattern(NamedNode(graph), evidence, None)}
        publishers = {q.object for q in snapshot.store.quads_for_pattern(NamedNode(graph), publisher, None)}
        assert len(kinds) == 1, graph
        assert kinds == {stated} or publishers == {ours}, graph
