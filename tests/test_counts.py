"""A second, independent count: what the questions count, counted anew from the tables with no code of the project.

Only the tables under graph/facts are read, as text; names become firms by the register's rows alone.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from graph.names import ONTOLOGY, thing
from graph.snapshot import Snapshot
from tests.asking import table

FACTS = Path(__file__).parents[1] / "graph" / "facts"
Cells = dict[str, str]
KINDS = {
    "connectivity provider via exchange": "connectivity-provider",
    "datacenter provider via exchange": "data-centre-provider",
    "exchange provider": "exchange-provider",
    "national research and education network": "research-network",
    "satellite operator": "satellite-operator",
}


@cache
def rows(source: str) -> tuple[Cells, ...]:
    """The rows of a source's table that were not left out."""
    with (FACTS / source / "facts.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(row for row in csv.DictReader(lines, dialect="excel-tab") if not row.get("left_out"))


@cache
def register() -> tuple[dict[tuple[str, str], str], dict[str, set[str]], dict[str, str]]:
    """Firms by name and domain, by name alone, and the label of each firm."""
    keys: dict[tuple[str, str], str] = {}
    names: dict[str, set[str]] = defaultdict(set)
    labels = {}
    with (FACTS / "register.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, dialect="excel-tab"):
            keys[row["name"], row["domain"]] = row["organization"]
            names[row["name"]].add(row["organization"])
            if row["relation"] == "label":
                labels[row["organization"]] = row["name"]
    return keys, names, labels


def firm(name: str, domain: str = "") -> str:
    keys, names, labels = register()
    found = keys.get((name, domain)) or keys.get((name, ""))
    if found is None:
        [found] = names[name]
    return labels[found]


def location(row: Cells) -> str:
    national = row["cloud"] != "Azure commercial (global)"
    return row["peering_location"] + (f" ({row['cloud']})" if national else "")


# The ecosystem and its programmes ----------------------------------------------------------------------


SEED = "wikipedia-microsoft-partner-ecosystem"
ECOSYSTEM = "ecosystem/microsoft-partner-ecosystem"


@cache
def stated() -> tuple[Cells, ...]:
    """The rows of the two tables that have a statement a row, each with its table and document."""
    return tuple(
        {"table": of, **row, "source": f"source/{row.get('source', SEED)}"}
        for of in ("seed", "program-history")
        for row in rows(of)
    )


def values(subject: str, property_: str) -> set[str]:
    return {row["value"] for row in stated() if (row["subject"], row["property"]) == (subject, property_)}


Records = dict[str, dict[str, set[str]]]


def records(of: str) -> Records:
    """What the rows of the two say of each thing of a kind."""
    found: Records = defaultdict(lambda: defaultdict(set))
    for row in stated():
        if row["subject"].startswith(f"{of}/"):
            found[row["subject"]][row["property"]].add(row["value"])
    return found


@cache
def figures() -> Records:
    """What the tables say of each figure, one of several tables among them."""
    found = records("observation")
    for row in rows("judgement"):
        if row["subject"].startswith("observation/"):
            found[row["subject"]][row["property"]].add(row["object"] or row["text"])
    for row in rows("metrics"):
        if row["restates"]:
            continue
        of = found[f"observation/metrics-{row['metric']}-{row['period']}"]
        investment = row["metric"].startswith("operator-investment")
        for property_, value in (
            ("pe:metric", f"metric/{row['metric']}"),
            ("pe:about", f"investment/metrics-partners-{row['period']}" if investment else ECOSYSTEM),
            ("pe:period", f"period/{row['period']}"),
            ("pe:value", row["value"]),
            ("pe:qualifier", row["note"]),
            ("dcterms:source", f"source/{row['source']}"),
        ):
            of[property_] |= {value} - {""}
    return found


@pytest.mark.parametrize(("question", "counted", "metrics"), [
    ("partner-counts", "partners", ("partner-organizations", "ecosystem-members")),
    ("revenue-per-dollar", "dollars", ("partner-revenue-per-operator-dollar",)),
])  # fmt: skip
def test_figures_are_those_of_the_table(
    snapshot: Snapshot, question: str, counted: str, metrics: tuple[str, ...]
) -> None:
    """Each once, with all words on how exact it is, in order, and none that longer ones say too."""
    given = []
    for of in figures().values():
        [metric], notes = of["pe:metric"], of["pe:qualifier"]
        if metric.removeprefix("metric/").startswith(metrics):
            words = [one for one in notes if not any(more != one and more.startswith(one) for more in notes)]
            [document], numbers = of["dcterms:source"], {float(value) for value in of["pe:value"]}
            [number] = numbers
            given.append((*(of["pe:period"] or {""}), metric, number, "; ".join(sorted(words)), document))
    told = table(snapshot, question)
    assert sorted(
        (row["period"], row["metric"], float(row[counted]), row["exactness"], row["document"]) for row in told
    ) == sorted(given)


def test_names_of_the_ecosystem_each_once(snapshot: Snapshot) -> None:
    """The oldest first: its programme, how it stands to the ecosystem, and every table that names it, in order."""
    titles = {"seed": "The seed article's statements", "program-history": "History of the partner programmes"}
    before, after = defaultdict(set), defaultdict(set)
    judged = [(row["subject"], row["property"], row["object"]) for row in rows("judgement")]
    for subject, property_, value in (*((r["subject"], r["property"], r["value"]) for r in stated()), *judged):
        if property_ == "dcterms:replaces":
            before[subject].add(value)
            after[value].add(subject)

    def line(start: str, step: dict[str, set[str]]) -> set[str]:
        return step[start].union(*(line(one, step) for one in step[start]))

    [stands] = values(ECOSYSTEM, "pe:equatedWith")
    how = {
        stands: "a programme whose name stands for it",
        **dict.fromkeys(line(stands, before), "a programme before that"),
        **dict.fromkeys(line(stands, after), "a programme after that"),
        ECOSYSTEM: "the ecosystem",
    }
    naming = ("rdfs:label", "pe:abbreviation", "skos:altLabel")
    named = defaultdict(set)
    for row in stated():
        if row["subject"] in how and row["property"] in naming:
            named[row["subject"], row["value"]].add(titles[row["table"]])
    for row in rows("press"):
        if f"program/{row['program']}" in how:
            [label] = values(f"program/{row['program']}", "rdfs:label")
            named[f"program/{row['program']}", label].add("Partners that the press names")
    given = []
    for (of, name), by in named.items():
        if of != ECOSYSTEM or (stands, name) not in named:
            first = min(values(of, "pe:launched") | values(of, "pe:announced"), default="")
            given.append((name, how[of], "" if of == ECOSYSTEM else of, first, "; ".join(sorted(by))))
    told = table(snapshot, "ecosystem-names")
    columns = ("name", "how", "program", "earliest", "saidBy")
    assert [tuple(row[one] for one in columns) for row in told] == sorted(
        given, key=lambda one: (one[3] or "9999", one[1], -len(one[0]), one[0])
    )
    assert len({row["name"] for row in told}) == len(told)
    assert told[0]["name"] == "Microsoft Certified Solution Provider"


def test_dates_of_programmes(snapshot: Snapshot) -> None:
    """Each date of each document is a row; a date of two documents stands twice."""
    dated = {f"pe:{name}": f"ontology#{name}" for name in ("announced", "plannedFor", "launched", "ended")}
    seed = "wikipedia-microsoft-partner-ecosystem"
    given = {
        (row["subject"], dated[row["property"]], row["value"], row.get("source", seed))
        for source in ("seed", "program-history")
        for row in rows(source)
        if row["property"] in dated
    }
    # What the project works out from an article's words has no document of its own.
    judged = {(row["subject"], dated[row["property"]], row["text"], "") for row in rows("judgement")
              if row["property"] in dated}  # fmt: skip
    assert judged
    given |= judged
    told = table(snapshot, "programme-launches")
    assert {(r["program"], r["what"], r["date"], r["document"].removeprefix("source/")) for r in told} == given
    years = defaultdict(set)
    for program, what, date, _ in given:
        years[program, what].add(date[:4])
    assert {(r["program"], r["what"]) for r in told if r["disagreement"] == "yes"} == {
        key for key, found in years.items() if len(found) > 1
    }


def test_the_line_of_succession(snapshot: Snapshot) -> None:
    given = {
        (row["subject"], row["value"])
        for source in ("seed", "program-history")
        for row in rows(source)
        if row["property"] == "dcterms:replaces"
    }
    told = table(snapshot, "programme-succession")
    stated = {(r["program"], r["replaced"]) for r in told if r["source"] != "graph/judgement"}
    assert stated == given
    judged = {(row["subject"], row["object"]) for row in rows("judgement") if row["property"] == "dcterms:replaces"}
    assert {(r["program"], r["replaced"]) for r in told} == given | judged
    replaced = dict(given | judged)

    def number(of: str) -> int:
        return 1 + number(replaced[of]) if of in replaced else 0

    assert {(r["program"], int(r["position"])) for r in told} == {(one, number(one)) for one in replaced}
    positions = sorted({int(r["position"]) for r in told})
    assert positions == list(range(1, len(positions) + 1)), "one line, without a gap"


def test_growth_of_the_specialists(snapshot: Snapshot) -> None:
    before, after = (
        int(row["value"]) for row in rows("seed") if row["fact"] in ("F59", "F60") and row["property"] == "pe:value"
    )
    [told] = table(snapshot, "specialists-growth")
    assert int(told["added"]) == after - before
    assert float(told["factor"]) == pytest.approx(after / before, abs=0.005)


def test_investments_and_incentives(snapshot: Snapshot) -> None:
    given = []
    for investment, of in records("investment").items():
        kind_ = "decision" if of["pe:decidedIn"] else "spending" if of["pe:spentIn"] else "not said"
        [period], amount = of["pe:decidedIn"] | of["pe:spentIn"], of["pe:amount"] or {""}
        given.append((investment, kind_, period, *map(number, amount)))
    for row in rows("metrics"):
        if row["metric"].startswith("operator-investment"):
            period = f"period/{row['period']}" if row["period"].startswith("fiscal-year") else ""
            given.append((f"investment/metrics-partners-{row['period']}", "not said", period, number(row["value"])))
    told = table(snapshot, "investments")
    assert sorted((r["investment"], r["kind"], r["period"], number(r["amount"])) for r in told) == sorted(given)
    shares = {
        (row["subject"], float(row["value"]))
        for source in ("seed", "program-history")
        for row in rows(source)
        if row["property"] == "pe:share"
    }
    told = table(snapshot, "incentive-rules")
    assert sorted((r["incentive"], float(r["percent"]), r["of"], r["measuredBy"]) for r in told) == sorted(
        (rule, share, pay, measure)
        for rule, share in shares
        for pay in values(rule, "pe:appliesTo")
        for measure in values(rule, "pe:measuredBy")
    )


def test_categories_that_the_article_leaves_undefined(snapshot: Snapshot) -> None:
    named = {r["subject"] for r in rows("seed") if r["subject"].startswith("category/")}
    defined = {r["subject"] for r in rows("seed") if r["property"] == "skos:definition"}
    told = table(snapshot, "category-definitions")
    assert {r["category"] for r in told if r["defined"] == "yes"} == defined & named
    assert {r["category"] for r in told if r["defined"] == "no"} == named - defined


SPACES = {
    "pe": "ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
PROGRAMS = {
    "top-var": "Top VAR",
    "master-var": "Master VAR",
    "microsoft-partner-program": "Microsoft Partner Program",
    "cloud-solution-provider": "Cloud Solution Provider",
    "azure-networking-msp": "Azure Networking MSP Partner Program",
}
Statement = tuple[str, str, str, str]  # of a table: subject, property, value and the table


def whole(property_: str) -> str:
    prefix, _, name = property_.partition(":")
    return SPACES[prefix] + name


@cache
def statements() -> frozenset[Statement]:
    """What the tables say of anything but firms, places and solutions."""
    found = {(row["subject"], row["property"], row["value"], row["table"]) for row in stated()}
    for row in rows("judgement"):
        if row["subject"]:
            found.add((row["subject"], row["property"], row["object"] or row["text"], "judgement"))
    for row in rows("metrics"):
        if row["restates"]:
            money = row["restates"].startswith("investment/")
            found.add((row["restates"], "pe:amount" if money else "pe:value", row["value"], "metrics"))
    for of in ("press", "documentation-roles"):
        for slug in {row["program"] for row in rows(of)} - {""}:
            program = f"program/{slug}"
            found |= {
                (program, "rdfs:label", PROGRAMS[slug], of),
                (program, "pe:inEcosystem", ECOSYSTEM, of),
                (program, "pe:operatedBy", "organization/microsoft", of),
            }
    return frozenset((subject, whole(property_), value, of) for subject, property_, value, of in found)


def test_what_the_tables_say_of_a_programme(snapshot: Snapshot) -> None:
    """Every row for every programme, but for those of rules."""
    all_ = statements()
    into = {whole(one) for one in ("dcterms:replaces", "pe:mergedInto", "pe:equatedWith", "pe:program")}
    ties = {whole(one) for one in ("pe:about", "pe:concerns", "pe:forPurpose")}
    told_of = {whole(f"pe:{one}") for one in "value period inPeriod amount kindOf qualifier metric".split()}
    programs = {subject for subject, *_ in all_ if subject.startswith("program/")}
    assert len(programs) > 15
    for program in sorted(programs):
        about = {subject for subject, property_, value, _ in all_ if property_ in ties and value == program}
        given = {
            (subject, property_, value, f"graph/{of}")
            for subject, property_, value, of in all_
            if (subject == program and property_ != whole("rdf:type"))
            or (value == program and property_ in into)
            or (subject in about and property_ in told_of)
        }
        told = [
            (row["subject"], row["property"], row["value"], row["source"])
            for row in table(snapshot, "programme", program=program)
            if not row["source"].startswith("graph/rule-")
        ]
        assert sorted(told) == sorted(given), program


# Connectivity --------------------------------------------------------------------------------------------


def peers() -> dict[str, set[str]]:
    found = defaultdict(set)
    for row in rows("expressroute-locations"):
        found[firm(row["provider"], row["domain"])].add(location(row))
    return found


def test_providers_by_their_locations(snapshot: Snapshot) -> None:
    """And by metropolitan areas: a place's name without a number at its end or a cloud in parentheses."""
    told = {
        r["providerLabel"]: (int(r["locations"]), int(r["areas"])) for r in table(snapshot, "providers-by-locations")
    }
    assert told == {
        name: (len(places), len({place.partition(" (")[0].rstrip("0123456789").rstrip() for place in places}))
        for name, places in peers().items()
    }


@pytest.mark.parametrize("most", [1, 3])
def test_locations_with_few_providers(snapshot: Snapshot, most: int) -> None:
    at = Counter(place for places in peers().values() for place in places)
    answer = table(snapshot, "locations-with-few-providers", most=str(most))
    told = [(row["locationLabel"], row["providerLabel"], int(row["providers"])) for row in answer]
    assert sorted(told) == sorted(
        (place, name, at[place]) for name, places in peers().items() for place in places if at[place] <= most
    )


def test_who_hangs_on_one_exchange(snapshot: Snapshot) -> None:
    ways = defaultdict(set)
    for row in rows("expressroute-indirect"):
        if row["via_partner"]:
            ways[firm(row["provider"], row["domain"])].add(firm(row["via_partner"]))
    only = {name: next(iter(found)) for name, found in ways.items() if len(found) == 1 and name not in peers()}
    hanging = Counter(only.values())
    told = table(snapshot, "one-way-in")
    assert sorted((r["organizationLabel"], r["viaLabel"], int(r["dependants"]), r["role"]) for r in told) == sorted({
        (name, only[name], hanging[only[name]], f"role/{KINDS[row['kind']]}")
        for row in rows("expressroute-indirect")
        if (name := firm(row["provider"], row["domain"])) in only
    })  # fmt: skip


# Solutions -------------------------------------------------------------------------------------------------


def operator() -> str:
    [name] = {row["value"] for row in rows("seed") if row["property"] == "pe:operatedBy"}
    return register()[2][name.partition("/")[2]]


def test_connectors_built_for_another_firm(snapshot: Snapshot) -> None:
    given = {
        (firm(row["publisher"]), firm(row["stack_owner"]), row["title"] or row["connector_dir"])
        for row in rows("power-platform")
        if row["stack_owner"] not in ("", row["publisher"]) and not row["stack_owner_left_out"]
    }
    told = {(r["builderLabel"], r["ownerLabel"], r["solutionLabel"]) for r in table(snapshot, "built-for-others")}
    assert told == given


def published() -> dict[str, dict[str, set[str]]]:
    """Partners by the product that they publish for, each with the titles of what they publish."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows("power-platform"):
        if row["publisher"]:
            found["Microsoft Power Platform"][firm(row["publisher"])].add(row["connector_dir"])
    for row in rows("sentinel-solutions"):
        if row["support_tier"] == "Partner":
            found["Microsoft Sentinel"][firm(row["publisher"], row["domain"])].add(row["solution"])
    for row in rows("power-query"):
        if row["publisher"]:
            found["Power Query"][firm(row["publisher"])].add(row["connector"])
    for partners in found.values():
        partners.pop(operator(), None)
    return found


def test_products_by_the_solutions_of_partners(snapshot: Snapshot) -> None:
    told = {
        r["productLabel"]: (int(r["solutions"]), int(r["partners"])) for r in table(snapshot, "products-by-solutions")
    }
    assert told == {
        product: (sum(map(len, partners.values())), len(partners)) for product, partners in published().items()
    }


def test_publishers_for_three_products_at_once(snapshot: Snapshot) -> None:
    by = published()
    sentinel, platform, query = (by[name] for name in ("Microsoft Sentinel", "Microsoft Power Platform", "Power Query"))
    told = {
        (r["publisherLabel"], int(r["ofFirst"]), int(r["ofSecond"]), int(r["ofThird"]))
        for r in table(snapshot, "publishers-for-several-products")
    }
    at_once = sentinel.keys() & platform.keys() & query.keys()
    assert told == {(name, len(sentinel[name]), len(platform[name]), len(query[name])) for name in at_once}


@pytest.mark.parametrize("product", ["Excel", "Fabric (Dataflow Gen2)"])
def test_connectors_in_a_product_by_others_than_its_operator(snapshot: Snapshot, product: str) -> None:
    given = {
        (row["connector"], firm(row["publisher"]))
        for row in rows("power-query")
        if product in row["available_in"].split("; ") and row["publisher"] and firm(row["publisher"]) != operator()
    }
    slug = "microsoft-excel" if product == "Excel" else "microsoft-fabric-dataflow-gen2"
    told = table(snapshot, "solutions-by-others", product=f"product/{slug}")
    assert {(r["solutionLabel"], r["publisherLabel"]) for r in told} == given
    assert bool(given) == (product != "Excel"), "in Excel all are the operator's own"


def test_solutions_by_category_and_first_year(snapshot: Snapshot) -> None:
    years = {row["solution"]: row["first_published"][:4] for row in rows("sentinel-solutions")}
    listed = {(row["solution"], row["category"]) for row in rows("sentinel-categories")}
    given = Counter((category, years[name]) for name, category in listed if years.get(name))
    told = table(snapshot, "solutions-by-category-and-year")
    assert {(r["categoryLabel"], r["year"]): int(r["solutions"]) for r in told} == given


def test_what_depends_on_a_solution(snapshot: Snapshot) -> None:
    needs = defaultdict(set)
    for row in rows("sentinel-dependencies"):
        needs[row["depends_on"]].add(row["solution"])
    direct = needs["Common Event Format"]
    reached, waiting = set(), set(direct)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= needs[name]
    offered = {row["solution"]: firm(row["publisher"], row["domain"]) for row in rows("sentinel-solutions")
               if row["publisher"] and row["support_tier"]}  # fmt: skip
    told = [(r["dependentLabel"], r["how"], r["publisherLabel"]) for r in table(snapshot, "solution-dependents")]
    assert sorted(told) == sorted(
        (name, "directly" if name in direct else "through others", offered.get(name, "")) for name in reached
    )


# Partners --------------------------------------------------------------------------------------------------


def in_role(role: str) -> set[str]:
    return {firm(row["partner"], row["domain"]) for row in rows("azure-government") if row["role"] == role}


def test_partners_in_two_roles(snapshot: Snapshot) -> None:
    told = {row["partnerLabel"] for row in table(snapshot, "partners-in-two-roles")}
    assert told == in_role("licensing-solution-provider") & in_role("direct-csp")
    roles = {"first": "role/microsoft-aos-g-partner", "second": "role/microsoft-direct-csp"}
    told = {row["partnerLabel"] for row in table(snapshot, "partners-in-two-roles", **roles)}
    assert told == in_role("aos-g-partner") & in_role("direct-csp")


def test_integrators_that_are_in_the_programme_too(snapshot: Snapshot) -> None:
    sold = [row for row in rows("azure-government") if row["program"] == "cloud-solution-provider"]
    sellers = {(firm(row["partner"], row["domain"]), f"role/microsoft-{row['role']}") for row in sold}
    given = {(firm(row["system_integrator"], row["domain"]), row["region"]) for row in rows("expressroute-integrators")}
    answer = table(snapshot, "integrators-in-programme")
    assert {(row["partnerLabel"], row["regionLabel"], row["role"]) for row in answer} == {
        (name, region, role) for name, region in given for seller, role in sellers if seller == name
    }


def test_successors_step_by_step(snapshot: Snapshot) -> None:
    after = defaultdict(set)
    for row in rows("organization-changes"):
        after[firm(row["before"], row["before_domain"])].add(firm(row["after"], row["after_domain"]))
    assert after
    start = firm("Level 3 Communications", "lumen.com")
    steps: set[tuple[str, str]] = set()
    waiting = {start}
    while waiting:
        one = waiting.pop()
        new = {(one, other) for other in after[one]} - steps
        steps |= new
        waiting |= {other for _, other in new}
    told = table(snapshot, "successors", organization="organization/level-3-communications")
    assert {(row["firmLabel"], row["successorLabel"]) for row in told} == steps
    assert len(steps) > 1
    assert [row["step"] for row in told] == ["1", "2"]
    assert [row["successorLabel"] for row in told] == ["CenturyLink", "Lumen"], "step by step, not by name"


def partners_of_each_document() -> dict[str, set[str]]:
    """Who is a partner by each document; tables of one document are one."""
    documents: dict[str, set[str]] = defaultdict(set)
    for row in rows("expressroute-locations"):
        documents["connectivity"].add(firm(row["provider"], row["domain"]))
    for row in rows("expressroute-indirect"):
        documents["connectivity"].add(firm(row["provider"], row["domain"]))
        if row["via_partner"]:
            documents["connectivity"].add(firm(row["via_partner"]))
    for row in rows("expressroute-integrators"):
        documents["connectivity"].add(firm(row["system_integrator"], row["domain"]))
    for product, partners in published().items():
        documents[product] |= partners.keys()
    documents["azure-government"] = {firm(row["partner"], row["domain"]) for row in rows("azure-government")}
    for row in (*rows("documentation-roles"), *rows("press")):
        documents[row["document"]].add(firm(row["partner"], row.get("domain", "")))
    return documents


@pytest.mark.parametrize("least", [2, 3, 4])
def test_partners_attested_in_several_sources(snapshot: Snapshot, least: int) -> None:
    counted = Counter(name for names in partners_of_each_document().values() for name in names)
    answer = table(snapshot, "partners-in-several-sources", least=str(least))
    told = {row["partnerLabel"]: int(row["sources"]) for row in answer}
    assert told == {name: number for name, number in counted.items() if number >= least}
    for row in answer:
        titles = row["names"].split("; ")
        assert (titles, len(titles)) == (sorted(titles), int(row["sources"])), "in one order, whichever came first"


def test_likeness_is_the_shared_part_of_what_two_have(snapshot: Snapshot) -> None:
    """Walked statement by statement, without a query."""
    store, one = snapshot.store, NamedNode(thing("organization", "equinix"))
    [first, *_] = table(snapshot, "similar-partners", partner="organization/equinix")
    other = NamedNode(thing(*first["other"].split("/")))

    def objects(subject: object, name: str) -> set[object]:
        found = store.quads_for_pattern(subject, NamedNode(ONTOLOGY + name), None, DefaultGraph())  # type: ignore[arg-type]
        return {quad.object for quad in found}

    def traits(of: NamedNode) -> set[object]:
        direct = "category participatesIn peersAt connectsVia integratesFor validatedFor manages".split()
        found = set().union(*(objects(of, name) for name in direct))
        for quad in store.quads_for_pattern(None, NamedNode(ONTOLOGY + "participant"), of, DefaultGraph()):
            found |= set().union(*(objects(quad.subject, name) for name in ("role", "concerns", "inRegion")))
        for solution in objects(of, "offers"):
            found |= objects(solution, "builtOn") | objects(solution, "solutionCategory")
        return found

    mine, theirs = traits(one), traits(other)
    assert int(first["shared"]) == len(mine & theirs)
    assert float(first["likeness"]) == pytest.approx(len(mine & theirs) / len(mine | theirs), abs=0.0006)


# What the rows say of firms --------------------------------------------------------------------------------------

BROADER = {"value-added-reseller": "reseller", "large-account-reseller": "reseller"}  # in the words of the ontology


def listed(cell: str) -> set[str]:
    return {one.strip() for one in cell.split(";") if one.strip()}


def product(name: str) -> str:
    return name.removeprefix("Microsoft ").replace("Azure ExpressRoute", "ExpressRoute")


Said = tuple[str, str, str, str]


def says(of: str, name: str, **values: str) -> set[Said]:
    """What the table `of` says of a firm: a value by each path, told by its kind from a like one; "" is none."""
    return {(of, name, path, value) for path, value in values.items() if value}


def lists(of: str, name: str, role: str, concerns: str, program: str = "") -> set[Said]:
    return says(of, name, role=f"role {role}", concerns=kind("product", concerns), program=kind("program", program))


def kind(of: str, value: str) -> str:
    return value and f"{of} {value}"


def said_of_resellers() -> Iterator[set[Said]]:
    of = "azure-government"
    for row in rows(of):
        name, program = firm(row["partner"], row["domain"]), row["program"]
        yield says(of, name, namedAs=row["partner"], webDomain=row["domain"], participatesIn=kind("program", program))
        yield lists(of, name, f"microsoft-{row['role']}", "Azure Government", program)


def said_of_connectivity() -> Iterator[set[Said]]:
    for row in rows(of := "expressroute-locations"):
        name = firm(row["provider"], row["domain"])
        yield says(of, name, namedAs=row["provider"], webDomain=row["domain"], peersAt=f"location {location(row)}")
        yield lists(of, name, "connectivity-provider", "ExpressRoute")
    for row in rows(of := "expressroute-indirect"):
        name, via = firm(row["provider"], row["domain"]), row["via_partner"]
        yield says(of, name, namedAs=row["provider"], webDomain=row["domain"])
        yield lists(of, name, KINDS[row["kind"]], "ExpressRoute")
        if via:
            yield says(of, name, connectsVia=f"firm {firm(via)}") | says(of, firm(via), namedAs=via)
    for row in rows(of := "expressroute-integrators"):
        name = firm(row["system_integrator"], row["domain"])
        yield says(of, name, namedAs=row["system_integrator"], webDomain=row["domain"],
                   category="category systems-integrator", integratesFor="product ExpressRoute",
                   inRegion=f"region {row['region']}")  # fmt: skip
        yield lists(of, name, "system-integrator", "ExpressRoute")


def said_by_documentation() -> Iterator[set[Said]]:
    of = "documentation-roles"
    for row in rows(of):
        name, link, managed = firm(row["partner"], row["domain"]), row["link"].removeprefix("pe:"), row["manages"]
        about, category, program = product(row["product"]), row["category"], row["program"]
        yield says(of, name, namedAs=row["partner"], webDomain=row["domain"], category=kind("category", category),
                   participatesIn=kind("program", program), manages=kind("product", product(managed)),
                   offers=row["solution"] and f"solution {row['partner']} {row['solution']}",
                   solutionCategory=row["solution"] and kind("heading", row["area"]))  # fmt: skip
        if row["role"]:
            yield lists(of, name, f"microsoft-{row['role']}", about, program)
            yield lists(of, name, f"microsoft-{row['role']}", product(managed))
            for region in listed(row["regions"]):
                written = {"USA": "United States", "UK": "United Kingdom"}.get(region, region)
                yield says(of, name, inRegion=f"region {written}")
        if row["other"]:
            yield says(of, name, **{link: f"firm {firm(row['other'])}"})
            yield says(of, firm(row["other"]), namedAs=row["other"])
        elif link:
            yield says(of, name, **{link: f"product {about}"})


def said_of_connectors() -> Iterator[set[Said]]:
    for row in rows(of := "power-platform"):
        if row["publisher"]:
            name, owner = firm(row["publisher"]), row["stack_owner"]
            yield says(of, name, namedAs=row["publisher"], offers=f"connector {row['connector_dir']}",
                       builtOn="product Power Platform")  # fmt: skip
            for one in listed(row["categories"]):
                yield says(of, name, solutionCategory=f"of connectors {one}")
            if name != operator():
                yield lists(of, name, "connector-publisher", "Power Platform")
            if owner not in ("", row["publisher"]) and not row["stack_owner_left_out"]:
                yield says(of, name, buildsFor=f"firm {firm(owner)}") | says(of, firm(owner), namedAs=owner)
    for row in rows(of := "power-query"):
        if row["publisher"]:
            name = firm(row["publisher"])
            yield says(of, name, namedAs=row["publisher"], offers=f"query {row['connector']}",
                       builtOn="product Power Query")  # fmt: skip
            if name != operator():
                yield lists(of, name, "microsoft-power-query-connector-publisher", "Power Query")


def said_of_solutions() -> Iterator[set[Said]]:
    in_: dict[str, set[str]] = defaultdict(set)
    for row in rows("sentinel-categories"):
        in_[row["solution"]].add(row["category"])
    for row in rows(of := "sentinel-solutions"):
        if not (row["publisher"] and row["support_name"] and row["support_tier"]):
            continue
        name = firm(row["publisher"], row["domain"])
        yield says(of, name, namedAs=row["publisher"], offers=f"solution {row['solution']}", builtOn="product Sentinel")
        if row["support_name"] != row["publisher"]:
            yield says(of, name, namedAs=row["support_name"], hiddenLabel=row["support_name"])
        for one in in_[row["solution"]]:
            yield says("sentinel-categories", name, solutionCategory=f"of solutions {one}")
        if row["support_tier"] == "Partner":
            yield says(of, name, webDomain=row["domain"])
            yield lists(of, name, "microsoft-sentinel-solution-publisher", "Sentinel")


def said_by_press_and_judges() -> Iterator[set[Said]]:
    for row in rows(of := "press"):
        name, category, program = firm(row["partner"]), row["category"], kind("program", row["program"])
        yield says(of, name, namedAs=row["partner"], category=kind("category", category), participatesIn=program,
                   program=program, role=category and f"role microsoft-{category}")  # fmt: skip
        if row["link"]:
            yield says(of, name, **{row["link"].removeprefix("pe:"): f"firm {firm(row['other'])}"})
    for row in rows(of := "judgement"):
        if row["organization"]:
            name = firm(row["organization"], row["domain"])
            yield says(of, name, category=kind("category", row["category"]))
            if row["role"]:
                yield lists(of, name, row["role"], "ExpressRoute")


@cache
def said() -> frozenset[Said]:
    """What all tables say of firms, and the categories that follow."""
    parts = (said_of_resellers, said_of_connectivity, said_by_documentation, said_of_connectors, said_of_solutions,
             said_by_press_and_judges)  # fmt: skip
    found = set().union(*(some for part in parts for some in part()))
    return frozenset(found | derived(found))


def derived(found: set[Said]) -> set[Said]:
    """The categories that follow by the sentences of the three rules."""
    roles: dict[str, set[str]] = defaultdict(set)
    for _, name, path, value in found:
        if path == "role":
            roles[name].add(value.removeprefix("role "))
    others = {"exchange-provider", "data-centre-provider", "research-network", "content-network",
              "it-services-provider"}  # fmt: skip
    resellers = {"microsoft-direct-csp", "microsoft-csp-indirect-provider", "microsoft-licensing-solution-provider",
                 "microsoft-aos-g-partner"}  # fmt: skip
    made = set()
    for name, held in roles.items():
        if held & {"connectivity-provider", "satellite-operator"} and not held & others:
            made.add(("rule-providers-are-telecoms", name, "category", "category telecommunications-company"))
        if "connector-publisher" in held:
            made.add(("rule-publishers-are-isvs", name, "category", "category independent-software-vendor"))
        if held & resellers:
            made.add(("rule-roles-of-resellers", name, "category", "category reseller"))
    return made


def valued(*paths: str) -> dict[str, set[str]]:
    """The values that each firm has by these paths, whoever says so."""
    found: dict[str, set[str]] = defaultdict(set)
    for _, name, path, value in said():
        if path in paths:
            found[name].add(value)
    return found


@cache
def partners() -> frozenset[str]:
    return frozenset().union(*partners_of_each_document().values())


def evidence(table_: str) -> str:
    return "derived" if table_.startswith("rule-") else "judged" if table_ == "judgement" else "stated"


def slug_of(name: str) -> str:
    [slug] = {slug for slug, label in register()[2].items() if label == name}
    return f"organization/{slug}"


TIES = ("participatesIn", "integratesFor", "validatedFor", "manages", "concerns", "program", "builtOn")


@pytest.mark.parametrize(("first", "second"), [
    ("product ExpressRoute", "product Power Platform"),
    ("product Sentinel", "product Power Platform"),
    ("program cloud-solution-provider", "product ExpressRoute"),
    ("program azure-networking-msp", "program cloud-solution-provider"),
    ("product Azure Government", "product Sentinel"),
])  # fmt: skip
def test_bridges_between_two_worlds(snapshot: Snapshot, first: str, second: str) -> None:
    ties = valued(*TIES)
    given = {(name, len(ties[name])) for name in partners() if {first, second} <= ties[name]}
    assert given
    asked = [one.lower().replace("product ", "product/microsoft ").replace("program ", "program/").replace(" ", "-")
             for one in (first, second)]  # fmt: skip
    told = table(snapshot, "bridges", first=asked[0], second=asked[1])
    assert [(row["partnerLabel"], int(row["ties"])) for row in told] == sorted(
        given, key=lambda one: (-one[1], slug_of(one[0]))
    )


@pytest.mark.parametrize("name", ["Equinix", "Telstra", "Accenture", "Dynatrace", "F5", "Dell", "Presidio", "JWT"])
def test_partners_most_like_one(snapshot: Snapshot, name: str) -> None:
    """All fifty rows; of those as alike as the last, which are given is left open."""
    paths = {*TIES, "category", "peersAt", "connectsVia", "role", "inRegion", "solutionCategory"} - {"program"}
    traits = valued(*paths)
    own = traits[name]
    given = {}
    for other in partners() - {name, operator()}:
        shared = len(own & traits[other])
        if shared:
            given[other] = (shared, len(traits[other]), shared / len(own | traits[other]))
    told = table(snapshot, "similar-partners", partner=slug_of(name))
    assert len(told) == min(50, len(given))
    for row in told:
        shared, features, likeness = given[row["otherLabel"]]
        assert (int(row["shared"]), int(row["features"])) == (shared, features), row["otherLabel"]
        assert float(row["likeness"]) == pytest.approx(likeness, abs=0.00051)
    best = sorted((round(likeness, 3) for *_, likeness in given.values()), reverse=True)[: len(told)]
    assert [float(row["likeness"]) for row in told] == pytest.approx(best, abs=0.0011)
    left_out = given.keys() - {row["otherLabel"] for row in told}
    assert all(given[other][2] <= float(told[-1]["likeness"]) + 0.00051 for other in left_out)


# What is counted of partners by category ---------------------------------------------------------------------


def narrowed(categories_: set[str]) -> set[str]:
    """Without those that a narrower one of the same partner stands beside; broader than all is the partner."""
    named = {one.removeprefix("category ") for one in categories_}
    above = {BROADER[one] for one in named if one in BROADER} | {"partner"}
    return named - above


@pytest.mark.parametrize("least", [2, 3])
def test_partners_in_several_categories(snapshot: Snapshot, least: int) -> None:
    says = defaultdict(set)
    for table_, name, path, value in said():
        if path == "category":
            says[name, value.removeprefix("category ")].add(evidence(table_))
    by_firm = {name: narrowed(found) for name, found in valued("category").items() if name in partners()}
    given = {
        (name, len(found), f"category/{one}", f"concept/{kind}")
        for name, found in by_firm.items()
        if len(found) >= least
        for one in found
        for kind in says[name, one]
    }
    told = table(snapshot, "partners-in-several-categories", least=str(least))
    assert len(told) == len(given)
    assert {(r["partnerLabel"], int(r["categories"]), r["category"], r["evidence"]) for r in told} == given


def in_category() -> dict[str, set[str]]:
    """Partners of each category that the article names, those of narrower ones too."""
    named = {row["subject"] for row in rows("seed") if row["subject"].startswith("category/")}
    found: dict[str, set[str]] = {one.removeprefix("category/"): set() for one in named}
    above = {row["subject"]: row["value"] for row in rows("seed") if row["property"] == "skos:broader"}
    for name, values in valued("category").items():
        if name in partners():
            for one in values:
                slug = one.removeprefix("category ")
                for each in {slug, BROADER.get(slug, slug), above.get(f"category/{slug}", slug).rpartition("/")[2]}:
                    found[each].add(name)
    return found


def test_members_of_every_category(snapshot: Snapshot) -> None:
    """With the three rules worked out anew: every category of the article, and who says so."""
    for category, names in in_category().items():
        told = table(snapshot, "partners-in-category", category=f"category/{category}")
        assert {row["partnerLabel"] for row in told} == names, category
        given = {
            (name, value.removeprefix("category "), table_, evidence(table_))
            for table_, name, path, value in said()
            if path == "category" and name in names and value == f"category {category}"
        }
        assert {
            (r["partnerLabel"], category, r["source"].removeprefix("graph/"), r["evidence"].removeprefix("concept/"))
            for r in told
            if r["stated"] == f"category/{category}"
        } == given


@pytest.mark.parametrize("most", [0, 5, 50])
def test_thin_categories_of_the_tables(snapshot: Snapshot, most: int) -> None:
    told = {r["category"]: int(r["partners"]) for r in table(snapshot, "thin-categories", most=str(most))}
    assert told == {f"category/{one}": len(names) for one, names in in_category().items() if len(names) <= most}


SKOS = "http://www.w3.org/2004/02/skos/core#"


def test_coverage_of_every_category(snapshot: Snapshot) -> None:
    """Every row: a value is what a table states; who is in a category, whoever says so."""
    aside = {"role", "concerns", "program", "inRegion", "builtOn", "solutionCategory", "category"}
    having = defaultdict(set)
    for table_, name, path, _ in said():
        if evidence(table_) == "stated" and path not in aside:
            having[f"{SKOS}{path}" if path == "hiddenLabel" else f"ontology#{path}"].add(name)
    of = {one: {name for name, found in valued("category").items() if one in found and name in partners()}
          for one in set().union(*valued("category").values())}  # fmt: skip
    given = {
        (one.replace(" ", "/"), path, len(names & found), len(names), round(100 * len(names & found) / len(names), 1))
        for one, names in of.items()
        for path, found in having.items()
        if names & found
    }
    told = {
        (r["category"], r["property"], int(r["having"]), int(r["partners"]), float(r["percent"]))
        for r in table(snapshot, "property-coverage")
    }
    assert told == given


# Who may be one firm -----------------------------------------------------------------------------------------


def test_candidates_for_one_firm(snapshot: Snapshot) -> None:
    domains, clusters = valued("webDomain"), defaultdict(set)
    for row in rows("identity-candidates"):
        clusters[firm(row["name"], row["domain"])].add(row["cluster"])
    apart = {
        frozenset((firm(row["one"], row["one_domain"]), firm(row["other"], row["other_domain"])))
        for row in rows("organizations-apart")
    }
    after = defaultdict(set)
    for row in rows("organization-changes"):
        after[firm(row["before"], row["before_domain"])].add(firm(row["after"], row["after_domain"]))

    def heirs(name: str) -> set[str]:
        return after[name].union(*(heirs(other) for other in after[name]))

    given = set()
    names = sorted({*domains, *clusters}, key=slug_of)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            rules = ["graph/rule-same-cluster"] if clusters[one] & clusters[other] else []
            shared = sorted(domains[one] & domains[other])
            rules += ["graph/rule-same-web-domain"] if shared else []
            if rules and {one, other} not in apart and other not in heirs(one) and one not in heirs(other):
                by, also = rules[0], rules[1] if len(rules) > 1 else ""
                given.add((one, other, shared[0] if shared else "", by, also))
    told = [
        (r["organizationLabel"], r["otherLabel"], r["domain"], r["source"], r["otherSource"])
        for r in table(snapshot, "same-firm-candidates")
    ]
    assert len(told) == len(set(told))
    assert set(told) == given


def test_names_of_two_lists_of_which_one_has_no_website(snapshot: Snapshot) -> None:
    named, domains = defaultdict(set), defaultdict(set)
    for table_, name, path, value in said():
        if path == "namedAs":
            named[name, value].add(table_)
        if path == "webDomain":
            domains[table_, name].add(value)
    given = {
        (name, written, domain, f"graph/{one}", f"graph/{other}")
        for (name, written), tables in named.items()
        for one in tables
        for other in tables
        if (other, name) not in domains
        for domain in domains.get((one, name), ())
    }
    told = {
        (r["organizationLabel"], r["name"], r["domain"], r["source"], r["otherSource"])
        for r in table(snapshot, "names-without-website")
    }
    assert told == given


def test_who_says_that_one_peers_at_a_place(snapshot: Snapshot) -> None:
    given = {table_ for table_, *rest in said() if rest == ["Equinix", "peersAt", "location Amsterdam"]}
    told = [row["source"].removeprefix("graph/") for row in table(snapshot, "statement-sources")]
    assert told == sorted(given)


# What is counted of categories, walked in the graph --------------------------------------------------------------


def members(snapshot: Snapshot) -> dict[str, set[str]]:
    """Partners of each category and its narrower ones, walked statement by statement."""
    store, union = snapshot.store, DefaultGraph()

    def pairs(name: str) -> list[tuple[str, str]]:
        found = store.quads_for_pattern(None, NamedNode(name), None, union)
        return [(quad.subject.value, quad.object.value) for quad in found]  # type: ignore[union-attr]

    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    partners = {one for one, kind in pairs(rdf_type) if kind == ONTOLOGY + "Partner"}
    broader = defaultdict(set)
    for one, other in pairs("http://www.w3.org/2004/02/skos/core#broader"):
        broader[one].add(other)
    found = {one: set[str]() for one, kind in pairs(rdf_type) if kind == ONTOLOGY + "PartnerCategory"}
    for one, category in pairs(ONTOLOGY + "category"):
        waiting, seen = {category}, set[str]()
        while waiting:
            each = waiting.pop()
            seen.add(each)
            waiting |= broader[each] - seen
        for each in seen & found.keys():
            if one in partners:
                found[each].add(one)
    return {one.rpartition("/id/")[2]: firms for one, firms in found.items()}


@pytest.mark.parametrize("most", [0, 20])
def test_thin_categories(snapshot: Snapshot, most: int) -> None:
    counted = {category: len(firms) for category, firms in members(snapshot).items()}
    told = {row["category"]: int(row["partners"]) for row in table(snapshot, "thin-categories", most=str(most))}
    named = {row["subject"] for row in rows("seed") if row["subject"].startswith("category/")}
    assert named <= counted.keys()
    assert told.items() <= {category: number for category, number in counted.items() if number <= most}.items()
    assert {category for category in named if counted[category] <= most} <= told.keys()


def test_partners_in_a_category_are_those_of_the_narrower_ones_too(snapshot: Snapshot) -> None:
    for category, firms in members(snapshot).items():
        told = {row["partner"] for row in table(snapshot, "partners-in-category", category=category)}
        assert told == {one.rpartition("/id/")[2] for one in firms}, category


# Statements of the documents ----------------------------------------------------------------------------------


def test_disagreements_are_all_those_of_the_tables(snapshot: Snapshot) -> None:
    seed = "wikipedia-microsoft-partner-ecosystem"
    dated = [
        (row["subject"], row["property"], row["value"], row.get("source", seed))
        for source in ("seed", "program-history")
        for row in rows(source)
        if row["property"] in ("pe:announced", "pe:launched", "pe:ended")
    ]
    given = {
        (about, matter.replace("pe:", "ontology#"), value, f"source/{one}", other_value, f"source/{other}")
        for about, matter, value, one in dated
        for also, like, other_value, other in dated
        if (also, like) == (about, matter) and value[:4] < other_value[:4]
    }
    told = [
        (r["about"], r["matter"], r["value"], r["saidBy"], r["otherValue"], r["otherSaidBy"])
        for r in table(snapshot, "disagreements")
    ]
    assert len(told) == len(set(told))
    dates = {row for row in told if row[0].startswith("program/")}
    assert dates == given
    assert len(given) == 3
    eweek = "source/eweek-microsoft-unveils-new-partner-program"
    assert {row[1:] for row in told if row not in dates} == {
        ("ontology#appliesTo", "concept/employee-bonus", f"source/{seed}", "concept/executive-long-term-bonus", eweek),
        ("ontology#share", "30", eweek, "60", f"source/{seed}"),
        ("ontology#decidedIn", "period/2001", f"source/{seed}", "period/2002",
         "source/arn-microsoft-plunks-us500-million-down-partners"),
    }  # fmt: skip


def test_verdicts_on_the_statements_of_the_article(snapshot: Snapshot) -> None:
    """Each other document once; the contradictions are those of the disagreements, seen from the article."""
    told = table(snapshot, "statements-against-others")
    seed = "source/wikipedia-microsoft-partner-ecosystem"
    against = {(r["property"], r["value"], r["other"], r["otherValue"]) for r in told if r["verdict"] == "contradicted"}
    given = set()
    for row in table(snapshot, "disagreements"):
        if row["saidBy"] == seed:
            given.add((row["matter"], row["value"], row["otherSaidBy"], row["otherValue"]))
        if row["otherSaidBy"] == seed:
            given.add((row["matter"], row["otherValue"], row["saidBy"], row["value"]))
    assert against == given
    for_it = {(r["subject"], r["other"]) for r in told if r["verdict"] == "supported"}
    figures = {pair for pair in for_it if pair[0].partition("/")[0] in ("observation", "investment", "incentive")}
    assert figures == {
        ("observation/seed-partners", "source/rcpmag-switch-is-flipped-on-microsoft-partner-network"),
        ("observation/seed-partner-revenue-per-dollar-2009", "source/msdn-blogs-partners-earn-8-70"),
        ("investment/seed-partner-related-activities-2001", "source/arn-microsoft-plunks-us500-million-down-partners"),
    }
    assert ("program/microsoft-certified-solution-provider",
            "source/itprotoday-rebrands-updates-partner-certification-program") in for_it  # fmt: skip
    assert not {r["other"] for r in told} & {"graph/seed", seed}


# Of these tables each is taken from one document; another stands for its documents.
DOCUMENTS = {
    "seed": f"source/{SEED}",
    "azure-government": "source/azure-government-csp-list",
    "expressroute-locations": "source/expressroute-locations-page",
    "expressroute-indirect": "source/expressroute-locations-page",
    "expressroute-integrators": "source/expressroute-locations-page",
    "power-platform": "source/power-platform-connectors-repository",
    "power-query": "source/power-query-connectors-page",
}
DATES = ("pe:announced", "pe:launched", "pe:ended")
Found = set[tuple[str, str, str]]  # verdict, the other and its value


def verdict(same: bool) -> str:
    return "supported" if same else "contradicted"


def dates_compared(of: str, subject: str, property_: str, value: str) -> Found:
    dated = [row for row in stated() if (row["subject"], row["property"]) == (subject, property_)]
    cited = [row["source"] for row in dated if (row["table"], row["value"]) == (of, value)]
    return {
        (verdict(row["value"] == value), row["source"], row["value"])
        for row in dated
        for document in cited
        if row["source"] != document and (row["value"] == value or row["value"][:4] != value[:4])
    }


def records_compared(all_: Records, subject: str, property_: str, value: str) -> Found:
    """A figure, an investment or an incentive beside the like ones of other documents."""
    one, found = all_[subject], set()
    for other in all_.values():
        if other["dcterms:source"] == one["dcterms:source"]:
            continue
        [document] = other["dcterms:source"]

        def alike(*names: str, other: dict[str, set[str]] = other) -> bool:
            return all(one[name] & other[name] for name in names)

        for told in other[property_]:
            same = number(told) == number(value)
            if property_ == "pe:value":
                undated = not (one["pe:period"] and other["pe:period"])
                like = alike("pe:about", "pe:metric", "pe:period") or (alike("pe:about") and same and undated)
            elif property_ in ("pe:amount", "pe:decidedIn"):
                like = alike("pe:investor", "pe:amount")
            elif property_ == "pe:appliesTo":
                like = alike("pe:agent", "pe:share")
            else:
                tied = property_ == "pe:share" and not same and alike("pe:measuredBy")
                like = alike("pe:agent") and (tied or (same and alike("pe:appliesTo")))
            if like:
                found.add((verdict(same), document, told))
    return found


def number(text: str) -> str:
    """The text, a number in one way of writing."""
    return str(float(text)) if text.replace(".", "", 1).isdigit() else text


COMPARED = {
    "observation": ("pe:value",),
    "investment": ("pe:amount", "pe:decidedIn"),
    "incentive": ("pe:share", "pe:measuredBy", "pe:appliesTo"),
}
ASIDE = ("rdf:type", "rdfs:label", "skos:prefLabel", "dcterms:source", "pe:begins", "pe:ends")


def said_elsewhere(of: str, subject: str, property_: str, value: str) -> Found:
    """The tables of other documents that say the same, word for word."""
    tables = {where for *same, where in statements() if same == [subject, property_, value]}
    if subject.startswith("organization/"):
        tables |= {where for where, name, *same in said_in_full() if [name, *same] == [subject, property_, value]}
    others = {where for where in tables if evidence(where) == "stated" and not cited(where) & cited(of)} - {of}
    return {("supported", DOCUMENTS.get(where, f"graph/{where}"), value) for where in others}


@cache
def cited(of: str) -> frozenset[str]:
    """The documents of a table, by its description."""
    text = (FACTS / of / "source.ttl").read_text(encoding="utf-8")
    origins = re.split(r" ;\n    pe:| \.\n", text.partition("prov:wasDerivedFrom")[2])[0]
    return frozenset(re.findall(r"(?:source:|id/source/)([a-z0-9-]+)", origins))


@cache
def said_in_full() -> frozenset[Said]:
    """What is said of firms, as the answers write it."""
    found = set()
    for of, name, path, value in said():
        if path in ("namedAs", "webDomain"):
            found.add((of, slug_of(name), whole(f"pe:{path}"), value))
        elif path in ("category", "participatesIn", "suppliesTo", "relatedTo"):
            kind_, _, rest = value.partition(" ")
            found.add((of, slug_of(name), whole(f"pe:{path}"), slug_of(rest) if kind_ == "firm" else f"{kind_}/{rest}"))
    return frozenset(found)


Answered = list[tuple[str, str, str, str, str, str]]


def compared(snapshot: Snapshot, of: str) -> Answered:
    """The whole answer on a table, numbers in one way of writing."""
    columns = ("subject", "property", "value", "verdict", "other", "otherValue")
    answer = table(snapshot, "statements-against-others", source=f"graph/{of}")
    one, two, value, *rest, other = zip(*(tuple(row[one] for one in columns) for row in answer), strict=True)
    return sorted(zip(one, two, map(number, value), *rest, map(number, other), strict=True))


@pytest.mark.parametrize("of", ["seed", "program-history"])
def test_every_verdict_on_a_table_of_statements(snapshot: Snapshot, of: str) -> None:
    """The whole answer: which document says the same or another thing, statement by statement."""
    own = {(row["subject"], row["property"], row["value"]) for row in stated() if row["table"] == of}
    by_kind = {"observation": figures(), "investment": records("investment"), "incentive": records("incentive")}
    given = set()
    for subject, property_, value in own:
        if property_ in ASIDE:
            continue
        kind_ = subject.partition("/")[0]
        found: Found = set()
        if property_ in DATES:
            found = dates_compared(of, subject, property_, value)
        elif property_ in COMPARED.get(kind_, ()):
            found = records_compared(by_kind[kind_], subject, property_, value)
        elif not values(subject, "dcterms:source"):
            found = said_elsewhere(of, subject, whole(property_), value)
        full = SPACES["pe"] + value.removeprefix("pe:") if value.startswith("pe:") else value
        for verdict_, other, told in found or {("only here", "", "")}:
            given.add((subject, whole(property_), number(full), verdict_, other, number(told)))
    assert compared(snapshot, of) == sorted(given)
    assert {row[3] for row in given} == {"supported", "contradicted", "only here"}


def test_every_verdict_on_the_press(snapshot: Snapshot) -> None:
    """What it says of firms and programmes may stand elsewhere; its participations and ties are its own."""
    own = {row[1:] for row in said_in_full() if row[0] == "press"}
    own |= {row[:3] for row in statements() if row[3] == "press" and row[1] != whole("rdfs:label")}
    for row in rows("press"):
        firm_, what, link = slug_of(firm(row["partner"])), row["category"] or row["program"], row["link"]
        words = f"{row['partner']} {link.removeprefix('pe:')} {row['other']}" if link else f"{row['partner']} {what}"
        slug = "-".join("".join(one if one.isalnum() else " " for one in words.lower()).split())
        said_ = {
            "pe:participant": firm_,
            "pe:inEcosystem": ECOSYSTEM,
            "org:organization": ECOSYSTEM,
            "pe:role": row["category"] and f"role/microsoft-{row['category']}",
            "pe:program": row["program"] and f"program/{row['program']}",
            "pe:tier": row["tier"] and f"tier/{row['tier']}",
            "pe:since": row["since"],
        }
        if link:
            said_ = {"pe:from": firm_, "pe:to": slug_of(firm(row["other"])), "pe:relationshipKind": link}
        said_ |= {"pe:inPeriod": row["period"] and f"period/{row['period']}", "pe:qualifier": row["qualifier"]}
        subject = f"{'relationship' if link else 'participation'}/press-{slug}"
        own |= {
            (subject, whole(property_), SPACES["pe"] + value.removeprefix("pe:") if value == link else value)
            for property_, value in said_.items()
            if value
        }
    given = {
        (*row, verdict_, other, told)
        for row in own
        for verdict_, other, told in said_elsewhere("press", *row) or {("only here", "", "")}
    }
    assert compared(snapshot, "press") == sorted(given)
    assert any(row[3] == "supported" for row in given)


def test_tables_of_one_document_do_not_support_each_other(snapshot: Snapshot) -> None:
    told = table(snapshot, "statements-against-others", source="graph/expressroute-indirect")
    assert "source/expressroute-locations-page" not in {row["other"] for row in told}
    assert {row["verdict"] for row in told} == {"supported", "only here"}


def test_documents_of_one_table_are_compared(snapshot: Snapshot) -> None:
    told = {
        (row["value"], row["verdict"], row["other"].removeprefix("source/"))
        for row in table(snapshot, "statements-against-others", source="graph/program-history")
        if row["subject"] == "program/microsoft-certified-solution-provider" and row["property"].endswith("launched")
    }
    itpro = "itprotoday-rebrands-updates-partner-certification-program"
    article = "wikipedia-microsoft-partner-ecosystem"
    late = "directions-on-microsoft-brief-history-of-partner-programs"
    assert told == {
        ("1992", "supported", article), ("1992", "contradicted", late),
        ("1993", "contradicted", itpro), ("1993", "contradicted", article),
    }  # fmt: skip
