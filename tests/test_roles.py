"""Resellers, partners on pages of documentation and partners in the press: counted a second time with pandas alone."""

from pathlib import Path

import pandas as pd
import pytest
from pyoxigraph import Store

from graph.draw import Drawn
from graph.names import GRAPH, PREFIXES, THING

FACTS = Path(__file__).parent.parent / "graph" / "facts"
RESELLERS, DOCUMENTATION, PRESS = "azure-government", "documentation-roles", "press"


def table(source: str) -> pd.DataFrame:
    """Give all rows of a shipped table; an empty cell is an empty text."""
    return pd.read_csv(FACTS / source / "facts.tsv", sep="\t", dtype=str, keep_default_na=False, na_filter=False)


def firms() -> dict[tuple[str, str], str]:
    """Give the register: (name, domain) to slug."""
    rows = pd.read_csv(FACTS / "register.tsv", sep="\t", dtype=str, keep_default_na=False, na_filter=False)
    return {(row.name_, row.domain): row.organization for row in rows.rename(columns={"name": "name_"}).itertuples()}


REGISTER = firms()


def firm(name: str, domain: str) -> str:
    """Look a firm up: by name and domain, by the name without one, or by the name where it means one firm."""
    found = REGISTER.get((name, domain)) or REGISTER.get((name, ""))
    if found is None:
        (found,) = {slug for (other, _), slug in REGISTER.items() if other == name}
    return found


@pytest.fixture(scope="module")
def store(drawn: Drawn) -> Store:
    return drawn.store


def ask(store: Store, source: str, pattern: str, *names: str) -> set[tuple[str, ...]]:
    """Run a pattern in the graph of `source`; give the values of the variables, things of ours as their slugs."""
    variables = " ".join(f"?{name}" for name in names)
    found = store.query(f"SELECT DISTINCT {variables} {{ GRAPH <{GRAPH}{source}> {{ {pattern} }} }}", prefixes=PREFIXES)
    return {tuple(short(row[name].value) for name in names) for row in found}


def short(value: str) -> str:
    """Give the slug of a thing of ours, and another value as it is."""
    return value.rsplit("/", 1)[-1] if value.startswith(THING) else value


@pytest.mark.parametrize("source", [RESELLERS, DOCUMENTATION, PRESS])
def test_every_row_is_mapped(drawn: Drawn, source: str) -> None:
    (tally,) = [tally for tally in drawn.tallies if tally.source == source]
    assert (tally.rows, tally.mapped, tally.rejected) == (len(table(source)), len(table(source)), 0)


# ---- resellers


def test_resellers_of_each_role(store: Store) -> None:
    rows = table(RESELLERS)
    expected = {(firm(row.partner, row.domain), f"microsoft-{row.role}") for row in rows.itertuples()}
    assert ask(store, RESELLERS, "?p pe:participant ?firm ; pe:role ?role", "firm", "role") == expected
    assert len(set(rows["role"])) == 4


def test_a_reseller_of_the_programme_takes_part_in_it(store: Store) -> None:
    expected = {firm(row.partner, row.domain) for row in table(RESELLERS).itertuples() if row.program}
    found = ask(store, RESELLERS, f"?firm pe:participatesIn <{THING}program/cloud-solution-provider>", "firm")
    assert {slug for (slug,) in found} == expected


def test_a_reseller_by_role_is_one_by_rule_and_not_by_statement(store: Store) -> None:
    expected = {(firm(row.partner, row.domain), "reseller") for row in table(RESELLERS).itertuples()}
    assert ask(store, "rule-roles-of-resellers", "?firm pe:category ?c", "firm", "c") == expected
    assert ask(store, RESELLERS, "?firm pe:category ?c", "firm", "c") == set()


