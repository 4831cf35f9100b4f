"""The record of named partners: the graph says what the tables say, counted a second time by other means.

The tables are read here with the csv module alone and names are looked up in the register by a few lines of
this module, so that a mistake in a mapping, in the register's code or in a rule cannot hide in its own count.
"""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Variable

from graph.draw import Drawn
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING, slug, thing
from graph.rules import Rule, rules

ROOM = Path(__file__).parent.parent / "graph"
FACTS = ROOM / "facts"
LOCATIONS, INDIRECT, INTEGRATORS = (
    "expressroute-locations",
    "expressroute-indirect",
    "expressroute-integrators",
)
CONNECTORS, JUDGEMENT = "power-platform", "judgement"
TABLES = (LOCATIONS, INDIRECT, INTEGRATORS, CONNECTORS, JUDGEMENT)
# The tables that give a firm's website, with the column of its name.
WEBSITES = (
    (LOCATIONS, "provider"),
    (INDIRECT, "provider"),
    (INTEGRATORS, "system_integrator"),
    ("sentinel-solutions", "publisher"),
    ("azure-government", "partner"),
    ("documentation-roles", "partner"),
)
OPERATOR = "microsoft"
WIDEST_CLOUD = "Azure commercial (global)"

# The names that no table, register or graph may hold, as digests: spelled out, they would be published here.
PRIVATE_NAMES = frozenset(
    {
        "15021566a3ea2c2906b6",
        "30164dc8c14fbe74b7f8",
        "7433f055468d228412f7",
        "901bae0b177e80bfac75",
        "b1effa99083b5ca9a587",
        "b2103a2208b0f8a46cdd",
        "e976b06ca080b0a6ff3f",
        "f034023ff16e2ba324a2",
        "f3ab1e4e3a20e7adc866",
        "f6f5ffa98ff9d028427a",
    }
)

Row = dict[str, str]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, dialect="excel-tab"))


def _table(source: str) -> list[Row]:
    """Give the rows of a table that no person left out; of the judgements, those of a firm's role."""
    rows = _rows(FACTS / source / "facts.tsv")
    return [row for row in rows if not row.get("left_out") and (source != JUDGEMENT or row["role"])]


REGISTER = _rows(FACTS / "register.tsv")


def _firm(name: str, domain: str = "") -> str:
    """Look a name up in the register: with its domain, without one, or by the name alone if it is enough."""
    for wanted in ((name, domain), (name, "")):
        found = {row["organization"] for row in REGISTER if (row["name"], row["domain"]) == wanted}
        if found:
            return found.pop()
    (only,) = {row["organization"] for row in REGISTER if row["name"] == name}
    return only


def _place(row: Row) -> str:
    cloud = row["cloud"]
    return row["peering_location"] if cloud == WIDEST_CLOUD else f"{row['peering_location']} ({cloud})"


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


def _names_in(source: str) -> Iterator[tuple[str, str]]:
    """Give every (name, domain) by which a table that ships names a firm."""
    columns = {
        LOCATIONS: ["provider"],
        INDIRECT: ["provider", "via_partner"],
        INTEGRATORS: ["system_integrator"],
        CONNECTORS: ["publisher"],
        JUDGEMENT: ["organization"],
    }[source]
    for row in _table(source):
        for column in columns:
            if row[column]:
                yield row[column], row.get("domain", "") if column != "via_partner" else ""
    if source == CONNECTORS:
        yield from ((owner, "") for _, owner in _built_for())


def _built_for() -> list[tuple[str, str]]:
    """Give publisher and owner of the rows that name another firm as owner of what the connector connects."""
    return [
        (row["publisher"], row["stack_owner"])
        for row in _table(CONNECTORS)
        if row["publisher"] and row["stack_owner"] not in ("", row["publisher"]) and not row["stack_owner_left_out"]
    ]


@pytest.fixture(scope="module")
def store(drawn: Drawn) -> Store:
    return drawn.store


