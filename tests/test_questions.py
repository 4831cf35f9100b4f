"""The ready questions: each file reads, runs and answers; parameters are read strictly; every format says the same."""

import csv
import html
import io
import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import (
    Literal,
    NamedNode,
    QuerySolutions,
    Store,
    parse,
    parse_query_results,
)

from graph import formats, questions
from graph.command import cli
from graph.names import BASE, GRAPH, thing
from graph.naming import Namer
from graph.questions import Answer, ParameterError
from graph.questions.catalogue import THEMES
from graph.questions.catalogue import parse as read_file
from graph.questions.sources import of_answer
from graph.snapshot import DataDirectory, Snapshot
from server import charts
from tests.asking import answered, text

FACTS = Path(__file__).parents[1] / "graph" / "facts"
NAMES = questions.names()
QUICK = 2.0  # seconds, of the processor where this process answers
HTML = {"Accept": "text/html"}




@pytest.fixture(scope="module")
def answers(snapshot: Snapshot) -> dict[str, tuple[Answer, float]]:
    """Every question's answer to what it asks by default, and the seconds that it took."""
    found = {}
    for name in NAMES:
        began = time.process_time()
        answer = answered(snapshot, name)
        found[name] = (answer, time.process_time() - began)
    return found


# The files -----------------------------------------------------------------------------------------


