"""The W3C's SPARQL 1.1 Update evaluation tests, over HTTP to a bare store, one test an entry of the manifests."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph.bare import ensure_bare
from graph.change.operations import operations
from graph.engine.policy import Refused
from graph.engine.question import BadQuery
from graph.snapshot import DataDirectory
from server.app import create_app
from server.service import open_service
from server.settings import Settings
from tests.w3c.manifest import absence, path_of
from tests.w3c.updates import UpdateEntry, run, syntax_entries, update_entries

pytestmark = pytest.mark.skipif(bool(absence()), reason=absence())
NOT_PASSED = {
    "update-silent/load-silent": "LOAD is refused by name, SILENT or not: a client sends the statements instead.",
    "update-silent/load-into-silent": "LOAD is refused by name, SILENT or not: a client sends the statements instead.",
}
ENTRIES = [] if absence() else update_entries()
SYNTAX = [] if absence() else syntax_entries()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a bare store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARTNERGRAPH_TOKEN", "a-word-for-tests")
        path: Path = tmp_path_factory.mktemp("updates")
        ensure_bare(DataDirectory(path), None)
        service = open_service(Settings(data_dir=path, workers=1, timeout=30.0, keep=2))
        yield create_app(service).test_client()
        service.close()


@pytest.mark.long
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_store_holds_what_the_w3c_expects(entry: UpdateEntry, client: FlaskClient) -> None:
    found = run(entry, client)
    if entry.id in NOT_PASSED:
        assert "LOAD" in found
    else:
        assert found == ""


@pytest.mark.parametrize("entry", SYNTAX, ids=lambda entry: entry[0])
def test_a_request_is_read_as_the_w3c_reads_it(entry: tuple[str, str, bool]) -> None:
    """The syntax tests: what is a request is taken apart, or refused by name; what is none is said to be none."""
    _, request, good = entry
    text = f"BASE <{request}>\n" + path_of(request).read_text(encoding="utf-8")
    if good:
        with suppress(Refused):
            operations(text)
    else:
        with pytest.raises((BadQuery, Refused)):
            operations(text)


def test_every_folder_of_updates_is_there() -> None:
    assert len(ENTRIES) > 90 and len(SYNTAX) > 50
    assert set(NOT_PASSED) <= {entry.id for entry in ENTRIES}