def _slug_of(term: object) -> str:
    assert isinstance(term, NamedNode), term
    return term.value.rsplit("/", 1)[-1]


def _counts(store: Store, query: str) -> dict[str, int]:
    """Run a query for ?key and ?n; a key is a label, or the slug of a thing."""
    found = {}
    for solution in store.query(query, prefixes=PREFIXES):
        key, n = solution["key"], solution["n"]
        found[key.value if isinstance(key, Literal) else _slug_of(key)] = int(n.value)
    return found


def _pairs(store: Store, query: str) -> set[tuple[str, str]]:
    """Run a query for ?a and ?b and give the slugs of both."""
    return {(_slug_of(row["a"]), _slug_of(row["b"])) for row in store.query(query, prefixes=PREFIXES)}


def _sizes(pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    members = defaultdict(set)
    for key, member in pairs:
        members[key].add(member)
    return {key: len(found) for key, found in members.items()}


# ---- ExpressRoute


def test_providers_of_each_location(store: Store) -> None:
    expected = _sizes((_place(row), _firm(row["provider"], row["domain"])) for row in _table(LOCATIONS))
    assert expected == _counts(
        store,
        """SELECT ?key (COUNT(DISTINCT ?provider) AS ?n)
           WHERE { ?provider pe:peersAt ?location . ?location rdfs:label ?key } GROUP BY ?key""",
    )


def test_locations_of_each_provider(store: Store) -> None:
    expected = _sizes((_firm(row["provider"], row["domain"]), _place(row)) for row in _table(LOCATIONS))
    assert expected == _counts(
        store,
        "SELECT ?key (COUNT(DISTINCT ?location) AS ?n) WHERE { ?key pe:peersAt ?location } GROUP BY ?key",
    )


def test_a_participation_for_each_name_and_role(store: Store) -> None:
    """The page lists services, so that a firm takes part under each name that it is listed by."""
    for source, name, role in (
        (LOCATIONS, "provider", ""),
        (INDIRECT, "provider", "kind"),
        (INTEGRATORS, "system_integrator", ""),
        (CONNECTORS, "publisher", ""),
        (JUDGEMENT, "organization", "role"),
    ):
        listed = {
            (slug(row[name]), row.get(role, ""))
            for row in _table(source)
            if row[name] and _firm(row[name], row.get("domain", "")) != OPERATOR
        }
        found = store.query(
            "SELECT DISTINCT ?p { ?p a pe:Participation ; pe:participant ?firm ; pe:role ?role }",
            prefixes=PREFIXES,
        )
        prefix = f"{THING}participation/{source}-"
        assert len(listed) == sum(row["p"].value.startswith(prefix) for row in found), source


def test_who_connects_via_whom_and_where(store: Store) -> None:
    ties = [row for row in _table(INDIRECT) if row["via_partner"]]
    expected = {(_firm(row["provider"], row["domain"]), _firm(row["via_partner"])) for row in ties}
    assert expected == _pairs(store, "SELECT ?a ?b WHERE { ?a pe:connectsVia ?b }")
    assert expected == _pairs(
        store,
        """SELECT ?a ?b WHERE { ?tie a pe:Relationship ; pe:relationshipKind pe:connectsVia ;
             pe:from ?a ; pe:to ?b ; pe:concerns ?service . ?service a pe:Product }""",
    )
    places = {
        (slug(INDIRECT, row["provider"], "connects-via", row["via_partner"]), slug(place))
        for row in ties
        for place in _items(row["locations_listed"])
    }
    assert places == _pairs(store, "SELECT ?a ?b WHERE { ?a a pe:Relationship ; pe:atLocation ?b }")


def test_integrators_of_each_region(store: Store) -> None:
    rows = _table(INTEGRATORS)
    assert _sizes((row["region"], _firm(row["system_integrator"], row["domain"])) for row in rows) == _counts(
        store,
        """SELECT ?key (COUNT(DISTINCT ?firm) AS ?n)
           WHERE { GRAPH ?g { ?p pe:inRegion ?region ; pe:participant ?firm . ?region rdfs:label ?key }
             FILTER (STRENDS(STR(?g), "/expressroute-integrators")) } GROUP BY ?key""",
    )
    stated = {_slug_of(row["firm"]) for row in store.query(
        """SELECT DISTINCT ?firm WHERE { GRAPH ?g { ?firm pe:category ?category ; pe:integratesFor ?service }
           FILTER (STRENDS(STR(?category), "/systems-integrator") && STRENDS(STR(?g), "te-integrators")) }""",
        prefixes=PREFIXES)}  # fmt: skip
    assert stated == {_firm(row["system_integrator"], row["domain"]) for row in rows}


def test_the_one_note_is_kept_with_its_place(store: Store) -> None:
    noted = [row for row in _table(LOCATIONS) if row["note"]]
    expected = {f"{row['peering_location']}: {row['note']}" for row in noted}
    found = store.query(
        "SELECT ?g ?note { GRAPH ?g { ?p pe:qualifier ?note } }",
        prefixes=PREFIXES,
        substitutions={Variable("g"): NamedNode(GRAPH + LOCATIONS)},
    )
    assert expected == {row["note"].value for row in found}
    assert expected


# ---- connectors


def test_connectors_of_each_category(store: Store) -> None:
    rows = _table(CONNECTORS)
    expected = _sizes((name, row["connector_dir"]) for row in rows for name in _items(row["categories"]))
    assert expected == _counts(
        store,
        """SELECT ?key (COUNT(DISTINCT ?solution) AS ?n)
           WHERE { GRAPH ?g { ?solution pe:solutionCategory ?c . ?c rdfs:label ?key }
             FILTER (STRENDS(STR(?g), "/power-platform")) } GROUP BY ?key""",
    )


def test_connectors_of_each_publisher(store: Store) -> None:
    rows = [row for row in _table(CONNECTORS) if row["publisher"]]
    assert _sizes((_firm(row["publisher"]), row["connector_dir"]) for row in rows) == _counts(
        store,
        """SELECT ?key (COUNT(DISTINCT ?s) AS ?n) WHERE { GRAPH ?g { ?key pe:offers ?s }
             FILTER (STRENDS(STR(?g), "/power-platform")) } GROUP BY ?key""",
    )


def test_every_connector_is_a_solution_of_its_own(store: Store) -> None:
    directories = {row["connector_dir"] for row in _rows(FACTS / CONNECTORS / "facts.tsv")}
    found = {
        row["d"].value
        for row in store.query(
            """SELECT ?d { GRAPH ?g { ?s a pe:Solution ; dcterms:identifier ?d }
               FILTER (STRENDS(STR(?g), "/power-platform")) }""",
            prefixes=PREFIXES,
        )
    }
    assert found == {row["connector_dir"] for row in _table(CONNECTORS)}
    assert len({slug(directory) for directory in directories}) == len(directories)


def test_who_builds_for_whom(store: Store) -> None:
    expected = {(_firm(publisher), _firm(owner)) for publisher, owner in _built_for()}
    assert expected == _pairs(store, "SELECT ?a ?b WHERE { ?a pe:buildsFor ?b }")
    assert expected == _pairs(
        store,
        """SELECT ?a ?b WHERE { ?tie a pe:Relationship ; pe:relationshipKind pe:buildsFor ;
             pe:from ?a ; pe:to ?b ; pe:concerns ?solution . ?a pe:offers ?solution }""",
    )
    assert not any(builder == owner for builder, owner in expected)


def test_an_owner_left_out_as_a_firm_is_kept_as_a_name(drawn: Drawn, store: Store) -> None:
    """TALXIS and NETWORG, Ynoox and PDF4me: the relation is not stated, what the row says of the technology is."""
    rows = [row for row in _table(CONNECTORS) if row["stack_owner_left_out"]]
    [tally] = [tally for tally in drawn.tallies if tally.source == CONNECTORS]
    counted = Counter(("stack_owner", row["stack_owner_left_out"]) for row in rows)
    assert tally.cells_left_out == counted
    assert counted.total() == 26
    found = store.query(
        "SELECT ?g ?d ?v { GRAPH ?g { ?s dcterms:identifier ?d ; pe:vendorName ?v } }",
        prefixes=PREFIXES,
        substitutions={Variable("g"): NamedNode(GRAPH + CONNECTORS)},
    )
    named = {(row["connector_dir"], row["stack_owner"]) for row in rows if row["stack_owner"]}
    assert {(row["d"].value, row["v"].value) for row in found} == named
    assert {("TALXISDataFeed", "NETWORG"), ("PDF4me", "PDF4me")} <= named


def test_the_folded_table_of_categories_is_counted_in_full(store: Store) -> None:
    """The record has a table of pairs of connector and category: it is a column here, and no pair is lost."""
    every = _rows(FACTS / CONNECTORS / "facts.tsv")
    pairs = {(row["connector_dir"], name): bool(row["left_out"]) for row in every for name in _items(row["categories"])}
    assert len(pairs) == 1011
    assert sum(pairs.values()) == 11, "of connectors that are left out"
    found = store.query(
        "SELECT DISTINCT ?g ?s ?c { GRAPH ?g { ?s pe:solutionCategory ?c } }",
        prefixes=PREFIXES,
        substitutions={Variable("g"): NamedNode(GRAPH + CONNECTORS)},
    )
    assert len(list(found)) == 1000


def test_what_others_build_makes_no_firm_a_partner(store: Store) -> None:
    named_elsewhere = {_firm(*name) for source in TABLES[:3] for name in _names_in(source)}
    publishers = {_firm(row["publisher"]) for row in _table(CONNECTORS) if row["publisher"]}
    owners = {_firm(owner) for _, owner in _built_for()} - publishers - named_elsewhere
    partners = {
        _slug_of(quad.subject)
        for source in TABLES[:4]
        for quad in store.quads_for_pattern(
            None, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "Partner"), NamedNode(GRAPH + source)
        )
    }
    assert owners
    assert not owners & partners
    assert partners == (publishers | named_elsewhere) - {OPERATOR}


