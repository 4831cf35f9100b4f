"""Identity: what the rule proposes, what the register decided, and that no decision ever moves an identifier."""

import csv
import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Store

from graph.command import cli
from graph.draw import Drawn, draw
from graph.inputs import Facts
from graph.names import FUNCTION, GRAPH, PREFIXES, THING, slug
from graph.register import Entry, Register
from graph.resolve import Named, names_in, normalised, propose
from graph.snapshot import DataDirectory

ROOT = Path(__file__).parent
FACTS = ROOT.parent / "graph" / "facts"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Give the rows of a table with tabs."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, dialect="excel-tab"))


REGISTER = rows_of(FACTS / "register.tsv")


@pytest.fixture(scope="module")
def store(drawn: Drawn) -> Store:
    return drawn.store


def firms(store: Store, query: str) -> set[tuple[str, str]]:
    """Run a query for ?a and ?b, two organisations; give their slugs."""
    found = store.query(query, prefixes=PREFIXES)
    return {
        (row["a"].value.removeprefix(THING + "organization/"), row["b"].value.removeprefix(THING + "organization/"))
        for row in found
    }


# ---- the rule


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quill & Co.", "Quill"),
        ("Quill GmbH", "QUILL"),
        ("Söhne S.p.A.", "Sohne"),
        ("The Quill Company, Inc.", "quill"),
        ("Agile IT", "AgileIT, LLC"),
        ("D.E.F. Systems", "DEF Systems"),
        ("Africa's Wells", "Africas Wells"),
    ],
)
def test_a_name_is_the_same_but_for_its_form(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Quill Federal", "Quill"), ("Quill", "Quills"), ("Quill Systems", "Quill"), ("R3", "R4")]
)
def test_a_word_or_a_letter_makes_another_name(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_name_of_legal_forms_alone_is_kept() -> None:
    assert normalised("The Company") == "thecompany"


@given(st.text(max_size=40))
def test_what_is_normalised_holds_letters_and_digits_alone(name: str) -> None:
    assert all(character.isascii() and character.isalnum() for character in normalised(name))


KNOWN = [
    Entry("Quill", "quill.example", "quill", "label", "x", 2),
    Entry("Marrow Inc", "", "marrow-inc", "label", "x", 3),
    Entry("Tarn", "tarn.example", "tarn", "label", "x", 4),
    Entry("Tarn", "tarn.test", "tarn-tarn-test", "label", "x", 5),
    Entry("Bramble Networks", "", "bramble-networks", "label", "x", 6),
]


@pytest.mark.parametrize(
    ("name", "domain", "organization", "relation"),
    [
        ("Quill, Inc.", "quill.example", "quill", "same"),
        ("Quill, Inc.", "", "quill", "same"),
        ("Quill, Inc.", "other.example", "quill-inc", "label"),
        ("Quill", "other.example", "quill-other-example", "label"),
        ("Marrow", "marrow.example", "marrow-inc", "same"),
        ("Quill Federal", "quill.example", "quill-federal", "label"),
        ("TARN Ltd", "", "tarn-ltd", "label"),
        ("Brambel Networks", "", "brambel-networks", "label"),
        ("Tarn", "", "tarn", "same"),
        ("Tarn", "third.example", "tarn-third-example", "label"),
    ],
    ids=[
        "name and website", "name, no website to compare", "name, another website", "a taken slug is not given again",
        "a firm without a website", "website alone", "a name of two firms settles nothing", "alike is not the same",
        "a person picks among firms of one name", "one name, a third website",
    ],
)  # fmt: skip
def test_the_rule_proposes(name: str, domain: str, organization: str, relation: str) -> None:
    (proposal,) = propose([Named(name, domain, "made-up")], Register(KNOWN))
    assert (proposal.organization, proposal.relation) == (organization, relation)


@pytest.mark.parametrize(
    ("name", "domain", "candidate"),
    [
        ("Quill, Inc.", "other.example", "quill (same name, another website)"),
        ("Quill Federal", "quill.example", "quill (same website)"),
        ("Brambel Networks", "", "bramble-networks (alike, 93 of 100)"),
        ("Tarn", "", "tarn (same name); tarn-tarn-test (same name)"),
        ("Zephyr", "zephyr.example", ""),
    ],
)
def test_a_person_is_shown_what_to_compare_with(name: str, domain: str, candidate: str) -> None:
    (proposal,) = propose([Named(name, domain, "made-up")], Register(KNOWN))
    assert "; ".join(proposal.candidates) == candidate


def test_what_the_register_settles_is_not_proposed() -> None:
    settled = [Named("Quill", "quill.example", "s"), Named("Quill", "", "s"), Named("Marrow Inc", "new.example", "s")]
    assert propose(settled, Register(KNOWN)) == []


def test_what_is_not_proposed_is_what_a_closed_register_answers() -> None:
    """Else `propose` says that nothing is open, and the build stops at that very name."""
    websites = ["", "quill.example", "tarn.example", "tarn.test", "new.example"]
    for name in (*(entry.name for entry in KNOWN), "Unknown"):
        for domain in websites:
            register = Register(KNOWN)
            try:
                register.organization(name, domain)
                answered = True
            except LookupError:
                answered = False
            assert answered == (propose([Named(name, domain, "s")], register) == []), (name, domain)


def test_proposals_know_each_other() -> None:
    """Two spellings of a new firm become one node, and the first of them its label."""
    first, second = propose([Named("Fell Labs", "", "a"), Named("Fell Labs, LLC", "", "b")], Register([]))
    assert (first.organization, first.relation) == ("fell-labs", "label")
    assert (second.organization, second.relation) == ("fell-labs", "same")


@pytest.fixture(scope="module")
def asked() -> list[Named]:
    """Every name that a shipped table looks up."""
    return list(names_in(Facts(FACTS)))


def test_the_shipped_register_settles_every_name(asked: list[Named]) -> None:
    assert asked
    assert propose(asked, Facts(FACTS).register()) == []


def test_a_firm_without_a_website_is_not_two_firms_of_two(asked: list[Named]) -> None:
    """The register takes any website for such a firm: two of them are two firms until a row says otherwise."""
    register = Facts(FACTS).register()
    held = {row["organization"] for row in REGISTER if row["domain"]}
    websites = defaultdict(set)
    for one in asked:
        firm = register.organization(one.name, one.domain).rsplit("/", 1)[-1]
        if one.domain and firm not in held:
            websites[firm].add(one.domain)
    assert websites
    assert {firm: found for firm, found in websites.items() if len(found) > 1} == {}


def test_the_command_proposes_rows_for_a_register(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    shutil.copytree(ROOT / "data" / "second", facts)
    command = ["propose", "--facts", str(facts)]
    header, *rows = [line.split("\t") for line in CliRunner().invoke(cli, command).output.splitlines()]
    assert header == ["name", "domain", "organization", "relation", "evidence", "candidates"]
    (facts / "register.tsv").write_text(
        "\n".join("\t".join(cells[:5]) for cells in [header, *rows]) + "\n", encoding="utf-8"
    )
    assert rows
    assert CliRunner().invoke(cli, command).output.splitlines() == ["\t".join(header)]


# ---- the list of sources


def test_the_command_lists_every_graph_with_its_rows(data: DataDirectory) -> None:
    command = ["sources", "--format", "json", "--data-dir", str(data.path)]
    told = {row["source"]: row for row in json.loads(CliRunner().invoke(cli, command).output)}
    assert {GRAPH + source for source in told} == set(data.current().manifest.graphs)
    for table in FACTS.glob("*/facts.tsv"):
        rows = rows_of(table)
        row = told[table.parent.name]
        assert (row["rows"], row["left out"]) == (str(len(rows)), str(sum(bool(r.get("left_out")) for r in rows)))
        assert row["licence"], row
        assert row["bias"], row
        assert row["date"], row


# ---- the register


def decided(rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """Give the organisation that each name and website of `rows` means."""
    return {(row["name"], row["domain"]): row["organization"] for row in rows}


def moved(published: dict[tuple[str, str], str], now: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Give the published names that mean another organisation now, or none."""
    return {name for name, organization in published.items() if now.get(name) != organization}


def test_no_published_name_ever_moves_to_another_organisation() -> None:
    """What was published under an identifier stays there: a new source adds rows and changes none of these."""
    published = decided(rows_of(ROOT / "data" / "identity" / "published.tsv"))
    assert moved(published, decided(REGISTER)) == set()
    assert decided(REGISTER).keys() == published.keys(), "a new row of the register is guarded from now on: add it"


HELD = """name\tdomain\torganization\trelation\tevidence
Quill\tquill.example\tquill\tlabel\tx
Tarn\ttarn.example\ttarn\tlabel\tx
Marrow Inc\t\tmarrow-inc\tlabel\tx
"""
ASKS = """CONSTRUCT { ?firm a pe:Partner ; pe:namedAs ?name }
WHERE { ?row <#name> ?name . OPTIONAL { ?row <#domain> ?domain }
  BIND (f:organization(?name, COALESCE(?domain, "")) AS ?firm) }"""


def add_source(facts: Path, source: str, table: str) -> None:
    """Put a made-up source into a folder of facts: a table of names and websites."""
    (facts / source).mkdir(parents=True)
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in (("pe", PREFIXES["pe"]), ("f", FUNCTION)))
    (facts / source / "facts.tsv").write_text("name\tdomain\n" + table, encoding="utf-8")
    (facts / source / "mapping.rq").write_text(f"# A row is a firm.\n{prefixes}{ASKS}", encoding="utf-8")
    described = f'<{GRAPH}{source}> a <{PREFIXES["pe"]}Source> ; <{PREFIXES["rdfs"]}label> "{source}" .\n'
    (facts / source / "source.ttl").write_text(described, encoding="utf-8")


def test_a_made_up_source_more_changes_no_identifier(tmp_path: Path) -> None:
    """New, known and homonymous names: rows are added as `propose` gives them, and the first source says the same."""
    add_source(tmp_path, "first", "Quill\tquill.example\nTarn\t\nMarrow Inc\tmarrow.example\n")
    register = tmp_path / "register.tsv"
    register.write_text(HELD, encoding="utf-8")
    before = draw(Facts(tmp_path))
    published = decided(rows_of(register))

    more = "Quill, Inc.\tquill.example\nTarn\ttarn.test\nFell Labs\t\nQuill\tq.example\nMarrow Inc\t\n"
    add_source(tmp_path, "second", more)
    rows = propose(names_in(Facts(tmp_path)), Facts(tmp_path).register())
    lines = ["\t".join((row.name, row.domain, row.organization, row.relation, row.evidence)) for row in rows]
    register.write_text(HELD + "\n".join(lines) + "\n", encoding="utf-8")
    after = draw(Facts(tmp_path))

    assert [tally.faults for tally in after.tallies] == [[], []]
    graph = NamedNode(GRAPH + "first")
    said = set(before.store.quads_for_pattern(None, None, None, graph))
    assert said
    assert said == set(after.store.quads_for_pattern(None, None, None, graph))
    assert moved(published, decided(rows_of(register))) == set()
    assert [(row.name, row.domain, row.organization, row.relation) for row in rows] == [
        ("Quill, Inc.", "quill.example", "quill", "same"),
        ("Tarn", "tarn.test", "tarn-tarn-test", "label"),
        ("Fell Labs", "", "fell-labs", "label"),
        ("Quill", "q.example", "quill-q-example", "label"),
        ("Tarn", "", "tarn", "same"),
    ]
    assert propose(names_in(Facts(tmp_path)), Facts(tmp_path).register()) == []

    register.write_text(register.read_text(encoding="utf-8").replace("\ttarn\t", "\ttarn-plc\t"), encoding="utf-8")
    assert moved(published, decided(rows_of(register))) == {("Tarn", "tarn.example")}
    changed = draw(Facts(tmp_path))
    assert said != set(changed.store.quads_for_pattern(None, None, None, graph)), "the test could not fail"


@pytest.mark.long
def test_a_source_more_changes_no_identifier(drawn: Drawn, tmp_path: Path) -> None:
    """The graphs of the first sources name the same things whether or not the later sources are there."""
    facts = tmp_path / "facts"
    first = ["seed", "documents", "expressroute-indirect", "expressroute-locations", "power-platform"]
    for source in first:
        shutil.copytree(FACTS / source, facts / source)
    for name in ("register.tsv", "register.ttl"):
        shutil.copy(FACTS / name, facts)
    few = draw(Facts(facts))
    for source in first:
        graph = NamedNode(GRAPH + source)
        few_quads = set(few.store.quads_for_pattern(None, None, None, graph))
        assert few_quads == set(drawn.store.quads_for_pattern(None, None, None, graph)), source


def test_every_merge_has_its_evidence(asked: list[Named]) -> None:
    labels, websites = defaultdict(set), defaultdict(set)
    for row in REGISTER:
        websites[row["organization"]].add((row["name"], row["domain"]))
        if row["relation"] == "label":
            labels[row["organization"]].add(normalised(row["name"]))
    register = Facts(FACTS).register()
    for one in asked:
        websites[register.organization(one.name, one.domain).rsplit("/", 1)[-1]].add((one.name, one.domain))
    for row in REGISTER:
        if "same website" in row["evidence"].split("; "):
            others = {domain for name, domain in websites[row["organization"]] if name != row["name"]}
            assert row["domain"] in others - {""}, row
        assert len(row["evidence"]) > len("named in "), row
        if row["relation"] == "same" and row["evidence"].startswith("same name but for its form"):
            assert normalised(row["name"]) in labels[row["organization"]], row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Accenture LLP", "accenture.com"), ("Accenture Federal Services LLC", "accenture.com")),
        (("R3 LLC", "r3.com"), ("R3, LLC", "r3-it.com")),
        (("nCipher", "entrust.com"), ("Entrust", "entrust.com")),
        (("Lumen", "lumen.com"), ("Level 3 Communications", "lumen.com")),
        (("VMware", "vmware.com"), ("VMware by Broadcom", "vmware.com")),
        (("I2, Inc. (IBM)", "ibm.com"), ("IBM Corporation", "ibm.com")),
    ],
)
def test_firms_of_a_group_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    register = Facts(FACTS).register()
    assert register.organization(*one) != register.organization(*other)


@pytest.mark.parametrize(
    "names",
    [
        [("Hewlett Packard Enterprise", "hpe.com"), ("HPE", "hpe.com"), ("HPE", "")],
        [("VALCOM COMPUTER CENTER", "vlcmtech.com"), ("VLCM", "vlcmtech.com")],
        [("Liquid Telecom", "liquidcloud.africa"), ("Liquid Intelligent Technologies", "liquidcloud.africa")],
        [("Science Applications International Corporation", "saic.com"), ("SAIC", "saic.com")],
    ],
)
def test_one_firm_under_its_names(names: list[tuple[str, str]]) -> None:
    register = Facts(FACTS).register()
    assert len({register.organization(*name) for name in names}) == 1


def test_a_misspelt_name_is_found_and_is_not_what_the_firm_is_called(store: Store) -> None:
    """The source keeps what it writes, search finds it, and nobody reads it as the firm's name."""
    wrong = {(row["organization"], row["name"]) for row in REGISTER if row["relation"] == "misspelling"}
    hidden = {
        (quad.subject.value.rsplit("/", 1)[-1], quad.object.value)
        for quad in store.quads_for_pattern(None, NamedNode(PREFIXES["skos"] + "hiddenLabel"), None)
    }
    labels = {quad.object.value for quad in store.quads_for_pattern(None, NamedNode(PREFIXES["rdfs"] + "label"), None)}
    assert {("apptus", "Apptus"), ("epi-use-labs-lcc", "EPI-USE Labs LCC")} <= wrong
    assert wrong - {("microsoft", "Microsoft Inc.")} <= hidden
    assert {"Apttus", "EPI-USE Labs LLC"} <= labels
    assert not {name for _, name in wrong} & labels


@pytest.mark.parametrize(
    ("product", "domain", "firm"),
    [
        ("42Crunch API Protection", "42crunch.com", "42Crunch"),
        ("Nominet PDNS", "", "Nominet"),
        ("MailGuard 365", "mailguard365.com", "MailGuard Pty Limited"),
        ("BI360", "", "Solver"),
    ],
)
def test_a_product_is_not_what_its_firm_is_called(store: Store, product: str, domain: str, firm: str) -> None:
    iri = NamedNode(Facts(FACTS).register().organization(product, domain))
    label, other = NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["skos"] + "altLabel")
    register = NamedNode(GRAPH + "register")
    assert [quad.object.value for quad in store.quads_for_pattern(iri, label, None, register)] == [firm]
    assert product in {quad.object.value for quad in store.quads_for_pattern(iri, other, None)}


# ---- candidates and successors


def test_candidates_are_the_groups_that_nobody_joined(store: Store) -> None:
    register = Facts(FACTS).register()
    groups = defaultdict(set)
    for row in rows_of(FACTS / "identity-candidates" / "facts.tsv"):
        if not row["left_out"]:
            groups[row["cluster"]].add(register.organization(row["name"], row["domain"]).rsplit("/", 1)[-1])
    expected = {(a, b) for group in groups.values() for a in group for b in group if a != b}
    found = firms(
        store, "SELECT ?a ?b { GRAPH ?g { ?a skos:closeMatch ?b } FILTER (STRENDS(STR(?g), '-same-cluster')) }"
    )
    assert expected
    assert found == expected


def test_firms_judged_to_be_two_are_two(store: Store) -> None:
    register = Facts(FACTS).register()
    rows = rows_of(FACTS / "organizations-apart" / "facts.tsv")
    expected = {
        tuple(register.organization(row[end], row[f"{end}_domain"]).rsplit("/", 1)[-1] for end in ("one", "other"))
        for row in rows
    }
    found = firms(store, "SELECT ?a ?b { ?a <http://www.w3.org/2002/07/owl#differentFrom> ?b }")
    assert found == expected
    assert ("accenture", "accenture-federal-services-llc") in found
    assert not {frozenset(pair) for pair in found} & {
        frozenset(pair) for pair in firms(store, "SELECT ?a ?b { ?a pe:succeededBy ?b }")
    }


def test_no_firm_is_called_the_same_as_another(store: Store) -> None:
    assert not store.query(
        "ASK { ?a <http://www.w3.org/2002/07/owl#sameAs>|skos:exactMatch ?b . ?a a pe:Organization }", prefixes=PREFIXES
    )


def test_a_change_of_name_or_owner_is_an_event_between_two_firms(store: Store) -> None:
    register = Facts(FACTS).register()
    rows = rows_of(FACTS / "organization-changes" / "facts.tsv")
    expected = {
        tuple(register.organization(row[end], row[f"{end}_domain"]).rsplit("/", 1)[-1] for end in ("before", "after"))
        for row in rows
    }
    assert firms(store, "SELECT ?a ?b { ?a pe:succeededBy ?b }") == expected
    assert expected == firms(
        store,
        """SELECT ?a ?b { ?event a pe:OrganizationChange ; pe:kindOf ?what ; rdfs:comment ?how ;
             org:originalOrganization ?a ; org:resultingOrganization ?b }""",
    )
    # No stored page gives a day: none is invented.
    assert not store.query("ASK { ?event a pe:OrganizationChange ; pe:inPeriod ?when }", prefixes=PREFIXES)


def test_slugs_are_made_of_a_name_of_the_firm() -> None:
    """Of any of its names: a slug stays where a better label is found, since no identifier changes."""
    names = defaultdict(set)
    for row in REGISTER:
        names[row["organization"]].add(slug(row["name"]))
    for key, made in names.items():
        assert any(key.startswith(name) for name in made), key
