"""The versions on the command line: a log, differences, the way back, digests checked, backups."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from graph.bare import ensure_bare
from graph.change.commit import Asked, Committer
from graph.change.request import Request
from graph.command import cli
from graph.history import between, faults
from graph.snapshot import DataDirectory


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataDirectory, list[str]]:
    """A bare store that was changed three times, and the ids of its versions."""
    data = DataDirectory(tmp_path_factory.mktemp("versions") / "data")
    ids = [ensure_bare(data, None).id]
    committer = Committer(data, 512, 60.0)
    for text in ("INSERT DATA { <x:a> <x:p> 1 . GRAPH <x:g> { <x:b> <x:p> 2 } }", "DELETE DATA { <x:a> <x:p> 1 }",
                 "INSERT DATA { <x:a> <x:p> 3 }"):  # fmt: skip
        request = Request("update", text.encode(), author="ann", message=f"because {len(ids)}")
        ids.append(committer.commit([Asked(request)])[0].result()[0].id)
    committer.close()
    return data, ids


@pytest.fixture
def own(versions: tuple[DataDirectory, list[str]], tmp_path: Path) -> DataDirectory:
    """A copy of it to write to."""
    return DataDirectory(Path(shutil.copytree(versions[0].path, tmp_path / "data")))


def run(data: DataDirectory, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--data-dir", str(data.path)])


def test_the_log_tells_who_and_why(versions: tuple[DataDirectory, list[str]]) -> None:
    data, ids = versions
    rows = json.loads(run(data, "log", "--format", "json").output)
    assert [row["version"] for row in rows] == ids[::-1]
    assert [(row["author"], row["message"], row["added"], row["removed"]) for row in rows[:2]] == [
        ("ann", "because 3", 1, 0), ("ann", "because 2", 0, 1)]  # fmt: skip
    assert len(run(data, "log", "--limit", "1").output.splitlines()) == 2


def test_a_difference_is_that_of_the_stores_in_both_directions(versions: tuple[DataDirectory, list[str]]) -> None:
    data, ids = versions
    for old in ids:
        for new in ids:
            delta = between(data, old, new)
            before, after = set(data.open(old).store), set(data.open(new).store)
            assert delta.added == after - before and delta.removed == before - after, (old, new)


def test_a_difference_is_printed(versions: tuple[DataDirectory, list[str]]) -> None:
    data, ids = versions
    assert run(data, "diff", ids[1]).output.splitlines() == [
        '- <x:a> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        '+ <x:a> <x:p> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    ]
    assert run(data, "diff", ids[1], ids[1]).exit_code == 1
    assert run(data, "diff", "none").exit_code == 3
    patched = run(data, "diff", ids[0], "--format", "patch").output
    assert patched.startswith("H parent") and "\nA <x:b>" in patched
    turtle = run(data, "diff", ids[1], "--format", "turtle").output
    assert [quad.object.value for quad in parse(turtle, format=RdfFormat.TURTLE)] == ["3"]  # type: ignore[union-attr]


def test_the_way_back_is_a_version_too(versions: tuple[DataDirectory, list[str]], own: DataDirectory) -> None:
    ids = versions[1]
    assert run(own, "revert", ids[1], "--message", "a mistake", "--author", "bob").exit_code == 0
    live = own.current()
    assert live.manifest.digest == own.open(ids[1]).manifest.digest and live.manifest.parent == ids[-1]
    assert set(live.store) == set(own.open(ids[1]).store) and list(faults(live)) == []
    assert live.manifest.changes[0].message == "a mistake"
    assert between(own, ids[-1], live.id).removed == set(own.open(ids[-1]).store) - set(live.store)
    assert run(own, "revert", "none").exit_code == 3


def test_old_versions_are_let_go_of(own: DataDirectory) -> None:
    live = own.current_id()
    assert run(own, "prune", "--keep", "2").output == "2 versions gone, 2 kept\n"
    assert own.versions()[-1] == live == own.current_id()


def test_what_is_not_as_published_is_found(own: DataDirectory) -> None:
    assert run(own, "verify").exit_code == 0
    path = own.snapshots / own.versions()[1] / "manifest.json"
    path.write_text(path.read_text().replace('"digest": "', '"digest": "0'))
    found = run(own, "verify")
    assert found.exit_code == 1 and found.output.count("as published") == 3


def test_a_backup_is_restored(own: DataDirectory, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    assert run(own, "backup", str(file)).exit_code == 0
    again = DataDirectory(tmp_path / "again")
    assert run(again, "restore", str(file)).exit_code == 0
    assert again.versions() == own.versions() and run(again, "verify").exit_code == 0
    assert run(own, "restore", str(file)).exit_code == 3
    assert run(own, "backup", str(tmp_path / "none" / "x")).exit_code == 3