def test_the_heir_of_the_large_account_resellers_is_not_said_to_be_renamed(store: Store) -> None:
    """No stored page says so: the role stands for itself, and only a judgement ties it to the category."""
    role = f"<{THING}role/microsoft-licensing-solution-provider>"
    found = store.query(
        f"SELECT ?g ?c {{ GRAPH ?g {{ {role} skos:related ?c }} }}", prefixes=PREFIXES
    )
    assert [(short(row["c"].value), row["g"].value) for row in found] == [
        ("large-account-reseller", GRAPH + "judgement")
    ]
    assert not store.query(f"ASK {{ {{ {role} ?p ?o }} FILTER (CONTAINS(LCASE(STR(?p)), 'replaces')) }}")


@pytest.mark.parametrize("source", [RESELLERS, DOCUMENTATION, PRESS, "sentinel-solutions", "power-platform"])
def test_a_participation_has_one_label_of_names(store: Store, source: str) -> None:
    """A slug in a label ("aos g partner", "azure-networking-msp") or a second spelling is no name."""
    labels = ask(store, source, "?p a pe:Participation ; rdfs:label ?l", "p", "l")
    assert len(labels) == len({one for one, _ in labels})
    assert {one for one, _ in labels} == {one for (one,) in ask(store, source, "?p a pe:Participation", "p")}
    told = {label.partition(": ")[2] for _, label in labels}
    assert not [one for one in told if "azure-networking-msp" in one or one[:4] in ("aos ", "isv ", "oem ")]


# ---- pages of documentation


def test_roles_of_firms_by_product_or_programme(store: Store) -> None:
    rows = table(DOCUMENTATION)
    listed = rows[rows["role"] != ""]
    expected = {
        (firm(row.partner, row.domain), f"microsoft-{row.role}", row.document) for row in listed.itertuples()
    }
    found = ask(store, DOCUMENTATION, "?p pe:participant ?f ; pe:role ?r ; dcterms:source ?d", "f", "r", "d")
    assert found == expected


def test_every_heading_and_region_is_kept(store: Store) -> None:
    listed = table(DOCUMENTATION).query("role != ''")
    areas = {(firm(row.partner, row.domain), row.area) for row in listed.itertuples() if row.area}
    assert ask(store, DOCUMENTATION, "?p pe:participant ?f ; pe:workArea/rdfs:label ?a", "f", "a") == areas
    regions = {
        (firm(row.partner, row.domain), {"USA": "United States", "UK": "United Kingdom"}.get(name, name))
        for row in listed.itertuples()
        for name in filter(None, row.regions.split("; "))
    }
    found = store.query(
        f"""SELECT DISTINCT ?f ?label {{ GRAPH <{GRAPH}{DOCUMENTATION}> {{ ?p pe:participant ?f ; pe:inRegion ?r }}
              ?r rdfs:label ?label }}""",
        prefixes=PREFIXES,
    )
    assert {(short(row["f"].value), row["label"].value) for row in found} == regions
    written = ask(store, DOCUMENTATION, "?r a pe:Region ; skos:hiddenLabel ?w", "r", "w")
    assert written == {("united-states", "USA"), ("united-kingdom", "UK")}


def test_whose_technology_stands_behind_an_offer(store: Store) -> None:
    ties = table(DOCUMENTATION).query("other != ''")
    expected = {(firm(row.partner, row.domain), row.link, firm(row.other, "")) for row in ties.itertuples()}
    found = ask(store, DOCUMENTATION, "?f pe:poweredBy ?o", "f", "o")
    assert {(f, "pe:poweredBy", o) for f, o in found} | {
        (f, "pe:validatedWith", o) for f, o in ask(store, DOCUMENTATION, "?f pe:validatedWith ?o", "f", "o")
    } == expected
    nodes = ask(store, DOCUMENTATION, "?t a pe:Relationship ; pe:from ?f ; pe:to ?o", "f", "o")
    assert nodes == {(f, o) for f, _, o in expected}