# ---- the operator


def test_the_operator_is_no_partner_of_itself(store: Store) -> None:
    def ask(pattern: str) -> bool:
        return bool(
            store.query(
                f"ASK {{ ?ecosystem a pe:Ecosystem ; pe:operatedBy ?o . {pattern} }}", prefixes=PREFIXES
            )
        )

    assert ask("?o pe:offers ?connector"), "it publishes connectors, and the graph says so"
    assert not ask("?o a pe:Partner")
    assert not ask("?participation pe:participant ?o")
    assert not ask("?o pe:category ?category")


# ---- the register


@pytest.mark.parametrize("source", TABLES)
def test_every_name_of_a_table_is_in_the_register(source: str) -> None:
    names = {row["name"] for row in REGISTER}
    assert sorted(name for name, _ in set(_names_in(source)) if name not in names) == []


def test_a_slug_means_one_organisation() -> None:
    labels, names = defaultdict(list), defaultdict(set)
    for row in REGISTER:
        names[row["organization"]].add((row["name"], row["domain"]))
        if row["relation"] == "label":
            labels[row["organization"]].append(row["name"])
    for key, found in names.items():
        assert len(labels[key]) == 1, key
        # Made of one of the firm's names, so that it stays where another becomes the label; where another firm has the
        # name already, the website joins the slug.
        assert key in {slug(name) for name, _ in found} | {slug(name, domain) for name, domain in found if domain}
    assert {row["organization"] for row in REGISTER} == set(labels)
    keys = [(row["name"], row["domain"]) for row in REGISTER]
    assert len(keys) == len(set(keys))
    assert [row for row in REGISTER if not row["evidence"]] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Interxion", "Digital Realty"),
        ("Interxion (Digital Realty)", "Digital Realty"),
        ("Level 3 Communications", "CenturyLink Cloud Connect"),
        ("New Signature", "Cognizant"),
        ("Telia", "Telia Carrier"),
        ("T-Systems", "Deutsche Telekom AG"),
        ("China Mobile", "China Mobile International"),
        ("Epsilon Global Communications", "Epsilon Telecommunications Limited"),
        ("Lightpath", "Altice Business"),
        ("ReversingLabs", "ReversingLabs US Inc."),
    ],
)
def test_renamed_bought_and_related_firms_stay_apart(one: str, other: str) -> None:
    assert _firm(one) != _firm(other)