def test_there_are_the_questions_that_people_have() -> None:
    assert len(NAMES) >= 30
    listed = questions.questions()
    assert [one.name for one in listed] != list(NAMES), "they are listed by theme"
    assert {one.theme for one in listed} == set(THEMES)
    assert len({one.title for one in listed}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_says_what_it_asks_and_projects_its_parameters(name: str) -> None:
    asked = questions.question(name)
    assert asked.title.endswith("?")
    assert len(asked.meaning) > 60
    assert len(asked.caveat) > 40
    found = Store().query(asked.query)  # as it stands in the file, without prefixes from elsewhere
    assert isinstance(found, QuerySolutions)
    columns = {variable.value for variable in found.variables}
    assert {one.name for one in asked.parameters} <= columns
    assert {one for one in asked.evidence if ":" not in one} <= columns
    if asked.chart:
        assert {*asked.chart.labels, asked.chart.value} <= columns


def test_no_question_names_a_vendor_to_its_reader() -> None:
    """They are asked of any ecosystem; only defaults and metrics, which are data, may be of one."""
    for one in questions.questions():
        told = " ".join([one.name, one.title, one.meaning, one.caveat, one.nothing, *(p.label for p in one.parameters)])
        assert not re.search("microsoft|azure|expressroute|sentinel|excel", told, re.IGNORECASE), one.name


HEAD = '# A question?\n# theme = "Partners"\n# meaning = "m"\n# caveat = "c"\n'
BROKEN = [
    ("no question", "# Not a question.\nSELECT * {}", "no question"),
    ("no head", "SELECT * {}", "no question"),
    ("no TOML", "# Q?\n# theme = \nSELECT * {}", "no TOML"),
    ("no caveat", '# Q?\n# theme = "Partners"\n# meaning = "m"\nSELECT * {}', "missing ['caveat']"),
    ("unknown theme", HEAD.replace("Partners", "Gossip") + "SELECT * {}", "theme 'Gossip'"),
    ("unknown key", HEAD + '# colour = "red"\nSELECT * {}', "unknown ['colour']"),
    ("untyped parameter", HEAD + '# [parameter.x]\n# label = "X"\nSELECT * {}', "parameter x"),
    ("twice typed",
     HEAD + '# [parameter.x]\n# label = "X"\n# term = "any"\n# numbers = [1]\nSELECT * {}', "parameter x"),
    ("needless default",
     HEAD + '# [parameter.x]\n# label = "X"\n# term = "iri"\n# default = 1\n# optional = true\nSELECT *', "needless"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_file_of_another_form_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"broken\.rq: ") as error:
        read_file("broken", text)
    assert why in str(error.value)


# The answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_has_an_answer_or_says_why_not_and_is_quick(answers: dict[str, tuple[Answer, float]], name: str) -> None:
    answer, seconds = answers[name]
    assert answer.rows or answer.question.nothing
    assert seconds < QUICK


def test_few_questions_have_no_answer(answers: dict[str, tuple[Answer, float]]) -> None:
    """A reason is no way out for most: only what the sources do deny has none."""
    assert {name for name, (answer, _) in answers.items() if not answer.rows} == {"solutions-by-others"}


@pytest.mark.parametrize("name", [name for name in NAMES if questions.question(name).parameters])
def test_the_query_as_shown_gives_the_same_answer_elsewhere(snapshot: Snapshot, name: str) -> None:
    """What a person copies into a workbench has the parameters written out at its end."""
    answer = answered(snapshot, name)
    found = snapshot.store.query(answer.question.shown(answer.bindings))
    assert isinstance(found, QuerySolutions)
    shown = [tuple(solution[column] for column in answer.columns) for solution in found]
    assert sorted(map(str, shown)) == sorted(map(str, answer.rows))


def test_a_bound_parameter_is_no_column_and_an_open_one_is(snapshot: Snapshot) -> None:
    asked = answered(snapshot, "integrators-in-programme")
    assert "program" not in asked.columns
    assert "region" in asked.columns
    europe = answered(snapshot, "integrators-in-programme", region="region/europe")
    assert "region" not in europe.columns
    assert set(europe.rows) == {
        tuple(term for column, term in zip(asked.columns, row, strict=True) if column != "region")
        for row in asked.rows
        if row[asked.columns.index("region")] == NamedNode(thing("region", "europe"))
    }


@pytest.mark.parametrize("name", [name for name in NAMES if questions.question(name).evidence])
def test_rows_beside_a_statement_are_those_that_make_it(snapshot: Snapshot, name: str) -> None:
    answer = answered(snapshot, name)
    with_rows = questions.with_rows(answer, snapshot.index(), snapshot.store)
    own = () if "document" in answer.columns else ("document",)
    assert with_rows.columns == (*answer.columns, *own, "dated", "file", "row")
    files = with_rows.column("file")
    assert files
    assert all(files), "every statement has a file"


def test_a_statement_of_several_documents_has_a_row_for_each(snapshot: Snapshot) -> None:
    """Two articles of one table name a tier: each stands with its own row, not the table's publisher for both."""
    given = {"subject": "tier/microsoft-certified-partner-gold-certified", "property": "pe:program"}
    program = "program/microsoft-certified-partner"
    answer = answered(snapshot, "statement-sources", **given, object=program)
    told = questions.with_rows(answer, snapshot.index(), snapshot.store)
    with (FACTS / "program-history" / "facts.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, dialect="excel-tab"))
    expected = {
        (thing("source", row["source"]), str(number))
        for number, row in enumerate(rows, start=1)
        if (row["subject"], row["property"], row["value"]) == (given["subject"], given["property"], program)
    }
    documents, places = told.column("document"), told.column("row")
    assert {(one.value, at.value) for one, at in zip(documents, places, strict=True) if one and at} == expected
    assert len(expected) == 2
    assert {file.value for file in told.column("file") if file} == {"program-history/facts.tsv"}


RESTS = [
    ("partner-counts", {}, {"metrics", "seed"}),
    ("incentive-rules", {}, {"program-history", "seed"}),
    ("one-way-in", {}, {"expressroute-indirect", "expressroute-locations"}),
    ("solution-dependents", {}, {"sentinel-dependencies", "sentinel-solutions"}),
    ("solutions-by-category-and-year", {}, {"sentinel-categories", "sentinel-solutions"}),
    ("specialists-growth", {}, {"seed"}),
    ("integrators-in-programme", {}, {"expressroute-integrators", "azure-government"}),
    ("disagreements", {}, {"seed", "program-history", "metrics"}),
    ("statements-against-others", {"source": "graph/seed"}, {"seed", "program-history", "press"}),
]


@pytest.mark.parametrize(("name", "given", "graphs"), RESTS)
def test_an_answer_rests_on_those_that_state_it(
    snapshot: Snapshot, name: str, given: dict[str, str], graphs: set[str]
) -> None:
    """Not on every table that uses a property of the query: their dates and biases would stand under the answer."""
    told = of_answer(snapshot.store, Namer(snapshot.store), answered(snapshot, name, **given))
    assert {one.provider.iri.removeprefix(GRAPH) for one in told} == graphs


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_rests_on_words_or_measures(snapshot: Snapshot, name: str) -> None:
    asked = questions.question(name)
    sources = of_answer(snapshot.store, Namer(snapshot.store), answered(snapshot, name))
    told = {one.provider.iri.removeprefix(GRAPH) for one in sources}
    assert told
    assert not told & {"ontology", "catalogue", "documents"}
    assert not any(graph.startswith("analysis-") for graph in told)
    said = asked.evidence or asked.rests or asked.sources
    assert said or told == {asked.parameters[0].default.removeprefix("graph/")}


def test_a_statement_has_the_date_of_its_document(snapshot: Snapshot) -> None:
    answer = answered(snapshot, "statement-sources")
    told = questions.with_rows(answer, snapshot.index(), snapshot.store)
    assert [str(date) for date in told.column("dated")] == ['"2024-07-31"^^<http://www.w3.org/2001/XMLSchema#date>']


# Parameters --------------------------------------------------------------------------------------------

CATEGORY = NamedNode(thing("category", "systems-integrator"))


@pytest.mark.parametrize(
    "text",
    ["category/systems-integrator", "systems-integrator", "Systems integrator", "SYSTEMS INTEGRATOR ",
     CATEGORY.value, f"<{CATEGORY.value}>"],
)  # fmt: skip
def test_a_thing_is_named_as_people_name_it(snapshot: Snapshot, text: str) -> None:
    assert answered(snapshot, "partners-in-category", category=text).bindings == {"category": CATEGORY}


def test_a_number_and_a_free_term(snapshot: Snapshot) -> None:
    assert answered(snapshot, "partners-in-several-categories", least="3").bindings == {"least": Literal(3)}
    given = {"subject": "observation/seed-partners", "property": "pe:value", "object": '"640000"^^xsd:integer'}
    assert answered(snapshot, "statement-sources", **given).bindings["object"] == Literal(640000)


WRONG = [
    ("partners-in-category", {"category": "category/none"}, "category", "category/systems-integrator"),
    ("partners-in-category", {"category": "location/amsterdam"}, "category", "category/systems-integrator"),
    ("partners-in-category", {"categoria": "x"}, "categoria", "category"),
    ("partners-in-category", {"category": '"} DELETE WHERE { ?s ?p ?o } #'}, "category", "category/systems-integrator"),
    ("partners-in-several-categories", {"least": "1"}, "least", "2"),
    ("partners-in-several-categories", {"least": "two"}, "least", "5"),
    ("partners-in-several-categories", {"least": "02"}, "least", "2"),
    ("statement-sources", {"subject": "no iri"}, "subject", None),
    ("statement-sources", {"object": '"open'}, "object", None),
    ("similar-partners", {"partner": "equinox"}, "partner", "organization/equinix"),
    ("partner-counts", {"year": "2010"}, "year", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "parameter", "allowed"), WRONG)
def test_what_is_not_allowed_is_told_with_what_is(
    snapshot: Snapshot, client: FlaskClient, name: str, given: dict[str, str], parameter: str, allowed: str | None
) -> None:
    with pytest.raises(ParameterError) as error:
        answered(snapshot, name, **given)
    assert error.value.name == parameter
    assert allowed is None or allowed in error.value.allowed
    response = client.get(f"/questions/{name}.csv", query_string=given)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    told = response.get_json()
    assert (told["parameter"], told["offered"]) == (parameter, list(error.value.allowed))


NONE = [
    ("partners-in-category", {"category": "internet-hosting-service"}),
    ("solution-dependents", {"solution": "solution/sentinel-1password"}),
    ("successors", {"organization": "Lumen"}),
    ("partners-in-two-roles", {"first": "role/system-integrator", "second": "role/microsoft-isv-partner"}),
]


@pytest.mark.parametrize(("name", "given"), NONE)
def test_what_has_no_answer_may_be_asked_about(
    snapshot: Snapshot, client: FlaskClient, name: str, given: dict[str, str]
) -> None:
    """None is an answer; only what is no such thing is refused."""
    found = answered(snapshot, name, **given)
    assert found.rows == () and found.question.nothing
    page = client.get(f"/questions/{name}", query_string=given, headers=HTML)
    assert page.status_code == 200
    assert found.question.nothing in html.unescape(page.text)
    for parameter, term in found.bindings.items():
        chosen = rf'<option value="{questions.spelled(term)}" selected>|<input [^>]*name="{parameter}" value="[^"]'
        assert re.search(chosen, page.text), "the form says what was asked"


@pytest.mark.parametrize(("name", "parameter", "text", "iri"), [
    ("programme", "program", "MPN", "program/microsoft-partner-network"),
    ("programme", "program", "csp", "program/cloud-solution-provider"),
    ("similar-partners", "partner", "BT", "organization/british-telecom"),
    ("partners-in-category", "category", "VAR", "category/value-added-reseller"),
])  # fmt: skip
def test_a_thing_is_known_by_a_name_that_no_other_has(
    snapshot: Snapshot, name: str, parameter: str, text: str, iri: str
) -> None:
    assert answered(snapshot, name, **{parameter: text}).bindings[parameter] == NamedNode(thing(*iri.split("/")))


def test_a_default_that_another_graph_does_not_hold_gives_way(second: Snapshot) -> None:
    """Defaults are things of the first ecosystem; in another, a question begins with what is there."""
    answer = answered(second, "publishers-for-several-products")
    assert "umbra" in answer.bindings["first"].value
    assert answered(second, "successors").rows == ()
    for name in NAMES:
        assert answered(second, name) is not None


# Formats -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(snapshot: Snapshot) -> Answer:
    """An answer with things, texts in a language, and gaps."""
    answer = answered(snapshot, "category-definitions")
    assert any(None in row for row in answer.rows)
    return questions.with_labels(answer, Namer(snapshot.store))


@pytest.mark.parametrize("form", formats.SOLUTION_FORMATS, ids=lambda form: form.name)
def test_solutions_say_the_same_in_every_format(table: Answer, form: formats.Format) -> None:
    body = questions.written(table, form)
    if form == formats.CSV:
        rows = list(csv.reader(io.StringIO(body.decode())))
        assert tuple(rows[0]) == table.columns
        assert rows[1:] == [[getattr(term, "value", "") for term in row] for row in table.rows]
        return
    found = parse_query_results(body, format=form.results)
    assert isinstance(found, QuerySolutions)
    assert tuple(tuple(solution[name] for name in table.columns) for solution in found) == table.rows


@pytest.mark.parametrize("form", formats.GRAPH_FORMATS, ids=lambda form: form.name)
def test_as_rdf_a_table_is_its_cells(table: Answer, form: formats.Format) -> None:
    made = {quad.triple for quad in parse(questions.written(table, form), format=form.rdf)}
    cells = [(n, *cell) for n, row in enumerate(table.rows, 1) for cell in zip(table.columns, row, strict=True)]
    assert {(t.subject.value.partition("#row=")[2], t.predicate.value.rpartition("#")[2], t.object) for t in made} == {
        (str(n), name, term) for n, name, term in cells if term is not None
    }
    address = f"{BASE}questions/category-definitions"
    assert {t.subject.value.partition("#")[0] for t in made} == {f"{address}?source=graph%2Fseed"}
    assert {t.predicate.value.partition("#")[0] for t in made} == {address}


def test_labels_stand_beside_things_and_beside_nothing_else(table: Answer) -> None:
    things = {"category", "broader"}
    assert {one for one in table.columns if f"{one}Label" in table.columns} == things
    assert len(table.columns) == len(set(table.columns)) == 8


def test_sorting_is_by_value_and_gaps_come_last(snapshot: Snapshot) -> None:
    namer = Namer(snapshot.store)
    answer = answered(snapshot, "providers-by-locations")
    fewest = [int(t.value) for t in questions.sorted_by(answer, "locations", namer).column("locations")]
    assert fewest == sorted(fewest)
    assert fewest[-1] > 9, "numbers, not texts"
    most = questions.sorted_by(answer, "-locations", namer).column("locations")
    assert [int(t.value) for t in most] == fewest[::-1]
    for column in ("area", "-area"):
        areas = questions.sorted_by(answered(snapshot, "locations-with-few-providers"), column, namer).column("area")
        assert None not in areas[: len([one for one in areas if one])]
    with pytest.raises(ValueError, match="no column 'height'; the columns are provider, locations, areas"):
        questions.sorted_by(answer, "height", namer)


# Over HTTP -------------------------------------------------------------------------------------------------


def test_the_list_is_for_people_and_for_programs(client: FlaskClient) -> None:
    page = client.get("/questions", headers=HTML).text
    told = client.get("/questions").get_json()
    assert {one["name"] for one in told} == set(NAMES)
    heads = re.findall(r'<h2 id="theme-\d+">([^<]+)<', page)
    assert tuple(heads) == THEMES  # in the order in which a stranger wants to know, not by alphabet
    for one in told:
        assert f'href="/questions/{one["name"]}"' in page
        assert one["address"].endswith(f"/questions/{one['name']}")
        assert {p["name"] for p in one["parameters"]} == {p.name for p in questions.question(one["name"]).parameters}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_form_answer_caveat_sources_and_query(client: FlaskClient, name: str) -> None:
    asked = questions.question(name)
    response = client.get(f"/questions/{name}", headers=HTML)
    assert response.status_code == 200
    page = re.sub(r"&#3[49];", "'", response.text)
    assert len(response.data) < 150_000
    assert asked.caveat.replace('"', "'") in page
    assert "Sources and their dates" in page or asked.nothing in page
    assert ("<svg" in page) == (asked.chart is not None)
    for one in asked.parameters:
        assert f'name="{one.name}"' in page
    assert f'<{"http://localhost/questions/" + name}' in response.headers["Link"]


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [*((form.suffix[1:], form.media_type) for form in (*formats.SOLUTION_FORMATS, *formats.GRAPH_FORMATS)),
     ("json", "application/sparql-results+json"), ("xml", "application/sparql-results+xml"), ("html", "text/html")],
)  # fmt: skip
def test_every_format_has_its_address(client: FlaskClient, suffix: str, media_type: str) -> None:
    response = client.get(f"/questions/locations-with-few-providers.{suffix}?most=2")
    assert response.status_code == 200
    assert response.mimetype == media_type
    again = client.get(response.request.path + "?most=2", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    other = client.get(response.request.path + "?most=3", headers={"If-None-Match": response.headers["ETag"]})
    assert other.status_code == 200


def test_the_ways_in_are_drawn_one_bar_each(client: FlaskClient, snapshot: Snapshot) -> None:
    ways = {text(term) for term in answered(snapshot, "one-way-in").column("via")}
    page = client.get("/questions/one-way-in", headers=HTML).text
    broad = page.partition('class="broad"')[2].partition("</svg>")[0]
    assert broad.count("<rect") == len(ways)


def test_the_operator_is_like_nobody(snapshot: Snapshot) -> None:
    for partner in ("organization/equinix", "organization/dynatrace", "organization/accenture"):
        told = {text(one) for one in answered(snapshot, "similar-partners", partner=partner).column("other")}
        assert "organization/microsoft" not in told


def test_a_programme_is_told_of_without_what_the_project_measures(snapshot: Snapshot) -> None:
    answer = answered(snapshot, "programme", program="MPN")
    assert not {one for one in map(text, answer.column("source")) if one.startswith("graph/analysis")}
    told = set(zip(map(text, answer.column("subject")), map(text, answer.column("property")), strict=True))
    assert ("program/microsoft-cloud-partner-program", "http://purl.org/dc/terms/replaces") in told
    assert ("program/microsoft-azure-circle", "ontology#mergedInto") in told
    assert any(subject.startswith("tier/") for subject, _ in told)


def test_accept_chooses_the_format(client: FlaskClient) -> None:
    for accept, expected in (
        ("text/csv", "text/csv"), ("text/turtle", "text/turtle"),
        ("application/json", "application/sparql-results+json"), ("*/*", "application/sparql-results+json"),
        ("text/html,*/*;q=0.8", "text/html"),
    ):  # fmt: skip
        response = client.get("/questions/thin-categories", headers={"Accept": accept})
        assert (response.mimetype, "Accept" in response.headers["Vary"]) == (expected, True)
    refused = client.get("/questions/thin-categories", headers={"Accept": "image/png"})
    assert refused.status_code == 406


def test_what_is_not_there_is_told(client: FlaskClient) -> None:
    missing = client.get("/questions/no-such")
    assert missing.status_code == 404
    assert missing.get_json()["offered"] == list(NAMES)
    assert client.get("/questions/thin-categories.pdf").status_code == 404
    sorted_by = client.get("/questions/thin-categories.csv?sort=beauty")
    assert sorted_by.status_code == 400
    assert "-partners" in sorted_by.get_json()["offered"]
    page = client.get("/questions/thin-categories?most=3", headers=HTML)
    assert page.status_code == 400
    assert "<code>5</code>" in page.text, "people are told what is allowed too"


def test_every_bar_of_a_chart_is_told_from_the_others_in_both_pictures(
    snapshot: Snapshot, answers: dict[str, tuple[Answer, float]]
) -> None:
    drawn = {name: charts.draw(found, Namer(snapshot.store)) for name, (found, _) in answers.items()}
    assert "partner-counts" in drawn
    for name, chart in drawn.items():
        for picture in chart.pictures if chart else ():
            told = [" ".join(line for _, line in bar.lines) for bar in picture.bars]
            assert len({*told}) == len(told) and not any("…" in one for one in told), name
            below = [line + 17 for bar in picture.bars for line, _ in bar.lines]
            assert max(below) <= picture.height
            if picture.size == "narrow":
                assert all(bar.lines and max(line for line, _ in bar.lines) < bar.top for bar in picture.bars)


def test_a_long_answer_has_pages_and_is_taken_away_whole(client: FlaskClient) -> None:
    whole = client.get("/questions/providers-by-locations.csv?sort=provider").text.splitlines()
    first = client.get("/questions/providers-by-locations?sort=provider", headers=HTML).text
    last = client.get("/questions/providers-by-locations?sort=provider&page=2", headers=HTML).text
    for name, page in ((whole[1], first), (whole[-1], last)):
        assert f'href="/id/{name.split(",")[0].partition("/id/")[2]}"' in page
    assert client.get("/questions/providers-by-locations?page=3", headers=HTML).status_code == 404
    assert 'aria-sort="ascending"' in first


def test_a_form_lists_what_a_parameter_may_be(client: FlaskClient, snapshot: Snapshot) -> None:
    page = client.get("/questions/partners-in-category?category=telecommunications-company", headers=HTML).text
    chosen = questions.choices(snapshot.store, questions.question("partners-in-category").parameters[0])
    assert re.findall(r'<option value="([^"]+)"', page) == [one.value for one in chosen]
    assert '<option value="category/telecommunications-company" selected>' in page
    many = client.get("/questions/similar-partners", headers=HTML).text
    assert '<input id="ask-partner" name="partner" value="Equinix"' in many, "too many for a menu"


def test_a_real_server_answers_in_time_and_whole(live_server) -> None:  # type: ignore[no-untyped-def]
    reply = live_server.ask(path="/questions/partners-in-category.csv", parameters={"category": "systems-integrator"})
    assert reply.status == 200
    assert reply.seconds < QUICK
    assert reply.text.startswith("partner,partnerLabel,")
    wrong = live_server.ask(path="/questions/partners-in-category.csv", parameters={"category": "nobody"})
    assert wrong.status == 400
    assert json.loads(wrong.body)["type"] == "/problems/bad-parameter"


# On a terminal ------------------------------------------------------------------------------------------------


def ask(data: DataDirectory, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["ask", *words], env={"PARTNERGRAPH_DATA_DIR": str(data.path)})
    return done.exit_code, done.stdout, done.stderr


def test_the_command_lists_answers_and_explains(data: DataDirectory) -> None:
    code, out, _ = ask(data)
    assert code == 0
    assert [line.partition("\t")[0] for line in out.splitlines()[1:]] == [one.name for one in questions.questions()]
    code, out, _ = ask(data, "thin-categories", "--help")
    assert code == 0
    assert "What the data cannot tell" in out
    assert "0, 5, 10, 20, 50" in out
    code, out, _ = ask(data, "thin-categories", "--most", "0", "--format", "json")
    assert code == 0
    assert json.loads(out)["head"]["vars"] == ["category", "categoryLabel", "partners", "note"]
    code, out, _ = ask(data, "partners-in-category", "--choices", "category")
    assert "category/systems-integrator\tSystems integrator" in out.splitlines()
    code, out, _ = ask(data, "partners-in-category", "--show", "--category", "systems-integrator")
    assert out.startswith("# Which partners")
    assert out.endswith(f"VALUES (?category) {{ ({CATEGORY}) }}\n")


def test_the_command_and_the_service_give_the_same_bytes(data: DataDirectory, client: FlaskClient) -> None:
    _, out, _ = ask(data, "partners-in-category", "--format", "csv", "--data-dir", str(data.path))
    assert out == client.get("/questions/partners-in-category.csv").get_data(as_text=True).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("no-such",), 2, "No such question 'no-such'"),
        (("partners-in-category", "--category", "nobody"), 2, "'nobody' is none of its"),
        (("partners-in-category", "--year", "1"), 2, "No such option"),
        (("partners-in-category", "--choices", "year"), 2, "is none of category"),
        (("statement-sources", "--object", "location/atlantis"), 1, "No source of this graph makes this statement"),
    ],
)
def test_the_command_fails_clearly(data: DataDirectory, words: tuple[str, ...], code: int, why: str) -> None:
    done = ask(data, *words)
    assert done[0] == code
    assert why in done[2]
    assert not done[1]
