"""Changes over HTTP: who may make them, SPARQL Update, the Graph Store Protocol clause by clause, the history."""

import base64
import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from graph.bare import BareError, ensure_bare
from graph.build import BuildError
from graph.names import GRAPH, PREFIXES, THING
from graph.snapshot import DataDirectory
from server.app import create_app
from server.service import Service, open_service
from server.settings import Settings
from server.tokens import TokenError, own_tokens, read_tokens
from tests.live import Live

UPDATE, TURTLE = "application/sparql-update", "text/turtle"
MAY = {"Authorization": "Bearer word-of-ann"}
NEW = "INSERT DATA { GRAPH <x:g> { <x:new> <x:p> %s } }"
ONE = "http://example.org/one"


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two tokens."""
    file = tmp_path_factory.mktemp("tokens") / "tokens"
    file.write_text("# who may write\nann:word-of-ann\nbob:word-of:bob\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def bare(tokens: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of a bare store, judged by a shape: what is a :C has a :p."""
    path = tmp_path_factory.mktemp("bare")
    shapes = path / "shapes-given.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <x:shape> sh:targetClass <x:C> ; "
        "sh:property [ sh:path <x:p> ; sh:minCount 1 ; sh:message 'wants a p' ] .",
        encoding="utf-8",
    )
    ensure_bare(DataDirectory(path / "data"), shapes)
    service = open_service(Settings(data_dir=path / "data", workers=1, token_file=str(tokens), body_size=64))
    yield service
    service.close()


@pytest.fixture
def client(bare: Service) -> FlaskClient:
    """A client of the bare store."""
    return create_app(bare).test_client()


