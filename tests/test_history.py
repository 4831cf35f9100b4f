"""Programme history and figures: the graph says what the tables say, with who says it, and hides no disagreement.

The tables are read here with the csv module alone.
"""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from graph.draw import Drawn
from graph.names import GRAPH, PREFIXES, THING

FACTS = Path(__file__).parent.parent / "graph" / "facts"
HISTORY, METRICS, DOCUMENTS = "program-history", "metrics", "documents"


def rows_of(source: str) -> list[dict[str, str]]:
    """Give all rows of a shipped table."""
    with (FACTS / source / "facts.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, dialect="excel-tab"))


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    """Run a SELECT and give each solution's values, things of ours as kind/slug, sorted."""
    found = store.query(query, prefixes=PREFIXES)
    return sorted(
        tuple(solution[v].value.removeprefix(THING).removeprefix(GRAPH) for v in found.variables) for solution in found
    )


@pytest.fixture(scope="module")
def store(drawn: Drawn) -> Store:
    return drawn.store


# ---- what became of the facts


def test_every_fact_is_mapped_or_left_out_with_its_reason(drawn: Drawn) -> None:
    rows = rows_of(HISTORY)
    facts = {row["fact"] for row in rows}
    kept = {row["fact"] for row in rows if not row["left_out"]}
    assert facts == {f"P{n:02}" for n in range(1, len(facts) + 1)}, "a fact of the record is missing"
    (tally,) = [tally for tally in drawn.tallies if tally.source == HISTORY]
    assert (tally.facts, tally.facts_mapped) == (facts, kept)
    assert len(facts - kept) * 10 < len(facts)
    # From memory means: no stored page says it. Such a fact makes no statement, not even an undated one.
    left = [row for row in rows if row["left_out"]]
    assert all("from memory" in row["left_out"] for row in left)
    assert facts - kept == {"P24"}
    assert {row["fact"]: row["property"] for row in left if row["fact"] in kept} == {
        "P25": "pe:launched",
        "P26": "pe:launched",
    }


@pytest.mark.parametrize(
    ("program", "month"), [("azure-expert-msp", "2020-07"), ("advanced-specializations", "2021-07")]
)
def test_a_programme_whose_first_year_is_from_memory_is_told_without_it(
    store: Store, program: str, month: str
) -> None:
    """Its page was read: that it was in place that month is known, and nothing before."""
    told = ask(
        store,
        f"""SELECT ?when ?document {{ ?event pe:concerns <{THING}program/{program}> ; pe:inPeriod/pe:begins ?when ;
              dcterms:source ?document }}""",
    )
    assert told == [(month, f"source/partner-center-docs-{program}")]
    assert ask(store, f"SELECT ?d {{ <{THING}program/{program}> pe:launched ?d }}") == []


def test_every_row_of_ours_cites_a_document_that_is_described() -> None:
    known = {row["document"] for row in rows_of(DOCUMENTS)}
    cited = {row["source"] for source in (HISTORY, METRICS) for row in rows_of(source) if row["source"]}
    assert cited - known == {"wikipedia-microsoft-partner-ecosystem"}, "the seed article is described by the seed"


# ---- programmes


def test_the_chain_of_programmes(store: Store) -> None:
    found = dict(ask(store, "SELECT ?new ?old { ?new dcterms:replaces ?old }"))
    chain = ["program/microsoft-ai-cloud-partner-program"]
    while chain[-1] in found:
        chain.append(found[chain[-1]])
    assert [name.removeprefix("program/microsoft-") for name in chain] == [
        "ai-cloud-partner-program",
        "cloud-partner-program",
        "partner-network",
        "partner-program",
        "certified-partner",
        "certified-solution-provider",
    ]


@pytest.mark.parametrize(
    ("program", "launches"),
    [
        ("microsoft-certified-solution-provider", {"1992": 1, "1993": 2}),
        ("microsoft-certified-partner", {"2001-01-01": 1}),
        ("microsoft-cloud-partner-program", {"2022-10-03": 1}),
        ("microsoft-ai-cloud-partner-program", {"2023": 1}),
    ],
)
def test_who_says_when_a_programme_was_launched(store: Store, program: str, launches: dict[str, int]) -> None:
    """Each document's date stands in an event of its own: 1992 and 1993 are both there, with who says which."""
    found = defaultdict(set)
    for when, document in ask(
        store,
        f"""SELECT ?when ?document {{ ?event a pe:Event ; pe:kindOf <{THING}concept/launch> ; dcterms:source ?document ;
              pe:concerns <{THING}program/{program}> ; pe:inPeriod/pe:begins ?when }}""",
    ):
        found[when].add(document)
    assert {when: len(documents) for when, documents in found.items()} == launches


def test_disagreements_stand_side_by_side(store: Store) -> None:
    launched = ask(store, "SELECT ?p ?when { ?p pe:launched ?when }")
    for program, dates in {
        "microsoft-certified-solution-provider": {"1992", "1993"},
        "microsoft-certified-partner": {"2000", "2001-01-01"},
    }.items():
        assert {when for name, when in launched if name == f"program/{program}"} == dates
    decided = ask(
        store,
        """SELECT ?year ?source { ?i a pe:Investment ; pe:amount ?n ; pe:decidedIn/pe:begins ?year ;
             dcterms:source ?source FILTER (?n = 500000000) }""",
    )
    assert [year for year, _ in decided] == ["2001", "2002"]
    assert len({source for _, source in decided}) == 2
    shares = ask(store, "SELECT ?share ?of { ?i a pe:Incentive ; pe:share ?share ; pe:appliesTo/rdfs:label ?of }")
    assert shares == [
        ("30", "yearly bonus of employees"),
        ("60", "employee bonus"),
        ("60", "long-term bonus of executives"),
    ]


def test_a_plan_and_an_announcement_are_no_launch(store: Store) -> None:
    assert ask(store, "SELECT ?p { ?p pe:plannedFor|pe:announced ?d ; pe:launched ?d }") == []
    assert ("program/microsoft-partner-program", "2004-01") in ask(store, "SELECT ?p ?d { ?p pe:plannedFor ?d }")


# ---- figures


def test_every_row_of_figures_is_a_value_in_the_graph(store: Store) -> None:
    found = {
        (node, Decimal(value))
        for node, value in ask(store, f"SELECT ?o ?v {{ GRAPH <{GRAPH}metrics> {{ ?o pe:value|pe:amount ?v }} }}")
        if not node.startswith("investment/metrics")
    }
    rows = rows_of(METRICS)
    expected = {
        (row["restates"] or f"observation/metrics-{row['metric']}-{row['period']}", Decimal(row["value"]))
        for row in rows
    }
    assert found == expected
    assert len(found) == len(rows), "two figures share a node"


_FACTORS = {"million": 10**6, "billion": 10**9}


def test_money_reads_as_it_counts(store: Store) -> None:
    """The published table counts in billions; a label that keeps its unit beside the full number is false."""
    labels = dict(ask(store, f"SELECT ?o ?l {{ GRAPH <{GRAPH}metrics> {{ ?o rdfs:label ?l ; pe:value ?v }} }}"))
    shown = [row for row in rows_of(METRICS) if row["shown"]]
    assert len(shown) == 8
    for row in shown:
        label = labels[f"observation/metrics-{row['metric']}-{row['period']}"]
        assert "bn" not in label
        number, factor = label.rpartition(": ")[2].removeprefix("over ").split()[:2]
        assert Decimal(number) * _FACTORS[factor] == Decimal(row["value"])


def test_a_yearly_investment_is_neither_decided_nor_spent(store: Store) -> None:
    """The page gives it by the year; the month in which it said so is no period of spending."""
    ours = "?i a pe:Investment FILTER (CONTAINS(STR(?i), '/metrics-partners-'))"
    assert len(ask(store, f"SELECT ?i {{ {ours} }}")) == 4
    assert ask(store, f"SELECT ?i {{ {ours} ?i pe:decidedIn|pe:spentIn ?when }}") == []
    assert {when for (when,) in ask(store, f"SELECT ?p {{ {ours} ?i pe:inPeriod ?p }}")} == {
        f"period/fiscal-year-{year}" for year in (2008, 2009, 2010)
    }


def test_a_figure_of_the_seed_is_not_counted_twice(store: Store) -> None:
    """640,000 is an undated claim of the seed; a magazine says it of November 2010: two observations, not three."""
    found = ask(store, "SELECT ?o ?source { ?o pe:value 640000 ; dcterms:source ?source }")
    nodes = [node.removeprefix("observation/") for node, _ in found]
    assert nodes == ["metrics-partner-organizations-2010-11", "seed-partners"]


def test_the_cube_is_whole(store: Store) -> None:
    """Data Cube's integrity constraints 11 and 12: every dimension has a value, and no two figures share them all."""
    dimensions = ask(store, "SELECT ?d { ?s a qb:DataStructureDefinition ; qb:component/qb:dimension ?d }")
    names = [f"<{name}>" for (name,) in dimensions]
    assert len(names) == 4
    pattern = " ; ".join(f"{name} ?d{n}" for n, name in enumerate(names))
    points = ask(store, f"SELECT ?o ?d0 ?d1 ?d2 ?d3 {{ ?o qb:dataSet ?set ; {pattern} }}")
    assert len(points) == len({point[1:] for point in points}) == len({point[0] for point in points})
    assert {point[0] for point in points} == {o for (o,) in ask(store, "SELECT ?o { ?o qb:dataSet ?set }")}


def test_no_period_is_more_exact_than_its_text(store: Store) -> None:
    """A fiscal year has no first day here: no document says when it begins."""
    periods = {row["period"] for row in rows_of(METRICS) if row["metric"]}
    for period in periods:
        dates = store.quads_for_pattern(
            NamedNode(f"{THING}period/{period}"), NamedNode(PREFIXES["pe"] + "begins"), None, NamedNode(GRAPH + METRICS)
        )
        found = [quad.object.value for quad in dates if isinstance(quad.object, Literal)]
        assert found == ([] if period.startswith("fiscal") else [period])
