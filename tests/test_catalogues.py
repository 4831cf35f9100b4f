"""The catalogues of solutions: the graph says what the tables say, counted a second time with pandas alone."""

from pathlib import Path

import pandas as pd
import pytest
from pyoxigraph import Store

from graph.draw import Drawn
from graph.names import GRAPH, PREFIXES

FACTS = Path(__file__).parent.parent / "graph" / "facts"
SENTINEL = ("solutions", "categories", "dependencies", "connectors", "playbooks", "tables")


def table(source: str) -> pd.DataFrame:
    """Give the rows of a shipped table that nobody left out; an empty cell is an empty text."""
    return everything(source).query("left_out == ''")


def table_without_left_out(source: str) -> pd.DataFrame:
    """Give the rows of a shipped table that has no column of left-out rows."""
    rows = everything(source)
    assert "left_out" not in rows.columns
    return rows


def everything(source: str) -> pd.DataFrame:
    """Give all rows of a shipped table."""
    return pd.read_csv(FACTS / source / "facts.tsv", sep="\t", dtype=str, keep_default_na=False, na_filter=False)


@pytest.fixture(scope="module")
def store(drawn: Drawn) -> Store:
    return drawn.store


def pairs(store: Store, source: str, pattern: str) -> set[tuple[str, str]]:
    """Run a pattern for ?a and ?b in the graph of `source`; give their values."""
    found = store.query(f"SELECT DISTINCT ?a ?b {{ GRAPH <{GRAPH}{source}> {{ {pattern} }} }}", prefixes=PREFIXES)
    return {(row["a"].value, row["b"].value) for row in found}


def labelled(store: Store, source: str, pattern: str) -> set[tuple[str, str]]:
    """Run a pattern for ?x and ?y in the graph of `source`; give the labels that any graph has of the two."""
    found = store.query(
        f"""SELECT DISTINCT ?a ?b {{ GRAPH <{GRAPH}{source}> {{ {pattern} }}
              GRAPH ?g {{ ?x rdfs:label ?a }} GRAPH ?h {{ ?y rdfs:label ?b }} }}""",
        prefixes=PREFIXES,
    )
    return {(row["a"].value, row["b"].value) for row in found}


def cells(frame: pd.DataFrame, one: str, other: str) -> set[tuple[str, str]]:
    """Give the distinct pairs of two columns where neither is empty."""
    kept = frame[(frame[one] != "") & (frame[other] != "")]
    return set(zip(kept[one], kept[other], strict=True))


@pytest.mark.parametrize("source", [f"sentinel-{part}" for part in SENTINEL])
def test_every_row_is_mapped_or_left_out_with_a_reason(drawn: Drawn, source: str) -> None:
    rows = everything(source)
    left_out = rows[rows["left_out"] != ""]
    (tally,) = [tally for tally in drawn.tallies if tally.source == source]
    assert (tally.rows, tally.mapped, tally.rejected) == (len(rows), len(rows) - len(left_out), 0)
    assert dict(tally.left_out) == dict(left_out["left_out"].value_counts())
    assert len(left_out) * 10 < len(rows)


def test_every_solution_with_its_tier(store: Store) -> None:
    rows = table("sentinel-solutions")
    assert pairs(store, "sentinel-solutions", "?s rdfs:label ?a ; pe:supportTier ?b") == cells(
        rows, "solution", "support_tier"
    )
    solutions = {a for a, _ in pairs(store, "sentinel-solutions", "?s a pe:Solution ; rdfs:label ?a , ?b")}
    assert solutions == set(rows["solution"])


def test_only_the_tier_partner_shows_a_partner(store: Store) -> None:
    rows = table("sentinel-solutions")
    found = pairs(store, "sentinel-solutions", "?p a pe:Partner ; pe:namedAs ?a ; pe:offers/pe:supportTier ?b")
    partner = rows[rows["support_tier"] == "Partner"]
    assert {tier for _, tier in found} == {"Partner"}
    assert {name for name, _ in found} == set(partner["publisher"]) | set(partner["support_name"])


def test_nobody_offers_what_the_community_supports(store: Store) -> None:
    offered = {tier for _, tier in pairs(store, "sentinel-solutions", "?a pe:offers/pe:supportTier ?b")}
    assert offered == {"Partner", "Microsoft"}


def test_dates_are_those_of_the_rows(store: Store) -> None:
    rows = table("sentinel-solutions")
    for column, term in (("first_published", "pe:firstPublished"), ("last_published", "pe:lastPublished")):
        found = pairs(store, "sentinel-solutions", f"?s rdfs:label ?a ; {term} ?b")
        assert found == cells(rows, "solution", column)


def test_categories_and_dependencies(store: Store) -> None:
    assert labelled(store, "sentinel-categories", "?x pe:solutionCategory ?y") == cells(
        table("sentinel-categories"), "solution", "category"
    )
    assert labelled(store, "sentinel-dependencies", "?x pe:dependsOn ?y") == cells(
        table("sentinel-dependencies"), "solution", "depends_on"
    )


