"""After a change everything follows: names, search, lists, facets, pages, rows; and a version takes little room."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from graph import columns, facets, index, provenance, search
from graph.change.commit import Asked, Committer, commit
from graph.change.request import Request
from graph.engine.question import Question
from graph.engine.worker import Worker
from graph.load import load
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING
from graph.snapshot import DataDirectory, Snapshot
from graph.store import named_quads
from server.app import create_app
from server.service import Service, open_service
from server.settings import Settings

FIRM = THING + "organization/"
PROLOGUE = f"""PREFIX pe: <{ONTOLOGY}> PREFIX rdfs: <{PREFIXES["rdfs"]}> PREFIX o: <{FIRM}> PREFIX g: <{GRAPH}>
PREFIX skos: <{PREFIXES["skos"]}> """
PARTNER = ONTOLOGY + "Partner"


@pytest.fixture(scope="module")
def service(second_data: DataDirectory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of the second ecosystem, to be changed."""
    path = tmp_path_factory.mktemp("following") / "data"
    shutil.copytree(second_data.path, path)
    tokens = path / "tokens"
    tokens.write_text("ann:word-of-ann\n", encoding="utf-8")
    opened = open_service(Settings(data_dir=path, workers=1, token_file=str(tokens)))
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> FlaskClient:
    """A client of it."""
    return create_app(service).test_client()


def change(client: FlaskClient, text: str) -> None:
    reply = client.post("/update", data=PROLOGUE + text, content_type="application/sparql-update",
                        headers={"Authorization": "Bearer word-of-ann"})  # fmt: skip
    assert reply.status_code == 200, reply.text


def partners(client: FlaskClient) -> list[str]:
    """Give the IRIs of the list of partners, as one takes it away."""
    return [row["iri"] for row in client.get("/class/Partner.json").json["members"]]


def found(client: FlaskClient, words: str) -> list[str]:
    return [row["iri"] for row in client.get("/search.json", query_string={"q": words}).json]