def test_a_category_stands_in_the_publishers_graph_only_where_the_page_says_the_word(store: Store) -> None:
    words = {"isv-partner", "oem-hardware-partner", "system-integration-partner"}
    rows = table(DOCUMENTATION)
    assert set(rows[rows["category"] != ""]["role"]) == words
    expected = {(firm(row.partner, row.domain), row.category) for row in rows.itertuples() if row.category}
    assert ask(store, DOCUMENTATION, "?f pe:category ?c", "f", "c") == expected
    # A maker of hardware security modules is no OEM in the page's words: that is a judgement.
    makers = rows[rows["role"].isin({"supported-hsm-vendor", "external-key-management-vendor"})]
    stated = {f for f, c in expected if c == "original-equipment-manufacturer"}
    judged = {
        f for f, c in ask(store, "judgement", "?f pe:category ?c", "f", "c") if c == "original-equipment-manufacturer"
    }
    hardware = {firm(row.partner, row.domain) for row in makers.itertuples()} & (stated | judged)
    assert hardware
    assert not hardware & stated


def test_judged_categories_are_those_of_the_table(store: Store) -> None:
    rows = table("judgement").query("category != ''")
    expected = {(firm(row.organization, row.domain), row.category) for row in rows.itertuples()}
    assert ask(store, "judgement", "?f pe:category ?c", "f", "c") == expected
    said = {pair for source in (DOCUMENTATION, PRESS) for pair in ask(store, source, "?f pe:category ?c", "f", "c")}
    assert not expected & said, "what a source states needs no judgement"


# ---- the press


def test_what_articles_say_of_firms(store: Store) -> None:
    rows = table(PRESS)
    named = {firm(row.partner, "") for row in rows.itertuples()}
    assert {slug for (slug,) in ask(store, PRESS, "?f a pe:Partner", "f")} == named
    taking_part = {(firm(row.partner, ""), row.program) for row in rows.itertuples() if row.program}
    assert ask(store, PRESS, "?f pe:participatesIn ?p", "f", "p") == taking_part
    large = {firm(row.partner, "") for row in rows.itertuples() if row.category}
    assert {slug for (slug,) in ask(store, PRESS, "?f pe:category ?c", "f")} == large
    tied = {(firm(row.partner, ""), "microsoft") for row in rows.itertuples() if row.link}
    assert ask(store, PRESS, "?t a pe:Relationship ; pe:from ?f ; pe:to ?o", "f", "o") == tied


def test_each_article_tells_when_and_how_surely_it_names_a_firm(store: Store) -> None:
    """A category alone would lose the year, the article and its hedge: a rumour of 2011 would be a fact of today."""
    rows = [row for row in table(PRESS).itertuples() if row.category or row.program]
    found = store.query(
        f"""SELECT ?f ?d ?what ?year ?hedge {{ GRAPH <{GRAPH}{PRESS}> {{ ?p a pe:Participation ; pe:participant ?f ;
              dcterms:source ?d ; pe:program|pe:role ?what
              OPTIONAL {{ ?p pe:inPeriod/pe:begins ?year }} OPTIONAL {{ ?p pe:qualifier ?hedge }} }} }}""",
        prefixes=PREFIXES,
    )
    assert {
        (short(one["f"].value), short(one["d"].value), short(one["what"].value),
         one["year"].value if one["year"] else "", one["hedge"].value if one["hedge"] else "")
        for one in found
    } == {
        (firm(row.partner, ""), row.document, row.program or f"microsoft-{row.category}", row.period, row.qualifier)
        for row in rows
    }  # fmt: skip
    [dell] = [row for row in rows if row.partner == "Dell"]
    assert (dell.period, "unnamed sources" in dell.qualifier, "LSP" in dell.qualifier) == ("2011", True, True)


def test_since_when_is_said_only_where_an_article_says_it(store: Store) -> None:
    expected = {(firm(row.partner, ""), row.since) for row in table(PRESS).itertuples() if row.since}
    assert ask(store, PRESS, "?p pe:participant ?f ; pe:since ?day", "f", "day") == expected