def test_what_solutions_use(store: Store) -> None:
    """Tables, data connectors and interfaces are technologies that solutions share."""
    tables, connectors = table("sentinel-tables"), table("sentinel-connectors")
    assert labelled(store, "sentinel-connectors", "?x pe:uses ?y") == cells(connectors, "solution", "title")
    used = labelled(store, "sentinel-tables", "?x pe:uses ?y . ?y a pe:Technology")
    assert used == cells(tables, "solution", "table")
    called = labelled(store, "sentinel-playbooks", "?x pe:uses ?y")
    assert called == cells(table("sentinel-playbooks"), "solution", "api")
    titles = dict(zip(connectors["connector"], connectors["title"], strict=True))
    written = {(titles[connector], name) for connector, name in cells(tables, "connector", "table")}
    assert labelled(store, "sentinel-tables", "?x pe:writesTo ?y") == written


def test_what_calls_an_interface_outside_of_any_solution_is_a_collection(store: Store) -> None:
    """No row falls silent: it names a solution, the standalone content, or nothing, and the graph says which."""
    rows = table("sentinel-playbooks")
    alone = rows[rows["solution"] == ""]
    called = {
        (f"Interfaces called by: {row.collection or 'Playbooks that name no solution'}", row.api)
        for row in alone.itertuples()
    }
    found = pairs(store, "sentinel-playbooks", "?c a skos:Collection ; rdfs:label ?a ; skos:member/rdfs:label ?b")
    assert found == called
    assert (len(alone), len(alone[alone["collection"] == "Standalone Content"])) == (79, 57)
    named = {a for a, _ in pairs(store, "sentinel-playbooks", "?t a pe:Technology ; rdfs:label ?a , ?b")}
    assert named == set(rows["api"])


def test_a_custom_and_a_managed_interface_of_one_name_are_two(store: Store) -> None:
    """No row says of one interface that it is both."""
    kinds = pairs(store, "sentinel-playbooks", "?t a pe:Technology ; rdfs:label ?a ; pe:kindOf/rdfs:label ?b")
    words = {"builtin": "built-in interface", "managedApi": "managed interface", "customApi": "custom interface"}
    assert kinds == {(row.api, words[row.api_kind]) for row in table("sentinel-playbooks").itertuples()}
    twice = pairs(store, "sentinel-playbooks", "?t pe:kindOf ?a , ?b FILTER (?a != ?b)")
    assert twice == set()


# ---- connectors of Power Query


def test_connectors_and_where_they_can_be_used(store: Store) -> None:
    rows = table_without_left_out("power-query")
    expected = {
        (row.connector, product.strip()) for row in rows.itertuples() for product in row.available_in.split(";")
    }
    assert labelled(store, "power-query", "?x pe:availableIn ?y") == expected


def test_pages_of_connectors_and_folders_of_solutions_are_linked(store: Store) -> None:
    connectors = table_without_left_out("power-query")
    found = pairs(store, "power-query", "?s rdfs:label ?a ; schema:url ?b")
    assert {(name, page.partition("/connectors/")[2]) for name, page in found} == cells(connectors, "connector", "page")
    assert len(found) == 121
    solutions = table("sentinel-solutions")
    assert pairs(store, "sentinel-solutions", "?s rdfs:label ?a ; rdfs:seeAlso ?b") == cells(
        solutions, "solution", "code"
    )
    assert all(solutions["code"])


def test_publishers_of_connectors(store: Store) -> None:
    rows = table_without_left_out("power-query")
    published = cells(rows, "publisher", "connector")
    assert published == {
        (name, connector)
        for name, connector in pairs(store, "power-query", "?p pe:namedAs ?a ; pe:offers/rdfs:label ?b")
        if (name, connector) in published or name not in set(rows["publisher"])
    }
    partners = {a for a, _ in pairs(store, "power-query", "?p a pe:Partner ; pe:namedAs ?a , ?b")}
    assert partners == set(rows["publisher"]) - {"", "Microsoft"}
    beta = {a for a, b in pairs(store, "power-query", "?s rdfs:label ?a ; pe:beta ?b") if b == "true"}
    assert beta == set(rows[rows["beta"] == "true"]["connector"])


def test_a_name_in_two_spellings_is_one_technology_that_keeps_both(store: Store) -> None:
    for source, column in (("sentinel-playbooks", "api"), ("sentinel-tables", "table")):
        odd = cells(table(source), column, "written")
        assert odd
        assert pairs(store, source, "?t rdfs:label ?a ; pe:namedAs ?b ; skos:hiddenLabel ?b") == odd


def test_a_mended_name_of_support_is_found_as_it_was_written(store: Store) -> None:
    """Without inference pe:namedAs is no hidden label, and who searches for the original finds nothing."""
    rows = table("sentinel-solutions")
    mended = rows[(rows["publisher"] != "") & (rows["publisher"] != rows["support_name"])]
    found = pairs(store, "sentinel-solutions", "?o skos:hiddenLabel ?a ; pe:namedAs ?b FILTER (?a != ?b)")
    assert cells(mended, "support_name", "publisher") <= found
    assert {name for name, _ in found} == set(mended["support_name"])
    assert len(set(mended["support_name"])) == 19