@pytest.fixture(scope="module")
def built(second_data: DataDirectory, tokens: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of the second ecosystem, which may be changed."""
    path = tmp_path_factory.mktemp("built") / "data"
    shutil.copytree(second_data.path, path)
    service = open_service(Settings(data_dir=path, workers=1, token_file=str(tokens)))
    yield service
    service.close()


def send(client: FlaskClient, text: str, **headers: str) -> object:
    return client.post("/update", data=text, content_type=UPDATE,
                       headers=MAY | {n.replace("_", "-"): v for n, v in headers.items()})  # fmt: skip


def ask(client: FlaskClient, query: str) -> list[str]:
    return client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}).text.split()[1:]


# Who may ------------------------------------------------------------------------------------------


def test_nobody_may_write_where_no_token_is_set(bare: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare, "tokens", read_tokens("", {}))
    client = create_app(bare).test_client()
    for method, path in (("POST", "/update"), ("PUT", "/graphs?default"), ("DELETE", "/graph/seed")):
        reply = client.open(path, method=method, headers=MAY)
        assert reply.status_code == 403 and reply.json["type"].endswith("/update-refused")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer word-of-nobody"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Basic " + base64.b64encode(b"ann:word-of:bob").decode()}, 401),
        ({"Authorization": "Basic " + base64.b64encode(b"bob:word-of:bob").decode()}, 200),
        ({"Authorization": "Digest word-of-ann"}, 401),
        (MAY, 200),
        (MAY | {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_change_wants_a_token(client: FlaskClient, given: dict[str, str], status: int) -> None:
    reply = client.post("/update", data="INSERT DATA {}", content_type=UPDATE, headers=given)
    assert reply.status_code == status
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)


def test_a_file_of_tokens_is_read_strictly_and_never_told(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    for text in ("ann word", "ann:short", ":word-of-nobody", "ann:word-of-ann\nann:word-of-bob\n"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(TokenError) as caught:
            read_tokens(str(file), {})
        assert "word-of" not in str(caught.value)
    with pytest.raises(TokenError):
        read_tokens(str(tmp_path / "none"), {})
    assert read_tokens("", {"PARTNERGRAPH_TOKEN": "word"}).holder("bearer", "", "word") == "operator"
    assert not read_tokens("", {}).open


def test_a_bare_store_without_a_token_makes_one_that_only_its_owner_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARTNERGRAPH_TOKEN", raising=False)
    said: list[str] = []
    file = Path(own_tokens(tmp_path, "", said.append))
    assert file.stat().st_mode & 0o077 == 0 and str(file) in said[0]
    assert read_tokens(str(file), {}).open
    assert Path(own_tokens(tmp_path, "", said.append)).read_text() == file.read_text(), "it is kept"


# SPARQL 1.1 Update over HTTP -----------------------------------------------------------------------


def test_a_write_is_read_at_once_and_names_its_version(client: FlaskClient) -> None:
    reply = send(client, NEW % 1, Change_Message="grüß dich".encode().decode("latin-1"))
    assert reply.status_code == 200  # type: ignore[attr-defined]
    version = reply.json["snapshot"]  # type: ignore[attr-defined]
    assert (reply.json["added"], reply.json["removed"]) == (1, 0)  # type: ignore[attr-defined]
    assert ask(client, "SELECT ?o { GRAPH <x:g> { <x:new> <x:p> ?o } }") == ["1"]
    assert client.get("/health").json["snapshot"] == version
    (change,) = client.get(reply.headers["Content-Location"]).json["changes"]  # type: ignore[attr-defined]
    assert (change["author"], change["message"]) == ("ann", "grüß dich")
    assert client.post("/update", data={"update": "DELETE WHERE { GRAPH <x:g> { ?s ?p ?o } }"}, headers=MAY).json[
        "removed"] == 1  # fmt: skip


@pytest.mark.parametrize(
    ("data", "kind", "query", "status"),
    [
        ("INSERT DATA { <x:a> <x:b>", UPDATE, {}, 400),
        ({"update": ["CLEAR ALL", "CLEAR ALL"]}, None, {}, 400),
        ({"query": "ASK {}", "update": "CLEAR ALL"}, None, {}, 400),
        ({}, "application/x-www-form-urlencoded", {}, 400),
        ("CLEAR ALL", UPDATE, {"update": "CLEAR ALL"}, 400),
        (b"INSERT DATA { <x:a> <x:b> '\xff' }", UPDATE, {}, 400),
        ("CLEAR ALL", "text/plain", {}, 415),
        ("LOAD <http://127.0.0.1:9/>", UPDATE, {}, 403),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", UPDATE, {}, 403),
        ("CREATE GRAPH <x:none> ; CREATE GRAPH <x:none>", UPDATE, {}, 409),
        ("DROP GRAPH <x:none>", UPDATE, {}, 409),
        ("INSERT DATA { <x:a> <x:b> '" + "x" * 70_000 + "' }", UPDATE, {}, 413),
    ],
)  # fmt: skip
def test_an_update_that_cannot_be_is_refused_and_changes_nothing(
    client: FlaskClient, data: object, kind: str | None, query: dict[str, str], status: int
) -> None:
    before = client.get("/health").json["snapshot"]
    reply = client.post("/update", data=data, content_type=kind, query_string=query, headers=MAY)
    assert reply.status_code == status, reply.text
    assert reply.json["status"] == status
    assert client.get("/health").json["snapshot"] == before


def test_a_violation_is_told_as_findings_or_as_the_report(client: FlaskClient) -> None:
    before = client.get("/health").json["snapshot"]
    broken = "INSERT DATA { <x:c> a <x:C> }"
    reply = send(client, broken)
    assert reply.status_code == 422  # type: ignore[attr-defined]
    (finding,) = reply.json["findings"]  # type: ignore[attr-defined]
    assert (finding["focusNode"], finding["path"], finding["message"]) == ("<x:c>", "<x:p>", "wants a p")
    for kind in ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"):
        reply = send(client, broken, Accept=kind)
        assert (reply.status_code, reply.mimetype) == (422, kind)  # type: ignore[attr-defined]
        report = list(parse(reply.data, format=RdfFormat.from_media_type(kind)))  # type: ignore[attr-defined]
        assert any(quad.object.value.endswith("ValidationResult") for quad in report if hasattr(quad.object, "value"))
    assert client.get("/health").json["snapshot"] == before
    assert send(client, "INSERT DATA { <x:c> a <x:C> ; <x:p> 1 }").status_code == 200  # type: ignore[attr-defined]
    assert send(client, "DELETE WHERE { <x:c> <x:p> ?o }").status_code == 422  # type: ignore[attr-defined]
    assert send(client, "DELETE WHERE { <x:c> ?p ?o }").status_code == 200  # type: ignore[attr-defined]


def test_the_version_that_was_read_can_be_asked_for(client: FlaskClient) -> None:
    tag = send(client, NEW % 5).headers["ETag"]  # type: ignore[attr-defined]
    assert send(client, NEW % 6, If_Match=tag).status_code == 200  # type: ignore[attr-defined]
    lost = send(client, NEW % 7, If_Match=tag)
    assert lost.status_code == 412 and lost.json["type"].endswith("/precondition-failed")  # type: ignore[attr-defined]
    assert "7" not in ask(client, "SELECT ?o { GRAPH <x:g> { <x:new> <x:p> ?o } }")


def test_a_published_version_never_changes(client: FlaskClient) -> None:
    version = client.get("/health").json["snapshot"]
    reply = client.post("/update", data="CLEAR ALL", content_type=UPDATE, headers=MAY,
                        environ_overrides={"partnergraph.snapshot": version})  # fmt: skip
    assert reply.status_code == 403


def test_the_dataset_of_the_request_is_that_of_the_patterns(client: FlaskClient) -> None:
    send(client, "INSERT DATA { <x:u> <x:v> 1 . GRAPH <x:u1> { <x:u> <x:v> 2 } }")
    reply = client.post("/update", data="INSERT { ?s <x:w> ?o } WHERE { ?s <x:v> ?o }", content_type=UPDATE,
                        query_string={"using-graph-uri": "x:u1"}, headers=MAY)  # fmt: skip
    assert reply.status_code == 200
    assert ask(client, "SELECT ?o { ?s <x:w> ?o }") == ["2"]


def test_concurrent_writers_all_get_in_and_share_versions(bare: Service) -> None:
    app = create_app(bare)
    before = len(bare.data.versions())

    def write(number: int) -> str:
        reply = send(app.test_client(), f"INSERT DATA {{ GRAPH <x:many> {{ <x:s> <x:p> {number} }} }}")
        assert reply.status_code == 200, reply.text  # type: ignore[attr-defined]
        return reply.json["snapshot"]  # type: ignore[attr-defined,no-any-return]

    with ThreadPoolExecutor(8) as threads:
        versions = set(threads.map(write, range(24)))
    assert ask(app.test_client(), "SELECT (COUNT(*) AS ?n) { GRAPH <x:many> { ?s ?p ?o } }") == ["24"]
    assert len(bare.data.versions()) - before == len(versions) < 24


# The Graph Store Protocol --------------------------------------------------------------------------


def put(client: FlaskClient, body: str, graph: str | None = ONE, method: str = "PUT", **headers: str) -> object:
    named = {"default": ""} if graph is None else {"graph": graph}
    kind = headers.pop("kind", TURTLE)
    return client.open("/graphs", method=method, query_string=named, data=body, content_type=kind,
                       headers=MAY | {n.replace("_", "-"): v for n, v in headers.items()})  # fmt: skip


def held(client: FlaskClient, graph: str | None = ONE) -> set[str] | None:
    named = {"default": ""} if graph is None else {"graph": graph}
    reply = client.get("/graphs", query_string=named, headers={"Accept": "application/n-triples"})
    return set(reply.text.splitlines()) if reply.status_code == 200 else None


def test_put_replaces_a_graph_and_creates_it(client: FlaskClient) -> None:
    """5.3: 201 where it was not there, else 200; what was there is gone."""
    first = put(client, "<x:a> <x:p> 1 .")
    assert first.status_code == 201 and first.headers["Location"]  # type: ignore[attr-defined]
    assert client.get(first.headers["Location"]).status_code == 200  # type: ignore[attr-defined]
    assert put(client, "<x:b> <x:p> <rel> .").status_code == 200  # type: ignore[attr-defined]
    assert held(client) == {"<x:b> <x:p> <http://example.org/rel> ."}, "relative IRIs begin at the graph's"


def test_put_of_nothing_leaves_an_empty_graph(client: FlaskClient) -> None:
    assert put(client, "", "http://example.org/empty").status_code == 201  # type: ignore[attr-defined]
    assert held(client, "http://example.org/empty") == set()


def test_post_adds_and_on_the_store_makes_a_graph_with_a_name_of_its_own(client: FlaskClient) -> None:
    """5.5: merged; without a graph, a new one whose address is in Location."""
    put(client, "<x:a> <x:p> 1 .")
    assert put(client, "<x:a> <x:p> 2 .", method="POST").status_code == 200  # type: ignore[attr-defined]
    assert len(held(client) or ()) == 2
    made = client.post("/graphs", data="<x:n> <x:p> 1 .", content_type=TURTLE, headers=MAY)
    assert made.status_code == 201
    found = client.get(made.headers["Location"] + ".nt")
    assert found.text.startswith("<x:n> <x:p>")


def test_post_takes_several_documents_of_a_form(client: FlaskClient) -> None:
    """5.5: multipart/form-data, each part with a type of its own; all of them or none."""
    put(client, "<x:a> <x:p> 1 .")

    def post(*parts: tuple[str, str]) -> int:
        files = [(BytesIO(text.encode()), f"{n}.rdf", kind) for n, (text, kind) in enumerate(parts)]
        reply = client.post("/graphs", query_string={"graph": ONE}, data={"file": files}, headers=MAY)
        return reply.status_code

    assert post(("<x:a> <x:p> 2 .", TURTLE), ('{"@id": "x:a", "x:p": 3}', "application/ld+json")) == 200
    assert len(held(client) or ()) == 3
    assert post(("<x:a> <x:p> 4 .", TURTLE), ("<x:a>", TURTLE)) == 400
    assert post(("<x:a> <x:p> 4 .", TURTLE), ("a,b", "text/csv")) == 415
    assert len(held(client) or ()) == 3


def test_delete_drops_a_graph(client: FlaskClient) -> None:
    """5.4: then 404, of another DELETE too."""
    put(client, "<x:a> <x:p> 1 .")
    assert put(client, "", method="DELETE").status_code == 200  # type: ignore[attr-defined]
    assert held(client) is None
    assert put(client, "", method="DELETE").status_code == 404  # type: ignore[attr-defined]


def test_patch_updates_one_graph_only(client: FlaskClient) -> None:
    """5.7: an update whose default graph is the one that it is sent to."""
    put(client, "<x:a> <x:p> 1 .")
    patch = put(client, "DELETE { ?s ?p 1 } INSERT { ?s ?p 2 } WHERE { ?s ?p 1 }", method="PATCH", kind=UPDATE)
    assert patch.status_code == 200  # type: ignore[attr-defined]
    assert held(client) == {'<x:a> <x:p> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .'}
    other = put(client, "INSERT DATA { GRAPH <x:other> { <x:a> <x:p> 1 } }", method="PATCH", kind=UPDATE)
    assert other.status_code == 409  # type: ignore[attr-defined]
    assert put(client, "x", method="PATCH").status_code == 415  # type: ignore[attr-defined]
    none = put(client, "CLEAR DEFAULT", "x:none", method="PATCH", kind=UPDATE)
    assert none.status_code == 404  # type: ignore[attr-defined]


def test_the_default_graph_of_a_plain_dataset_is_a_graph(client: FlaskClient) -> None:
    assert put(client, "<x:d> <x:p> 1 .", None).status_code == 200  # type: ignore[attr-defined]
    assert len(held(client, None) or ()) == 1
    assert put(client, "", None, method="DELETE").status_code == 200  # type: ignore[attr-defined]
    assert held(client, None) == set()


def test_a_graph_is_written_at_its_own_address(client: FlaskClient) -> None:
    """4.1: the address names the graph."""
    made = client.put("/graph/mine", data="<x:m> <x:p> 1 .", content_type=TURTLE, headers=MAY)
    assert made.status_code == 201
    assert held(client, GRAPH + "mine") == {'<x:m> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'}
    assert client.delete("/graph/mine", headers=MAY).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("<x:a> <x:p>", TURTLE, 400),
        ("<x:a> <x:p> <x:o> <x:g> .", "application/n-quads", 400),
        ('<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>', "application/rdf+xml", 400),
        ("a,b", "text/csv", 415),
        ("x", "multipart/form-data; boundary=x", 415),
        ("x", "", 415),
    ],
)
def test_a_document_that_cannot_be_read_changes_nothing(client: FlaskClient, body: str, kind: str, status: int) -> None:
    put(client, "<x:a> <x:p> 1 .")
    for method in ("PUT", "POST"):
        reply = put(client, body, method=method, kind=kind)
        assert reply.status_code == status, reply.text  # type: ignore[attr-defined]
        assert (status == 415) == ("Accept-Post" in reply.headers)  # type: ignore[attr-defined]
    assert len(held(client) or ()) == 1


@pytest.mark.parametrize("query", [{}, {"graph": "x:a", "default": ""}, {"graph": "no iri"}])
def test_one_graph_must_be_named(client: FlaskClient, query: dict[str, str]) -> None:
    assert client.put("/graphs", query_string=query, data="", content_type=TURTLE, headers=MAY).status_code == 400


def test_an_etag_of_the_graph_keeps_a_write_from_being_lost(client: FlaskClient) -> None:
    put(client, "<x:a> <x:p> 1 .")
    tag = client.get("/graphs", query_string={"graph": ONE}).headers["ETag"]
    assert send(client, NEW % 40).status_code == 200  # type: ignore[attr-defined]
    assert client.get("/graphs", query_string={"graph": ONE}).headers["ETag"] == tag, "another graph changed"
    assert put(client, "<x:a> <x:p> 2 .", If_Match=tag).status_code == 200  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 3 .", If_Match=tag).status_code == 412  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 3 .", If_None_Match="*").status_code == 412  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 3 .", If_Match="*").status_code == 200  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 3 .", "x:never", If_Match="*").status_code == 412  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 3 .", "x:fresh", If_None_Match="*").status_code == 201  # type: ignore[attr-defined]


# A built graph -------------------------------------------------------------------------------------


def test_a_plain_write_to_a_derived_default_graph_says_to_name_one(built: Service) -> None:
    client = create_app(built).test_client()
    reply = send(client, "INSERT DATA { <x:a> <x:p> 1 }")
    assert reply.status_code == 409 and "name the graph" in reply.json["detail"]  # type: ignore[attr-defined]
    assert put(client, "<x:a> <x:p> 1 .", None).status_code == 409  # type: ignore[attr-defined]
    rule = next(g for g in built.snapshot().manifest.graphs if g.startswith(GRAPH + "rule-"))
    assert put(client, "<x:a> <x:p> 1 .", rule).status_code == 409  # type: ignore[attr-defined]


def test_a_built_graph_is_changed_and_its_history_told(built: Service) -> None:
    client = create_app(built).test_client()
    thing = f"<{THING}organization/somebody>"
    said = f"{thing} <{PREFIXES['rdfs']}comment> 'a note' ."
    reply = put(client, said, GRAPH + "notes", Prefer='change-message="a note on somebody"')
    assert reply.status_code == 201, reply.text  # type: ignore[attr-defined]
    version = reply.json["snapshot"]  # type: ignore[attr-defined]
    listed = client.get("/history").json["versions"]
    mine = client.get("/history", query_string={"of": "organization/somebody"}).json["versions"]
    assert [one["id"] for one in mine] == [version]
    assert client.get("/history?of=nothing").status_code == 400
    assert client.get("/history?of=organization/nobody").json["versions"] == []
    assert listed[0]["id"] == version and listed[0]["parent"] == listed[1]["id"]
    page = client.get(f"/history/{version}", headers={"Accept": "text/html"}).text
    assert "a note on somebody" in page and "a note" in page
    assert f"A {thing}" in client.get(f"/history/{version}", headers={"Accept": "application/rdf-patch"}).text
    prov = list(parse(client.get(f"/history/{version}", headers={"Accept": TURTLE}).data, format=RdfFormat.TURTLE))
    assert {"ann", "a note on somebody"} <= {q.object.value for q in prov if hasattr(q.object, "value")}
    assert client.get("/history/20000101T000000000000-00000000").status_code == 404
    assert json.loads(client.get("/history").data)["keep"] == built.settings.keep


def test_what_was_removed_is_gone_until_it_comes_back(client: FlaskClient) -> None:
    thing = f"<{THING}organization/passing>"
    text = f"DATA {{ GRAPH <x:g> {{ {thing} <{PREFIXES['rdfs']}label> 'Passing' }} }}"
    assert client.get("/id/organization/passing.ttl").status_code == 404
    for verb, status in (("INSERT", 200), ("DELETE", 410), ("INSERT", 200)):
        assert send(client, f"{verb} {text}").status_code == 200  # type: ignore[attr-defined]
        reply = client.get("/id/organization/passing.ttl")
        assert reply.status_code == status, reply.text


# Bare stores ----------------------------------------------------------------------------------------


def test_a_bare_store_keeps_to_its_shapes(tmp_path: Path, second_data: DataDirectory) -> None:
    with pytest.raises(BareError):
        ensure_bare(second_data, None)
    data, shapes = DataDirectory(tmp_path / "data"), tmp_path / "shapes.ttl"
    first = ensure_bare(data, None)
    assert first.manifest.mode == "separate" and first.manifest.shapes == "none" and first.manifest.quads == 0
    assert ensure_bare(data, None).id == first.id
    shapes.write_text(
        "<x:s> <http://www.w3.org/ns/shacl#targetNode> <x:n> ; <http://www.w3.org/ns/shacl#property> "
        "[ <http://www.w3.org/ns/shacl#path> <x:p> ; <http://www.w3.org/ns/shacl#minCount> 1 ] ."
    )
    with pytest.raises(BuildError):
        ensure_bare(data, shapes)
    assert data.current_id() == first.id
    shapes.write_text("no turtle")
    with pytest.raises(BareError):
        ensure_bare(data, shapes)


@pytest.mark.long
def test_several_servers_see_a_publish_within_a_second(
    serving: Callable[..., Live], tokens: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    ensure_bare(DataDirectory(data), None)
    one, other = (serving(data, workers=1, token_file=str(tokens)) for _ in range(2))
    for number, (writer, reader) in enumerate([(one, other), (other, one)] * 2):
        reply = writer.ask(method="POST", path="/update", body=NEW % number, Content_Type=UPDATE, **MAY)
        assert reply.status == 200, reply.text
        version = json.loads(reply.body)["snapshot"]
        until = time.monotonic() + 1.0
        while json.loads(reader.ask(path="/health").body)["snapshot"] != version:
            assert time.monotonic() < until, "a publish is seen within a second"
            time.sleep(0.05)


# SHACL as a service --------------------------------------------------------------------------------

BROKEN = f"<{THING}organization/x> a <{PREFIXES['pe']}Partner> ."
SHAPES = ("@prefix sh: <http://www.w3.org/ns/shacl#> . <x:s> sh:targetSubjectsOf <x:p> ; sh:property [ sh:path <x:p> ; "
          "sh:maxCount 1 ; sh:severity sh:Warning ; sh:message 'one only' ] .")  # fmt: skip


def form(data: str, shapes: str | None = SHAPES, name: str = "data.ttl") -> dict[str, object]:
    parts = {"data": (BytesIO(data.encode()), name)}
    return parts | ({"shapes": (BytesIO(shapes.encode()), "shapes.ttl")} if shapes is not None else {})


@pytest.mark.parametrize(
    "kind", ["text/turtle", "application/ld+json", "application/n-triples", "application/json", "text/html"]
)
def test_a_document_is_judged_and_the_report_given_as_asked(client: FlaskClient, kind: str) -> None:
    reply = client.post("/validate", data=BROKEN, content_type=TURTLE, headers={"Accept": kind})
    assert (reply.status_code, reply.mimetype) == (200, kind), reply.text
    assert "organization/x" in reply.text
    if kind == "application/json":
        assert reply.json["conforms"] is False
        assert {row["focusNode"] for row in reply.json["findings"]} == {f"<{THING}organization/x>"}
        assert client.post("/validate", data="<x:a> <x:b> 1 .", content_type=TURTLE,
                           headers={"Accept": kind}).json["findings"] == []  # fmt: skip


def test_shapes_of_ones_own_come_in_a_form(client: FlaskClient) -> None:
    as_json = {"Accept": "application/json"}
    reply = client.post("/validate", data=form("<x:a> <x:p> 1 , 2 ."), headers=as_json)
    assert reply.status_code == 200, reply.text
    assert [row["message"] for row in reply.json["findings"]] == ["one only"] and reply.json["conforms"]
    same = form('{"@id": "x:a", "x:p": [1, 2]}', name="data.jsonld")
    assert client.post("/validate", data=same, headers=as_json).json["counts"]["warning"] == 1


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        ("<x:a>", TURTLE, 400),
        ("x", "text/csv", 415),
        (form("x", name="data.csv"), None, 415),
        ("x", "application/x-www-form-urlencoded", 415),
        (form("<x:a> <x:p> 1 .", "<x:s> a <http://www.w3.org/ns/shacl#PropertyShape> ; "
              "<http://www.w3.org/ns/shacl#targetNode> 1 ."), None, 400),
        (form("<x:a> <x:p> 1 .", "no turtle"), None, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_said(client: FlaskClient, data: object, kind: str | None, status: int) -> None:
    reply = client.post("/validate", data=data, content_type=kind)
    assert reply.status_code == status, reply.text
    assert reply.json["status"] == status


def test_a_constraint_has_no_network_and_no_time_without_end(tokens: Path, tmp_path: Path) -> None:
    """A SPARQL-based constraint that calls another endpoint, imports of shapes, and a pattern that never ends."""
    ensure_bare(DataDirectory(tmp_path), None)
    service = open_service(Settings(data_dir=tmp_path, workers=1, timeout=4.0))
    client = create_app(service).test_client()
    with socket.create_server(("127.0.0.1", 0)) as heard:
        heard.settimeout(0.2)
        place = f"http://127.0.0.1:{heard.getsockname()[1]}/"
        calling = (
            f"@prefix sh: <http://www.w3.org/ns/shacl#> . <x:o> <http://www.w3.org/2002/07/owl#imports> <{place}> . "
            f"<x:s> sh:targetSubjectsOf <x:p> ; sh:sparql [ sh:select 'SELECT $this WHERE {{ SERVICE <{place}> "
            "{ $this ?p ?o } }' ] ."
        )
        assert client.post("/validate", data=form("<x:a> <x:p> 1 .", calling)).status_code in (200, 400, 503)
        with pytest.raises(TimeoutError):
            heard.accept()
    endless = SHAPES.replace("sh:maxCount 1", "sh:pattern '^(a+)+$'")
    reply = client.post("/validate", data=form("<x:a> <x:p> '" + "a" * 40 + "!' .", endless))
    assert reply.status_code == 503 and reply.json["type"].endswith("/timeout-limit")
    service.close()