def counts(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    """Give how many partners have each value, counted by each facet's own query over the graph."""
    held: dict[tuple[str, str], set[str]] = {}
    of = {s["m"].value for s in snapshot.store.query(f"SELECT ?m {{ ?m a <{PARTNER}> }}")}  # type: ignore[union-attr]
    for facet in facets.facets_of(PARTNER):
        for row in snapshot.store.query(facet.query):  # type: ignore[union-attr]
            if getattr(row["member"], "value", "") in of:
                held.setdefault((facet.name, str(row["value"])), set()).add(row["member"].value)
    return {key: len(members) for key, members in held.items()}


def exact(snapshot: Snapshot) -> None:
    """Check the tables beside a version against tables made anew."""
    with closing(snapshot.lists()) as lists:
        selection = facets.select(lists, PARTNER, {}, budget=60.0)
        assert selection is not None
        shown = {(c.facet.name, choice.value): choice.count for c in selection.facets for choice in c.choices}
    assert shown == counts(snapshot)
    with closing(sqlite3.connect(":memory:")) as anew, closing(snapshot.index()) as held:
        search.write(anew, snapshot.store)
        words = {text for (text,) in anew.execute("SELECT text FROM name")} | {"quite", "newcomer", "qa", "quiet"}
        for text in words:
            assert search.find(held, text) == search.find(anew, text), text
            assert search.kinds(held, text) == search.kinds(anew, text), text
            assert search.suggest(held, text[:-2] + text[-1:]) == search.suggest(anew, text[:-2] + text[-1:]), text


def test_a_new_name_is_found_shown_and_listed_and_the_old_one_is_not(client: FlaskClient, service: Service) -> None:
    firm = partners(client)[0]
    change(client, f"""DELETE {{ GRAPH ?g {{ <{firm}> rdfs:label ?l }} }}
        INSERT {{ GRAPH ?g {{ <{firm}> rdfs:label 'Zzyx Quite Another'@en }} }}
        WHERE {{ GRAPH ?g {{ <{firm}> rdfs:label ?l }} }}""")
    assert found(client, "zzyx quite")[0] == firm
    assert firm in found(client, "quite anothr"), "spelt nearly so"
    page = client.get("/id" + firm.removeprefix(THING[:-1]) + ".html").text
    assert "Zzyx Quite Another" in page
    listed = client.get("/class/Partner", headers={"Accept": "text/html"})
    assert listed.status_code == 200
    rows = client.get("/class/Partner.json").json["members"]
    assert next(row["name"] for row in rows if row["iri"] == firm) == "Zzyx Quite Another"
    assert rows[-1]["iri"] == firm, "the list is in the order of names"
    exact(service.snapshot())


def test_a_partner_that_comes_and_goes_is_counted(client: FlaskClient, service: Service) -> None:
    model, before = partners(client)[0], partners(client)
    new = FIRM + "newcomer"
    change(client, f"""INSERT {{ GRAPH g:mine {{ <{new}> ?p ?o }} }} WHERE {{ GRAPH ?g {{ <{model}> ?p ?o }}
        FILTER (?p != rdfs:label && ?p != pe:webDomain) FILTER (!STRSTARTS(STR(?g), "{GRAPH}analysis"))
        FILTER (!STRSTARTS(STR(?g), "{GRAPH}rule")) }} ;
        INSERT {{ GRAPH ?g {{ <{new}> rdfs:label "Newcomer of the Year" }} }} WHERE {{
        GRAPH ?g {{ <{model}> rdfs:label ?l }} }}""")
    assert set(partners(client)) == {*before, new}
    assert found(client, "newcomer of") == [new]
    assert client.get("/id/organization/newcomer.html").status_code == 200
    exact(service.snapshot())
    change(client, f"DELETE WHERE {{ GRAPH ?g {{ <{new}> ?p ?o }} }}")
    assert partners(client) == before
    assert found(client, "newcomer of") == []
    assert client.get("/id/organization/newcomer.html").status_code == 410
    exact(service.snapshot())


def test_measures_say_which_version_they_are_of(client: FlaskClient, service: Service) -> None:
    firm = partners(client)[0].removeprefix(THING[:-1])
    measured = client.get("/health").json["measured"]
    assert service.data.open(measured).manifest.origin == "analysis"
    change(client, "INSERT DATA { GRAPH g:notes { o:somebody rdfs:comment 'another note' } }")
    assert client.get("/health").json["measured"] == measured != service.snapshot().id
    for path in (f"/id{firm}.html", "/analysis", "/class/Partner"):
        page = client.get(path, headers={"Accept": "text/html"}).text
        assert "were worked out in version" in page and measured in page, path
    assert "were worked out in" not in client.get(f"/snapshot/{measured}/id{firm}.html").text


def room(snapshot: Snapshot) -> int:
    """Give the bytes of a version that no other one shares."""
    files = [path.stat() for path in snapshot.path.rglob("*") if path.is_file()]
    return sum(told.st_blocks * 512 for told in files if told.st_nlink == 1)


def test_a_version_takes_the_room_of_its_change(client: FlaskClient, service: Service) -> None:
    sizes = []
    for number in range(3):
        change(client, f"INSERT DATA {{ GRAPH g:notes {{ o:somebody rdfs:comment 'note {number}' }} }}")
        sizes.append(room(service.snapshot()))
    assert max(sizes) < 400_000, sizes
    last = service.snapshot()
    assert (last.path / index.FILE).stat().st_nlink > 1
    assert not (last.path / facets.FILE).exists() and not (last.path / "columns.duckdb").exists()


def test_tables_with_much_that_changed_are_made_whole_and_say_the_same(
    second_data: DataDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "LARGEST", 0)
    data = DataDirectory(Path(shutil.copytree(second_data.path, tmp_path / "data")))
    committer = Committer(data, 1024, 60.0)
    label, mine = NamedNode(PREFIXES["skos"] + "altLabel"), NamedNode(GRAPH + "mine")
    firms = sorted({q.subject.value for q in data.current().store.quads_for_pattern(
        None, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PARTNER), None)})[:3]  # fmt: skip
    texts = [f"INSERT DATA {{ GRAPH g:mine {{ <{one}> skos:altLabel 'Nobody {n}' }} }}" for n, one in enumerate(firms)]
    for text in [*texts, texts[1].replace("INSERT", "DELETE")]:
        committer.commit([Asked(Request("update", (PROLOGUE + text).encode(), author="ann"))])[0].result()
        live = data.current()
        said = list(live.store.quads_for_pattern(None, label, None, mine))
        (tmp_path / "whole").mkdir()
        index.whole(live.path, tmp_path / "whole")
        for folder in (tmp_path / "whole", live.path):
            with closing(index.opened(folder)) as held:
                found = {match.iri for match in search.find(held, "nobody")}
                assert found == {quad.subject.value for quad in said}  # type: ignore[union-attr]
                for quad in said:
                    why = list(provenance.why(held, quad.subject, label, quad.object))
                    assert [(one.graph, one.file) for one in why] == [(mine.value, "change by ann:")]
        shutil.rmtree(tmp_path / "whole")
    committer.close()


def test_columns_that_a_change_would_make_untrue_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "FEWEST", 0)
    file = tmp_path / "some.nq"
    file.write_text("".join(f"<x:s{n}> <x:p> <x:o> <x:g> .\n" for n in range(100)), encoding="utf-8")
    data = DataDirectory(tmp_path / "data")
    counts = []
    gone = Request("update", b"DELETE DATA { GRAPH <x:g> { <x:s1> <x:p> <x:o> } }")
    for version in (load([file], data), commit(data, gone, 512)):
        counts.append((version.path / "columns.duckdb").is_file())
        worker = Worker(version.path, tmp_path, 512)
        question = Question("SELECT ?o (COUNT(?s) AS ?n) { ?s <x:p> ?o } GROUP BY ?o", "csv")
        counts.append(worker.ask(question, time.monotonic() + 30).body.split()[-1])
        worker.kill()
    assert counts == [True, b"x:o,100", False, b"x:o,99"]


def test_a_statement_that_comes_back_has_its_row_again(client: FlaskClient, service: Service) -> None:
    store = service.snapshot().store
    quad = next(q for q in named_quads(store) if q.predicate.value == ONTOLOGY + "webDomain")

    def why() -> list[str]:
        with closing(service.snapshot().index()) as held:
            rows = provenance.why(held, quad.subject, quad.predicate, quad.object)
            return [one.file for one in rows if one.graph == quad.graph_name.value]  # type: ignore[union-attr]

    assert set(why()) == {"facts.tsv"}
    statement = f"DATA {{ GRAPH {quad.graph_name} {{ {quad.subject} {quad.predicate} {quad.object} }} }}"
    change(client, f"DELETE {statement}")
    assert why() == []
    change(client, f"INSERT {statement}")
    assert set(why()) == {"facts.tsv"}