@pytest.mark.parametrize(
    ("firm", "names"),
    [
        ("at-t", ["AT&T Connectivity Plus", "AT&T Dynamic Exchange", "AT&T NetBond"]),
        ("british-telecom", ["British Telecom", "BT"]),
        ("chief-telecom", ["Chief", "Chief Telecom"]),
        ("bics", ["BICS", "Bics"]),
        ("level-3-communications", ["Level 3", "Level 3 Communications"]),
        ("equinix", ["Equinix", "Equinix Cloud Exchange", "Equinix Professional Services"]),
        ("aarnet", ["AARNet", "AARNET"]),
        ("microsoft", ["Microsoft", "Microsoft Corporation", "Microsot", "Microsoft Translator"]),
        ("repfabric", ["Repfabric", "Repfbaric"]),
    ],
)
def test_names_of_one_firm_are_one_node(firm: str, names: list[str]) -> None:
    assert {_firm(name) for name in names} == {firm}


def test_each_source_keeps_the_names_it_writes(store: Store) -> None:
    """The preferred label is the register's alone; what a source calls a firm is not overwritten by it."""
    for source in TABLES[:4]:
        found = store.query(
            "SELECT ?g ?firm ?name { GRAPH ?g { ?firm pe:namedAs ?name } }",
            prefixes=PREFIXES,
            substitutions={Variable("g"): NamedNode(GRAPH + source)},
        )
        expected = {(_firm(*name), name[0]) for name in _names_in(source)}
        assert {(_slug_of(row["firm"]), row["name"].value) for row in found} == expected
    labelled = store.query(
        "SELECT DISTINCT ?g { GRAPH ?g { ?firm rdfs:label ?label } ?firm a pe:Partner }", prefixes=PREFIXES
    )
    assert [_slug_of(row["g"]) for row in labelled] == ["register"]


