"""Quality as the project tells it: everything computed, each finding with its rows, each statement with who says it."""

import csv
import io
import json
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions

from graph import provenance
from graph.command import cli
from graph.names import GRAPH, KINDS, ONTOLOGY, PREFIXES, curie, kind_and_slug, slug, term_of, thing
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
EACH = 2  # and so many of each property of each source, where there are
SEED = 20261122


@lru_cache
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
    assert re.search(r"<td>register\.tsv, line \d+</td>", merged)
    second = client.get("/quality/merges?page=2", headers=HTML).text
    differs = re.findall(r"<td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td><td class=\"wide\">", merged + second)
    assert {words for *_, words in differs} == {
        "the same name", "written otherwise", "another name in use", "a former name", "misspelt",
        "the name of a service or product of it",
    }  # fmt: skip
    assert ("Verizon", "verizonenterprise.com", "the same name") in differs
    assert ("Avanade Inc.", "avanade.com", "written otherwise") in differs
    assert "same" in client.get("/quality/merges.csv").text.split(","), "a program gets the register's codes"
    assert f'By the name alone <span class="count">{len(told["names-without-website"].rows)}</span>' in merged
    moved = client.get("/report")
    assert (moved.status_code, moved.headers["Location"]) == (303, "/quality")


def test_every_column_of_a_table_on_these_pages_has_its_heading(client: FlaskClient) -> None:
    """Cells that span rows stand in the first of them only."""
    for path in ("/quality", "/quality/merges"):
        page = client.get(path, headers=HTML).text
        tables_ = re.findall(r"<table.*?</table>", page, re.DOTALL)
        assert tables_
        for one in tables_:
            head, *lines = re.findall(r"<tr>.*?</tr>", one, re.DOTALL)
            assert re.findall(r"<t[hd][^>]*></t", head) == [], "a heading without words"
            cells = {len(re.findall(r"<t[hd]", line)) for line in lines}
            spanned = {1} if "rowspan" in one else set()
            assert max(cells) == len(re.findall("<th", head)), (path, head)
            assert {max(cells) - number for number in cells} <= {0} | spanned, path


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
        lines = csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"), newline=""))
        assert list(lines) == [list(one.columns), *([str(cell) for cell in row] for row in one.rows)]
    assert '<a href="/quality/findings.csv">the CSV of all findings</a>' in page


def test_a_table_is_given_in_a_format_that_is_offered_or_not_at_all(client: FlaskClient) -> None:
    assert client.get("/quality/merges", headers={"Accept": "text/csv"}).mimetype == "text/csv"
    assert client.get("/quality/findings", headers={"Accept": "text/csv"}).mimetype == "text/csv"
    for path, wanted in (
        ("/quality", "text/csv"),
        ("/quality/findings", "image/png"),
        ("/quality/merges", "image/png"),
    ):
        refused = client.get(path, headers={"Accept": f"{wanted}, application/problem+json"})
        assert refused.status_code == 406, path
    assert client.get("/quality/nothing.csv").status_code == 404
    assert client.get("/quality/findings.ttl").status_code == 404
    assert "Accept" in client.get("/quality", headers=HTML).headers["Vary"]


