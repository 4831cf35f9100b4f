"""The W3C's SPARQL 1.1 Update evaluation tests, over HTTP to a bare store, one test an entry of the manifests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph.bare import ensure_bare
from graph.snapshot import DataDirectory
from server.app import create_app
from server.service import open_service
from server.settings import Settings
from tests.w3c.manifest import absence
from tests.w3c.updates import UpdateEntry, run, update_entries

pytestmark = [pytest.mark.skipif(bool(absence()), reason=absence()), pytest.mark.long]
NOT_PASSED = {
    "update-silent/load-silent": "LOAD is refused by name, SILENT or not: a client sends the statements instead.",
    "update-silent/load-into-silent": "LOAD is refused by name, SILENT or not: a client sends the statements instead.",
}
ENTRIES = [] if absence() else update_entries()


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


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_store_holds_what_the_w3c_expects(entry: UpdateEntry, client: FlaskClient) -> None:
    found = run(entry, client)
    if entry.id in NOT_PASSED:
        assert "LOAD" in found
    else:
        assert found == ""


def test_every_folder_of_updates_is_there() -> None:
    assert len(ENTRIES) > 90
    assert set(NOT_PASSED) <= {entry.id for entry in ENTRIES}