# ---- rows


def test_no_row_vanishes(drawn: Drawn) -> None:
    tallies = {tally.source: tally for tally in drawn.tallies}
    for source in TABLES:
        rows, tally = _rows(FACTS / source / "facts.tsv"), tallies[source]
        left_out = sum(bool(row.get("left_out")) for row in rows)
        assert (tally.rows, tally.mapped, sum(tally.left_out.values())) == (
            len(rows),
            len(rows) - left_out,
            left_out,
        )
        assert (tally.rejected, tally.unread) == (0, []), source


def test_a_connector_is_left_out_only_where_a_private_person_publishes_it() -> None:
    left_out = [row for row in _rows(FACTS / CONNECTORS / "facts.tsv") if row["left_out"]]
    assert left_out
    for row in left_out:
        assert "private person" in row["left_out"], row
        assert not row["publisher"], row


# ---- private persons


def _digests(text: str) -> set[str]:
    """Give the digest of every two and three neighbouring words of `text`, in any order and capitals."""
    words = re.findall(r"\w+", text.casefold())
    runs = (sorted(words[at : at + size]) for size in (2, 3) for at in range(len(words) - size + 1))
    return {hashlib.sha256(" ".join(run).encode()).hexdigest()[:20] for run in runs}


def test_the_search_for_names_finds_one() -> None:
    (wanted,) = _digests("Lovelace, Ada")
    assert wanted in _digests("written by Ada Lovelace of London")