def test_a_browser_is_led_to_where_a_table_stands(client: FlaskClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for name in TABLES:
        sent = client.get(f"/quality/{name}", headers=browser)
        if name == "merges":  # has a page of its own
            assert sent.status_code == 200
            continue
        assert (sent.status_code, sent.headers["Vary"]) == (303, "Accept"), name
        path, _, anchor = sent.headers["Location"].partition("#")
        page = client.get(path, headers=browser)
        assert page.status_code == 200, name
        assert f'id="{anchor}"' in page.text or not anchor, name
        assert client.get(f"/quality/{name}", headers={"Accept": "*/*"}).mimetype == "application/json", name
        assert client.get(f"/quality/{name}.html", headers=browser).status_code == 404, name


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


@dataclass(frozen=True)
class Way:
    """One way in which a row says something: what names the subject ("": as its kind is named) and the value."""

    subject: str
    value: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()  # columns, and which cells there a row must have one of
    besides: tuple[str, ...] = ()  # only of rows that lack a cell for each of these names


@dataclass(frozen=True)
class Table:
    """What `data/rows-say.txt` tells of a table."""

    kinds: dict[str, tuple[Way, ...]]
    values: dict[tuple[str, str], tuple[Way, ...]]  # by kind of the subject and property
    links: tuple[str, ...]  # the columns that name properties
    read: dict[str, str]
    listed: str


def tables(text: str) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for block in re.split(r"^(?=[a-z])", re.sub(r"\n {4,}", " ", text), flags=re.MULTILINE)[1:]:
        source, *lines = block.split("\n")
        entries = [(key, told) for key, _, told in (line.strip().partition(": ") for line in lines if line.strip())]
        read = dict(told.split(" = ") for key, told in entries if key == "read")
        [listed] = [told for key, told in entries if key == "list"] or [""]
        kinds = {key: ways_of(told) for key, told in entries if key in KINDS}
        pairs = [(*key.rpartition(" ")[::2], told) for key, told in entries if " " in key]
        each = [((kind, property_), told) for every, property_, told in pairs for kind in every.split(", ")]
        values = {pair: ways_of(told) for pair, told in each}
        assert len(values) == len(each), f"{source}: something is told twice"
        links = tuple(sorted({property_.strip("{}") for _, property_ in values if property_.startswith("{")}))
        found[source] = Table(kinds, values, links, {cell: text.strip('"') for cell, text in read.items()}, listed)
    return found


def ways_of(told: str) -> tuple[Way, ...]:
    found: list[Way] = []
    for word, one in re.findall(r"(?:^| (\||else) )(.*?)(?=$| \| | else )", told):
        named, _, if_ = one.removesuffix("]").partition(" [")
        subject, _, value = named.rpartition(" > ")
        conditions = [each.partition(" =") for each in if_.split(" and ") if each]
        where = tuple((column, tuple(cells.strip().split("; "))) for column, _, cells in conditions)
        besides = tuple(way.value for way in found) if word == "else" else ()
        found.append(Way(subject, value, where, besides))
    return tuple(found)


SAYS = tables((Path(__file__).parent / "data" / "rows-say.txt").read_text(encoding="utf-8"))
# Tables of statements: a row with a property is one statement, and one that names a thing says of what class it is too.
STATEMENTS = ("judgement", "program-history", "seed")
CLASSES = {
    "category": "pe:PartnerCategory",
    "concept": "skos:Concept",
    "tier": "pe:ProgramTier",
    **{kind: f"pe:{kind.capitalize()}" for kind in "ecosystem event incentive investment location metric observation "
                                                    "organization period person program region source".split()},
}  # fmt: skip
# What a property leads to: a kind of thing, or ("") an IRI of none: a class, a property, an address. Others have text.
LEADS_TO = {
    "": "dcat:landingPage dcterms:license pe:relationshipKind qb:dataSet rdf:type rdfs:seeAlso schema:url",
    "category": "pe:category",
    "concept": "pe:candidateCluster pe:durationUnit pe:forPurpose pe:kindOf pe:solutionCategory pe:uses pe:workArea "
    "pe:writesTo skos:member",
    "ecosystem": "org:organization pe:about pe:inEcosystem",
    "investment": "pe:about",
    "location": "pe:atLocation pe:peersAt",
    "metric": "pe:metric",
    "organization": "dcterms:publisher org:originalOrganization org:resultingOrganization owl:differentFrom "
    "pe:buildsFor pe:connectsVia pe:from pe:investor pe:operatedBy pe:participant pe:poweredBy pe:relatedTo "
    "pe:succeededBy pe:suppliesTo pe:to pe:validatedWith",
    "period": "pe:inPeriod pe:period",
    "product": "pe:availableIn pe:builtOn pe:cloud pe:concerns pe:integratesFor pe:manages pe:validatedFor "
    "pe:worksWith",
    "program": "pe:participatesIn pe:program",
    "region": "pe:inRegion",
    "role": "pe:role",
    "scheme": "skos:inScheme",
    "solution": "pe:concerns pe:dependsOn pe:offers",
    "source": "dcterms:source",
    "tier": "pe:tier",
}
PREFERRED = ("category", "concept", "metric")  # their label is their preferred label too


def says(source: str, cells: dict[str, str], quad: Quad) -> list[Way]:
    """Give the ways in which a row says what a statement says: its subject, property and value. None: it does not."""
    table = SAYS[source]
    if source in STATEMENTS and "property" in cells:
        return [Way("subject", "value")] if is_stated(cells, quad) else []
    property_ = curie(quad.predicate.value) or quad.predicate.value
    kind = kind_of(quad.subject)
    leads_to = {one for one, properties in LEADS_TO.items() if property_ in properties.split()} or {"text"}
    if ("text" if isinstance(quad.object, Literal) else kind_of(quad.object)) not in leads_to:
        return []
    in_columns = [f"{{{column}}}" for column in table.links if cells.get(column) == property_]
    ways = [way for name in (property_, *in_columns) for way in table.values.get((kind, name), ())]
    rows_ = [cells]
    if table.listed in cells:
        rows_ = [cells | {table.listed: item.strip()} for item in cells[table.listed].split(";") if item.strip()]
    return [
        way
        for way in ways
        if any(
            holds(way, row) and names(way.value, quad.object, row, table) and has_subject(way, quad.subject, row, table)
            for row in rows_
        )
    ]


def has_subject(way: Way, subject: object, row: dict[str, str], table: Table) -> bool:
    if way.subject:
        return names(way.subject, subject, row, table)
    own = table.kinds.get(kind_of(subject), ())
    return any(holds(one, row) and names(one.value, subject, row, table) for one in own)


def holds(way: Way, row: dict[str, str]) -> bool:
    """Whether a row is one of those that may say it in this way."""
    lacks = all(any(is_column(c) and c not in row for c in parts_of(one)) for one in way.besides)
    return lacks and all(row.get(column, "") in cells for column, cells in way.where)


def is_stated(cells: dict[str, str], quad: Quad) -> bool:
    """Whether a row of subject, property and value states it, or that what it names is of its class."""
    subject, property_ = short(quad.subject), short(quad.predicate)
    kind = cells["subject"].partition("/")[0]
    if subject != cells["subject"]:
        return False
    if property_ == "rdf:type" and cells["property"] == "rdfs:label":
        return short(quad.object) == CLASSES.get(kind)
    if property_ == "skos:prefLabel" and kind in PREFERRED and cells["property"] != property_:
        property_ = "rdfs:label"
    value = cells.get("value") or cells.get("text") or cells.get("object")
    datatype = cells.get("datatype") or ("@en" if "text" in cells else "iri")
    if isinstance(quad.object, Literal):
        own = f"@{quad.object.language}" if quad.object.language else curie(quad.object.datatype.value)
        return property_ == cells["property"] and own == datatype and same(quad.object, value or "")
    told = {"iri": short(quad.object), "url": quad.object.value if isinstance(quad.object, NamedNode) else None}
    return property_ == cells["property"] and value == told.get(datatype, "")


def names(way: str, term: object, row: dict[str, str], table: Table) -> bool:
    """Whether `term` is named in this way by the cells of a row.

    A literal is the cell itself, or the same number; one composed of several texts is it but for capitals and
    punctuation. An IRI is an address in a cell, or its slug is that of the cells; an organisation is what the register
    says that the cell means.
    """
    parts = parts_of(way)
    texts = list(product(*(readings(part, row, table) for part in parts)))
    if not texts:
        return False
    if isinstance(term, Literal):
        if len(parts) == 1 and not is_column(way) and not way.startswith('"'):
            return False
        if len(parts) == 1:
            return any(same(term, text) for [text] in texts)
        return any(words(term.value) == words("".join(text)) for text in texts)
    if not isinstance(term, NamedNode):
        return False
    if any("".join(text) in (term.value, short(term)) for text in texts):
        return True
    kind, _, own = short(term).partition("/")
    if kind == "organization":
        domains = set(row.values())
        return any(own in meant(text[0], domains) for text in texts)
    return kind in KINDS and any(all(map(words, text)) and slug(*text) == own for text in texts)


@cache
def parts_of(way: str) -> tuple[str, ...]:
    return tuple(way.split(" + "))


@cache
def is_column(name: str) -> bool:
    return re.fullmatch(r"[a-z_]+", name) is not None


def readings(name: str, row: dict[str, str], table: Table) -> list[str]:
    """Give the texts that a name may stand for: of a column, its cell, and how it is read; a property's local name."""
    if not is_column(name):
        return [re.sub(r'^["<]|[">]$', "", name)]
    if name not in row:
        return []
    cell = row[name]
    local = re.findall(r"^pe:(\w+)$", cell)
    return [cell, *local, *([table.read[cell]] if cell in table.read else [])]


def same(literal: Literal, text: str) -> bool:
    if literal.value == text:
        return True
    numeric = curie(literal.datatype.value) in ("xsd:decimal", "xsd:integer")
    return numeric and re.fullmatch(r"\d+(\.\d+)?", text) is not None and Decimal(text) == Decimal(literal.value)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


@cache
def short(term: object) -> str:
    """Give `kind/slug`, `prefix:local` or the IRI; nothing of what is no IRI."""
    if not isinstance(term, NamedNode):
        return ""
    found = kind_and_slug(term.value)
    return "/".join(found) if found else curie(term.value) or term.value


@cache
def kind_of(term: object) -> str:
    """Give the kind of a thing of ours; nothing of what is none."""
    found = kind_and_slug(term.value) if isinstance(term, NamedNode) else None
    return found[0] if found else ""


@lru_cache
def registered() -> dict[str, dict[str, set[str]]]:
    """Give the organisations (their slugs) that a name means, each with its websites."""
    found: dict[str, dict[str, set[str]]] = {}
    with (FACTS / "register.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, dialect="excel-tab"):
            found.setdefault(row["name"], {}).setdefault(row["organization"], set()).add(row["domain"])
    return found


def meant(name: str, cells: set[str]) -> set[str]:
    """Give the organisations that a name means: of several of one name, those with a website that is a cell."""
    firms = registered().get(name, {})
    return set(firms) if len(firms) == 1 else {firm for firm, domains in firms.items() if domains & cells}


@cache
def of_row(source: str, number: int) -> dict[str, str]:
    return {column: cell.strip() for column, cell in facts(source)[number - 1].items() if cell and cell.strip()}


# Made-up rows, one of a table.
AZURE = "azure-government"
MADE_UP = {
    AZURE: {"partner": "Wiz", "domain": "wiz.io", "role": "direct-csp", "program": "cloud-solution-provider"},
    "expressroute-indirect": {
        "provider": "Wiz",
        "domain": "wiz.io",
        "kind": "exchange provider",
        "via_partner": "Equinix",
        "locations_listed": "Toronto; Montreal",
    },
    "press": {"partner": "JWT", "period": "2009", "since": "2009-10-24", "link": "pe:suppliesTo", "other": "Microsoft"},
    "seed": {
        "fact": "F99",
        "subject": "program/isv-empower",
        "property": "pe:launched",
        "value": "2003",
        "datatype": "xsd:gYear",
    },
    "sentinel-solutions": {
        "solution": "Wiz Logs",
        "publisher": "Wiz",
        "support_name": "Wiz",
        "support_tier": "Microsoft",
        "first_published": "2023-12-01",
        "last_published": "2024-06-01",
        "published": "true",
        "deprecated": "false",
    },
}


@pytest.mark.parametrize(
    ("source", "subject", "property_", "value"),
    [
        (AZURE, "organization/wiz", "pe:webDomain", '"wiz.io"'),
        (AZURE, "organization/wiz", "rdf:type", "pe:Partner"),
        (AZURE, "organization/wiz", "pe:participatesIn", "program/cloud-solution-provider"),
        (AZURE, "participation/azure-government-wiz-direct-csp", "pe:participant", "organization/wiz"),
        (AZURE, "participation/azure-government-wiz-direct-csp", "rdfs:label", '"Wiz: direct CSP"'),
        (AZURE, "product/microsoft-azure-government", "rdfs:label", '"Azure Government"'),
        ("expressroute-indirect", "organization/wiz", "pe:connectsVia", "organization/equinix"),
        ("expressroute-indirect", "location/montreal", "rdfs:label", '"Montreal"'),
        ("expressroute-indirect", "organization/equinix", "pe:namedAs", '"Equinix"'),
        ("press", "organization/jwt", "pe:suppliesTo", "organization/microsoft"),
        ("press", "period/2009", "pe:begins", '"2009"^^xsd:gYear'),
        ("seed", "program/isv-empower", "pe:launched", '"2003"^^xsd:gYear'),
        ("sentinel-solutions", "solution/sentinel-wiz-logs", "pe:firstPublished", '"2023-12-01"^^xsd:date'),
        ("sentinel-solutions", "solution/sentinel-wiz-logs", "pe:deprecated", '"false"^^xsd:boolean'),
        ("sentinel-solutions", "organization/wiz", "pe:offers", "solution/sentinel-wiz-logs"),
    ],
)
def test_a_row_says_what_is_in_it(source: str, subject: str, property_: str, value: str) -> None:
    assert says(source, MADE_UP[source], made_up(source, subject, property_, value))


@pytest.mark.parametrize(
    ("source", "subject", "property_", "value"),
    [
        # The subject of another row.
        (AZURE, "organization/equinix", "pe:webDomain", '"wiz.io"'),
        (AZURE, "organization/equinix", "rdf:type", "pe:Partner"),
        (AZURE, "participation/azure-government-equinix-direct-csp", "pe:participant", "organization/wiz"),
        (AZURE, "program/wiz", "pe:webDomain", '"wiz.io"'),
        ("expressroute-indirect", "organization/equinix", "pe:webDomain", '"wiz.io"'),
        ("expressroute-indirect", "organization/equinix", "pe:connectsVia", "organization/wiz"),
        ("expressroute-indirect", "location/toronto", "rdfs:label", '"Montreal"'),
        ("seed", "program/microsoft-partner-network", "pe:launched", '"2003"^^xsd:gYear'),
        ("sentinel-solutions", "solution/sentinel-wiz", "pe:firstPublished", '"2023-12-01"^^xsd:date'),
        # The value of another row, or of another cell.
        (AZURE, "organization/wiz", "pe:webDomain", '"wiz.com"'),
        (AZURE, "organization/wiz", "pe:webDomain", '"direct-csp"'),
        (AZURE, "organization/wiz", "pe:namedAs", '"Wiz Inc."'),
        (AZURE, "organization/wiz", "pe:namedAs", '"wiz"'),
        (AZURE, "organization/wiz", "rdf:type", "pe:Program"),
        (AZURE, "organization/wiz", "pe:participatesIn", "program/direct-csp"),
        (AZURE, "organization/wiz", "pe:participatesIn", "product/cloud-solution-provider"),
        (AZURE, "participation/azure-government-wiz-direct-csp", "pe:role", "role/microsoft-indirect-csp"),
        (AZURE, "participation/azure-government-wiz-direct-csp", "pe:concerns", "product/microsoft-sentinel"),
        (AZURE, "participation/azure-government-wiz-direct-csp", "rdfs:label", '"Azure Government"'),
        ("expressroute-indirect", "location/montreal", "rdfs:label", '"Toronto; Montreal"'),
        ("expressroute-indirect", "participation/expressroute-indirect-wiz-exchange-provider", "pe:role",
         "role/satellite-operator"),
        (AZURE, "organization/wiz", "rdf:type", '"pe:Partner"'),
        (AZURE, "participation/azure-government-wiz-direct-csp", "pe:participant", '"Wiz"'),
        ("seed", "program/isv-empower", "pe:launched", '"2003"'),
        ("sentinel-solutions", "organization/wiz", "rdf:type", "pe:Partner"),
        ("sentinel-solutions", "solution/sentinel-wiz-logs", "pe:deprecated", '"true"^^xsd:boolean'),
        # Another year or day.
        ("press", "period/2009", "pe:begins", '"2008"^^xsd:gYear'),
        ("press", "period/2008", "pe:begins", '"2009"^^xsd:gYear'),
        ("press", "participation/press-jwt", "pe:since", '"2009-10-24"^^xsd:date'),
        ("seed", "program/isv-empower", "pe:launched", '"2002"^^xsd:gYear'),
        ("sentinel-solutions", "solution/sentinel-wiz-logs", "pe:firstPublished", '"2023-12-02"^^xsd:date'),
        # Another property.
        (AZURE, "organization/wiz", "rdfs:label", '"Wiz"'),
        (AZURE, "participation/azure-government-wiz-direct-csp", "pe:webDomain", '"wiz.io"'),
        ("press", "organization/jwt", "pe:relatedTo", "organization/microsoft"),
        ("press", "organization/jwt", "pe:since", '"2009"^^xsd:gYear'),
        ("seed", "program/isv-empower", "pe:ended", '"2003"^^xsd:gYear'),
        ("seed", "program/isv-empower", "rdf:type", "pe:Program"),
        ("sentinel-solutions", "solution/sentinel-wiz-logs", "pe:firstPublished", '"2024-06-01"^^xsd:date'),
    ],
)  # fmt: skip
def test_a_row_does_not_say_what_is_not_in_it(source: str, subject: str, property_: str, value: str) -> None:
    assert not says(source, MADE_UP[source], made_up(source, subject, property_, value))


def made_up(source: str, subject: str, property_: str, value: str) -> Quad:
    _, text, datatype = value.split('"') if value.startswith('"') else ("", "", "")
    kind = NamedNode(term_of(datatype.removeprefix("^^"))) if datatype else None
    named = Literal(text, datatype=kind) if value.startswith('"') else NamedNode(term_of(value))
    return Quad(NamedNode(term_of(subject)), NamedNode(term_of(property_)), named, NamedNode(GRAPH + source))


@pytest.fixture(scope="module")
def stated(snapshot: Snapshot) -> list[Quad]:
    """All statements of all tables, always in the same order."""
    graphs = [GRAPH + source for source in SAYS]
    quads = [q for graph in graphs for q in snapshot.store.quads_for_pattern(None, None, None, NamedNode(graph))]
    return sorted(quads, key=str)


@pytest.fixture(scope="module")
def drawn(stated: list[Quad]) -> list[Quad]:
    """Statements of tables drawn at random, the same each time; of any kind."""
    return random.Random(SEED).sample(stated, DRAWN)


@pytest.fixture(scope="module")
def of_each_property(stated: list[Quad]) -> list[Quad]:
    """Some statements of each property of each source, the same each time."""
    kinds: dict[tuple[str, str], list[Quad]] = {}
    for quad in stated:
        kinds.setdefault((source_of(quad), quad.predicate.value), []).append(quad)
    chance = random.Random(SEED)
    return [quad for _, quads in sorted(kinds.items()) for quad in chance.sample(quads, min(len(quads), EACH))]


def source_of(quad: Quad) -> str:
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name.value.removeprefix(GRAPH)


def unsaid(snapshot: Snapshot, quads: list[Quad], used: set[tuple[str, Way]]) -> list[str]:
    """Give what is wrong with the rows of statements: that there is none, or that one does not say it."""
    found = []
    with closing(snapshot.index()) as index:
        for quad in quads:
            source = source_of(quad)
            rows_ = [one for one in provenance.why(index, *quad.triple) if one.graph == GRAPH + source]
            if not rows_:
                found.append(f"{source}: no row makes {quad.triple}")
            for one in rows_:
                assert one.file == "facts.tsv"
                assert one.row
                given = of_row(source, one.row)
                ways = says(source, given, quad)
                if one.cells != given or not ways:
                    found.append(f"{source}, row {one.row}: {given} does not say {quad.triple}")
                used |= {(source, way) for way in ways}
    return found


def test_each_statement_has_its_row_and_the_row_says_it(snapshot: Snapshot, stated: list[Quad]) -> None:
    """All of them, not only those drawn. And no way in which a row might say it is in vain: it could hide something."""
    assert {source_of(quad) for quad in stated} == {path.parent.name for path in FACTS.glob("*/facts.tsv")}
    used: set[tuple[str, Way]] = set()
    assert unsaid(snapshot, stated, used) == []
    known = {(source, way) for source, told in SAYS.items() for ways in told.values.values() for way in ways}
    assert known <= used, known - used


@pytest.mark.parametrize("source", SAYS)
def test_what_rows_do_not_say_is_constant_in_the_mapping(source: str) -> None:
    text = (FACTS / source / "mapping.rq").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    construct, _, where = code[code.index("CONSTRUCT") :].partition("WHERE")
    table = SAYS[source]
    columns = set(facts(source)[0])
    ways = [way for told in (*table.kinds.values(), *table.values.values()) for way in told]
    names_ = {name for way in ways for name in (*parts_of(way.subject), *parts_of(way.value)) if name}
    conditions = {column for way in ways for column, _ in way.where}
    assert {name for name in names_ if is_column(name)} | conditions | {table.listed, *table.links} - {""} <= columns
    constants = {name for name in names_ if not is_column(name)}
    for name in constants:
        kind, slash, own = name.partition("/")
        if name.startswith('"'):
            plain = re.search(rf"[ (]{re.escape(name[1:-1])}[,)]", where) if name in ('"1"', '"true"') else None
            assert name in code or plain, name
        elif name.startswith("<"):
            assert name in construct, name
        elif slash:
            assert f'f:iri("{kind}", "{own}")' in where, name
        else:
            assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", construct), name
    for cell, read in table.read.items():
        assert f'"{read}"' in where or read in cell.split(), read
    for kind, class_ in CLASSES.items() if source in STATEMENTS[1:] else ():
        naming = "skos:prefLabel" if kind in PREFERRED else "UNDEF"
        assert f'("{kind}" {class_} {naming})' in where or f'("{kind}"' not in where, kind


@pytest.mark.long
def test_why_names_file_row_licence_and_kind_of_evidence(
    data: DataDirectory, drawn: list[Quad], of_each_property: list[Quad]
) -> None:
    runner = CliRunner(env={"PARTNERGRAPH_DATA_DIR": str(data.path)})
    for quad in [*drawn, *of_each_property]:
        done = runner.invoke(cli, ["why", "--format", "json", *map(str, quad.triple)])
        assert done.exit_code == 0, (quad, done.stderr)
        source = source_of(quad)
        told = [row for row in json.loads(done.stdout) if row["graph"] == GRAPH + source]
        assert told, quad
        for one in told:
            assert one["file"] == f"{source}/facts.tsv"
            assert one["evidence"] in ("stated", "judged", "derived")
            assert one["licence"]
            given = of_row(source, int(one["row"]))
            assert one["the row says"] == "; ".join(f"{column}={cell}" for column, cell in given.items())
            assert says(source, given, quad), (quad, one)


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
