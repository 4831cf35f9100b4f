"""Erasure: what is forgotten is in no version, no table and no file, and never comes back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from graph.build import build
from graph.change.commit import commit
from graph.change.delta import NotWritable
from graph.change.request import Request
from graph.command import cli
from graph.erasure import mentioning, reach
from graph.gone import Gone, merges
from graph.history import Unknown, chain, faults, forget
from graph.inputs import Facts, shipped
from graph.names import GRAPH, PREFIXES, THING
from graph.snapshot import DataDirectory
from server.app import create_app
from server.service import open_service
from server.settings import Settings

SKOS = PREFIXES["skos"]
NOTE = "INSERT DATA {{ GRAPH <" + GRAPH + "notes> {{ <{}> <" + SKOS + "altLabel> 'Zzyx {}' }} }}"


@pytest.fixture(scope="module")
def firm(second_data: DataDirectory) -> str:
    """A firm of the second ecosystem that others are tied to."""
    store = second_data.current().store
    kind, partner = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["pe"] + "Partner")
    firms = {q.subject.value for q in store.quads_for_pattern(None, kind, partner, None)}  # type: ignore[union-attr]
    return max(sorted(firms), key=lambda iri: len(reach(store, [iri])))


@pytest.fixture(scope="module")
def data(second_data: DataDirectory, firm: str, tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    """The second ecosystem with two changes, one of them about the firm."""
    directory = DataDirectory(tmp_path_factory.mktemp("forget") / "data")
    shutil.copytree(second_data.path, directory.path)
    commit(directory, Request("update", NOTE.format(firm, "of the firm").encode()), 1024)
    commit(directory, Request("update", NOTE.format(THING + "organization/other", "of another").encode()), 1024)
    return directory


def telling(data: DataDirectory, firm: str) -> set[str]:
    """Give the names of the files that hold the firm's slug; manifests hold the messages of changes."""
    slug, files = firm.rpartition("/")[2].encode(), [path for path in data.snapshots.rglob("*") if path.is_file()]
    return {path.name for path in files if path.name != "manifest.json" and slug in path.read_bytes()}


@pytest.fixture(scope="module")
def erased(data: DataDirectory, firm: str) -> tuple[DataDirectory, list[str]]:
    """The same after the firm was forgotten, and the ids of the versions before."""
    before = data.versions()
    assert {"index.sqlite", "changed.sqlite", "facets.sqlite", "patch.rdfp"} <= telling(data, firm)
    reply = CliRunner().invoke(cli, ["forget", firm, "--yes", "--author", "ann", "--data-dir", str(data.path)])
    assert reply.exit_code == 0, reply.output
    return data, before


@pytest.fixture(scope="module")
def client(erased: tuple[DataDirectory, list[str]]) -> Iterator[FlaskClient]:
    """A client of a service over it."""
    service = open_service(Settings(data_dir=erased[0].path, workers=1))
    yield create_app(service).test_client()
    service.close()


def test_no_version_no_table_and_no_file_tells_of_it(erased: tuple[DataDirectory, list[str]], firm: str) -> None:
    data, before = erased
    assert len(data.versions()) == len(before) + 1
    for version in data.versions():
        held = data.open(version)
        assert next(mentioning(held.store, [firm]), None) is None
        assert list(faults(held)) == []
    assert telling(data, firm) == set()


def test_the_rest_is_as_it_was_and_the_log_says_so(erased: tuple[DataDirectory, list[str]], firm: str) -> None:
    data, before = erased
    newest, *older = chain(data)
    assert newest.origin == "forget"
    assert [(c.author, c.message) for c in newest.changes] == [("ann", f"forgot <{firm}>")]
    assert [one.id.partition("-")[0] for one in older] == [one.partition("-")[0] for one in before[::-1]]
    for child, parent in zip([newest, *older], older, strict=False):
        assert child.parent == parent.id
    other = NamedNode(THING + "organization/other")
    assert next(iter(data.current().store.quads_for_pattern(other, None, None, None)), None) is not None


def test_its_page_is_gone_and_so_are_the_old_versions(
    client: FlaskClient, erased: tuple[DataDirectory, list[str]], firm: str
) -> None:
    path = "/id/" + firm.removeprefix(THING)
    for suffix in ("", ".html", ".ttl"):
        assert client.get(path + suffix).status_code == 410
    assert client.get("/search.json?q=zzyx").json[0]["iri"] == THING + "organization/other"
    old = next(version for version in erased[1] if version not in erased[0].versions())
    assert client.get(f"/history/{old}").status_code == 410
    assert client.get(f"/snapshot/{old}/health").status_code == 410
    assert client.get("/snapshot/20000101T000000000000-00000000/health").status_code == 404


def test_it_never_comes_back(erased: tuple[DataDirectory, list[str]], firm: str, second_facts: Path) -> None:
    data, _ = erased
    with pytest.raises(NotWritable, match="for good"):
        commit(data, Request("update", NOTE.format(firm, "again").encode()), 1024)
    with pytest.raises(Unknown):
        forget(data, firm)
    built, _ = build(Facts(second_facts), data)
    assert next(mentioning(built.store, [firm]), None) is None
    assert list(faults(built)) == []
    service = open_service(Settings(data_dir=data.path, workers=1))
    try:
        anew = create_app(service).test_client()
        assert anew.get("/id/" + firm.removeprefix(THING) + ".ttl").status_code == 410
        assert anew.get("/id/organization/other.ttl").status_code == 410, "the change is not in the facts"
    finally:
        service.close()


def test_a_merged_name_leads_to_the_survivor(erased: tuple[DataDirectory, list[str]], client: FlaskClient) -> None:
    known = merges(shipped().register())
    assert known[THING + "organization/10thmagnitude"] == THING + "organization/10th-magnitude"
    assert not known.keys() & set(known.values())
    Gone(erased[0].path).merge({THING + "organization/zzyx-ltd": THING + "organization/zzyx"})
    for suffix in ("", ".ttl"):
        reply = client.get("/id/organization/zzyx-ltd" + suffix)
        assert (reply.status_code, reply.headers["Location"]) == (301, "/id/organization/zzyx" + suffix)