def test_no_private_person_is_named(drawn: Drawn) -> None:
    literals = {quad.object.value for quad in drawn.quads() if isinstance(quad.object, Literal)}
    assert [text for text in literals if _digests(text) & PRIVATE_NAMES] == []
    for path in [*FACTS.rglob("*.tsv"), *FACTS.rglob("*.rq"), *FACTS.rglob("*.ttl")]:
        assert not _digests(path.read_text(encoding="utf-8")) & PRIVATE_NAMES, path


# ---- rules and judgements


def test_carriers_are_the_providers_with_no_other_role(store: Store) -> None:
    carriers = {_firm(row["provider"], row["domain"]) for row in _table(LOCATIONS)}
    others = {_firm(row["organization"], row["domain"]) for row in _table(JUDGEMENT)}
    for row in _table(INDIRECT):
        firm = _firm(row["provider"], row["domain"])
        (carriers if row["kind"].startswith(("connectivity", "satellite")) else others).add(firm)
    found = _pairs(
        store, "SELECT ?a ?b { GRAPH ?g { ?a pe:category ?b } FILTER (STRENDS(STR(?g), '-telecoms')) }"
    )
    assert found == {(firm, "telecommunications-company") for firm in carriers - others}


def test_publishers_are_software_vendors(store: Store) -> None:
    expected = {_firm(row["publisher"]) for row in _table(CONNECTORS) if row["publisher"]} - {OPERATOR}
    for pattern, value in (
        ("pe:category", "independent-software-vendor"),
        ("pe:activity", "builds-solutions"),
    ):
        found = _pairs(
            store, f"SELECT ?a ?b {{ GRAPH ?g {{ ?a {pattern} ?b }} FILTER (STRENDS(STR(?g), '-isvs')) }}"
        )
        assert found == {(firm, value) for firm in expected}


@pytest.mark.parametrize(
    ("location", "metro"),
    [
        ("amsterdam", "metro-amsterdam"),
        ("amsterdam2", "metro-amsterdam"),
        ("washington-dc2", "metro-washington-dc"),
        ("tokyo3", "metro-tokyo"),
        ("newport-wales", "metro-newport"),
        ("queretaro-mexico", "metro-queretaro"),
        ("chicago-microsoft-azure-us-government", "metro-chicago"),
        ("beijing2-microsoft-azure-china", "metro-beijing"),
        ("hamburg", "metro-hamburg"),
    ],
)
def test_metropolitan_areas(store: Store, location: str, metro: str) -> None:
    found = store.quads_for_pattern(
        NamedNode(f"{THING}location/{location}"),
        NamedNode(ONTOLOGY + "metro"),
        None,
        NamedNode(GRAPH + "rule-metros"),
    )
    assert [_slug_of(quad.object) for quad in found] == [metro]


def test_a_national_cloud_has_locations_of_its_own(store: Store) -> None:
    shared = store.query("SELECT ?l { ?l pe:cloud ?one, ?two FILTER (?one != ?two) }", prefixes=PREFIXES)
    assert list(shared) == []
    expected = _sizes((slug("Microsoft", row["cloud"]), row["peering_location"]) for row in _table(LOCATIONS))
    assert expected == _counts(
        store, "SELECT ?key (COUNT(DISTINCT ?l) AS ?n) { ?l pe:cloud ?key } GROUP BY ?key"
    )


@pytest.mark.parametrize(
    ("launched", "bounds"),
    [
        (["1992^gYear"], ("1992-01-01", "1992-12-31")),
        (["2004-02^gYearMonth"], ("2004-02-01", "2004-02-29")),
        (["2003-02^gYearMonth"], ("2003-02-01", "2003-02-28")),
        (["2000-02^gYearMonth"], ("2000-02-01", "2000-02-29")),
        (["1900-02^gYearMonth"], ("1900-02-01", "1900-02-28")),
        (["2000-10^gYearMonth"], ("2000-10-01", "2000-10-31")),
        (["2001-11^gYearMonth"], ("2001-11-01", "2001-11-30")),
        (["2003-10-09^date"], ("2003-10-09", "2003-10-09")),
        (["1992^gYear", "1993-06^gYearMonth"], ("1992-01-01", "1993-06-30")),
        (["soon^string"], None),
    ],
)
def test_bounds_of_a_launch(launched: list[str], bounds: tuple[str, str] | None) -> None:
    program, store = NamedNode(THING + "program/any"), Store()
    for text in launched:
        lexical, _, datatype = text.partition("^")
        value = Literal(lexical, datatype=NamedNode(PREFIXES["xsd"] + datatype))
        store.add(Quad(program, NamedNode(ONTOLOGY + "launched"), value))
    derived = {
        triple.predicate.value: triple.object
        for triple in Rule(ROOM / "rules" / "launch-bounds.rq").apply(store)
    }
    names = ("launchedNotBefore", "launchedNotAfter")
    expected = dict(zip(names, bounds, strict=True)) if bounds else {}
    date = NamedNode(PREFIXES["xsd"] + "date")
    assert derived == {ONTOLOGY + name: Literal(value, datatype=date) for name, value in expected.items()}


def test_candidates_share_a_website_and_are_not_merged(store: Store) -> None:
    domains = defaultdict(set)
    for source, column in WEBSITES:
        for row in _table(source):
            if row["domain"]:
                domains[row["domain"]].add(_firm(row[column], row["domain"]))
    expected = {
        (one, other) for firms in domains.values() for one in firms for other in firms if one != other
    }
    assert expected
    assert expected == _pairs(
        store,
        "SELECT ?a ?b { GRAPH ?g { ?a skos:closeMatch ?b } FILTER (STRENDS(STR(?g), '-same-web-domain')) }",
    )


def test_rules_and_judgements_say_nothing_that_a_source_must_say(store: Store) -> None:
    """Else "attested in three sources" would count our own reading as a source."""
    ours = [NamedNode(rule.graph) for rule in rules()] + [NamedNode(GRAPH + JUDGEMENT)]
    forbidden = [NamedNode(ONTOLOGY + "Partner"), NamedNode(ONTOLOGY + "Organization")]
    for graph in ours:
        assert list(store.quads_for_pattern(None, None, None, graph)), f"{graph} is empty"
        for kind in forbidden:
            assert list(store.quads_for_pattern(None, NamedNode(PREFIXES["rdf"] + "type"), kind, graph)) == []


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule.slug)
def test_a_rule_is_described_by_its_own_sentence(rule: Rule, store: Store) -> None:
    texts = store.quads_for_pattern(NamedNode(rule.graph), NamedNode(ONTOLOGY + "ruleText"), None)
    assert {quad.object.value for quad in texts if isinstance(quad.object, Literal)} == {rule.sentence}


OF_THE_SEED = {  # readings and gaps of the article, which it does not name itself
    ("observation/seed-partners", "possibleBasis"): 2,
    ("observation/seed-partner-revenue-per-dollar-2009", "possibleBasis"): 2,
    ("observation/seed-partners", "qualifier"): 1,
    ("category/independent-software-vendor", "qualifier"): 1,
    ("concept/partner-program-of-2003", "qualifier"): 1,
    # A programme of 1993 that an article does not name, and a year that another counts back to.
    ("event/program-history-p03-launch", "concerns"): 1,
    ("event/program-history-p22-launch", "inPeriod"): 1,
    ("program/cloud-solution-provider", "launched"): 1,
}


def test_what_an_article_does_not_say_is_judged_and_not_the_articles(store: Store) -> None:
    for (subject, name), number in OF_THE_SEED.items():
        told = store.quads_for_pattern(NamedNode(thing(*subject.split("/"))), NamedNode(ONTOLOGY + name), None)
        graphs = [quad.graph_name for quad in told if not isinstance(quad.graph_name, DefaultGraph)]
        assert graphs == [NamedNode(GRAPH + JUDGEMENT)] * number, (subject, name)
