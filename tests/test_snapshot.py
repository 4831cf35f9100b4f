"""The data directory and its versions: whole or not there, one writer, and RDF of anyone's on its way in."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from graph import provenance
from graph.build import BuildError, publish
from graph.digest import of_quads
from graph.export import whole
from graph.formats import GRAPH_FORMATS, JSONLD, NQUADS, TRIG, TURTLE, Format
from graph.load import load
from graph.manifest import SnapshotError, read_manifest
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING
from graph.reading import LoadError
from graph.snapshot import WHOLE, DataDirectory, Snapshot
from graph.store import union, with_union
from graph.validate import Report

MINE = "https://example.org/graph/mine"


def publish_one(data: DataDirectory, text: str) -> Snapshot:
    """Publish a version that says one thing."""
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        quad = Quad(NamedNode("x:s"), NamedNode("x:p"), Literal(text), NamedNode(MINE))
        store.extend(with_union([quad]))
        store.flush()
        del store
        with closing(sqlite3.connect(staging / "index.sqlite")) as index:
            provenance.write(index, ())
        (staging / "report.ttl").write_text("", encoding="utf-8")
        return publish(data, staging, Report((), ""), "load", "")


def said(snapshot: Snapshot) -> list[str]:
    """Give what a version made by `publish_one` says."""
    return [triple.object.value for triple in union(snapshot.store)]  # type: ignore[union-attr]


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    """A data directory in which nothing was published yet."""
    return DataDirectory(tmp_path / "data")


# Versions ----------------------------------------------------------------------------------------


def test_nothing_published_is_said_with_what_to_do(directory: DataDirectory) -> None:
    assert directory.current_id() is None
    assert directory.versions() == []
    with pytest.raises(SnapshotError, match="'partnergraph build' makes a graph"):
        directory.current()


def test_publish_switches_current_and_leaves_readers_of_the_old_version_alone(directory: DataDirectory) -> None:
    old = publish_one(directory, "old")
    reader = directory.current()
    assert said(reader) == ["old"]
    new = publish_one(directory, "new")
    assert directory.current_id() == new.id != old.id
    assert new.manifest.parent == old.id
    assert said(directory.current()) == ["new"]
    assert said(reader) == ["old"]
    assert said(directory.open(old.id)) == ["old"]
    assert directory.versions() == [old.id, new.id]


def test_snapshot_cannot_be_written_through(directory: DataDirectory) -> None:
    snapshot = publish_one(directory, "kept")
    with pytest.raises(RuntimeError, match="read-write"):
        snapshot.store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal("more")))
    with closing(snapshot.index()) as index, pytest.raises(sqlite3.OperationalError, match="readonly"):
        index.execute("DELETE FROM statement")


@pytest.fixture(scope="session")
def with_versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataDirectory, list[str]]:
    """A directory in which one version more than is kept was published, and their ids."""
    data = DataDirectory(tmp_path_factory.mktemp("versions"))
    return data, [publish_one(data, "old").id for _ in range(WHOLE + 1)]


@pytest.fixture
def full(tmp_path: Path, with_versions: tuple[DataDirectory, list[str]]) -> DataDirectory:
    """A copy of a directory that holds as many versions as are kept, all saying `old`."""
    return DataDirectory(Path(shutil.copytree(with_versions[0].path, tmp_path / "full")))


def test_pruning_keeps_the_newest(with_versions: tuple[DataDirectory, list[str]], full: DataDirectory) -> None:
    data, ids = with_versions
    assert data.versions() == ids[-WHOLE:]
    assert data.current_id() == ids[-1]
    assert sorted(p.name for p in data.path.iterdir()) == ["CURRENT", "LOCK", "snapshots"]
    new = publish_one(full, "new")
    assert full.versions() == [*ids[-WHOLE + 1 :], new.id]


@pytest.mark.parametrize("name", ["", "20200101T000000000000-deadbeef", "..", ".", "../data", "CURRENT"])
def test_unknown_version_is_refused_whatever_it_is_called(directory: DataDirectory, name: str) -> None:
    publish_one(directory, "one")
    with pytest.raises(SnapshotError, match="no snapshot"):
        directory.open(name)


def test_half_made_version_is_no_version(directory: DataDirectory) -> None:
    publish_one(directory, "one")
    with directory.writer():
        staging = directory.staging()
        assert staging.name not in directory.versions()
        with pytest.raises(SnapshotError, match="no snapshot"):
            directory.open(staging.name)


MANIFESTS = {
    "missing": None,
    "cut off": '{"id": "x",',
    "no object": "[]",
    "of an earlier release, with fewer entries": "fewer",
    "of a later release, with more entries": "more",
}


@pytest.mark.parametrize("change", MANIFESTS)
def test_manifest_of_another_form_is_a_clear_error(directory: DataDirectory, change: str) -> None:
    file = publish_one(directory, "one").path / "manifest.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    text = MANIFESTS[change]
    if text == "fewer":
        del found["digest"]
        text = json.dumps(found)
    elif text == "more":
        text = json.dumps({**found, "colour": "blue"})
    if text is None:
        file.unlink()
    else:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"no readable manifest\.json"):
        directory.current()


def test_manifest_is_read_back_as_it_was_written(directory: DataDirectory) -> None:
    snapshot = publish_one(directory, "one")
    assert read_manifest(snapshot.path) == snapshot.manifest
    assert snapshot.manifest.graphs == {MINE: 1}
    assert set(snapshot.manifest.engines) >= {"pyoxigraph", "pyshacl", "partnergraph"}


# Writers -----------------------------------------------------------------------------------------


def test_second_writer_is_told_to_wait(directory: DataDirectory) -> None:
    with directory.writer(), pytest.raises(SnapshotError, match="another process is writing here; wait"):
        publish_one(DataDirectory(directory.path), "two at once")
    publish_one(directory, "afterwards")


def test_writer_that_fails_lets_go_of_the_lock(directory: DataDirectory) -> None:
    with pytest.raises(RuntimeError, match="mapping"), directory.writer():
        raise RuntimeError("mapping")
    publish_one(directory, "afterwards")


def test_directory_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    if os.access(locked, os.W_OK):
        pytest.skip("permission bits do not bind this user (root); the next test refuses everybody")
    with pytest.raises(SnapshotError, match=r"cannot be written \(Permission denied\)"):
        publish_one(DataDirectory(locked), "no")


@pytest.mark.parametrize("below", ["", "below"])
def test_file_in_place_of_a_directory_is_a_clear_error(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    data = DataDirectory(file / below if below else file)
    with pytest.raises(SnapshotError, match="cannot be written"):
        publish_one(data, "no")
    with pytest.raises(SnapshotError, match="cannot be read"):
        data.current()
    assert file.read_text(encoding="utf-8") == "mine"


# Each point is a function of the publish, or the n-th argument of one, at which the process is killed.
CRASH = """
import dataclasses, os, pathlib, shutil, signal, sys
from pyoxigraph import Literal, NamedNode, Quad, Store
import graph.snapshot as room
from graph.manifest import new_id
from graph.snapshot import DataDirectory

data, point = DataDirectory(pathlib.Path(sys.argv[1])), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def on(function, name):
    def call(path, *rest):
        if pathlib.Path(path).name == name:
            if function is room_write:
                pathlib.Path(path).write_text("2026")  # a torn write
            die()
        return function(path, *rest)
    return call

room_write, room_sync = room._write, room._sync
if point == "while the manifest is written":
    room._write = on(room_write, "manifest.json")
elif point == "before files are on the disk":
    room._sync = die
elif point == "before the version gets its name":
    pathlib.Path.rename = die
elif point == "when the version has its name":
    room._sync = on(room_sync, "snapshots")
elif point == "while CURRENT.new is written":
    room._write = on(room_write, "CURRENT.new")
elif point == "before CURRENT is replaced":
    pathlib.Path.replace = die
elif point == "when CURRENT is replaced":
    room._sync = on(room_sync, data.path.name)
elif point == "while the oldest is removed":
    shutil.rmtree = die
with data.writer():
    staging = data.staging()
    store = Store(str(staging / "oxigraph"))
    store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal("new")))
    store.flush()
    del store
    data.publish(staging, dataclasses.replace(data.current().manifest, id=new_id("0" * 8)))
print("alive")
"""

POINTS = [
    ("while the manifest is written", "old"),
    ("before files are on the disk", "old"),
    ("before the version gets its name", "old"),
    ("when the version has its name", "old"),
    ("while CURRENT.new is written", "old"),
    ("before CURRENT is replaced", "old"),
    ("when CURRENT is replaced", "new"),
    ("while the oldest is removed", "new"),
]


@pytest.mark.parametrize(("point", "expected"), POINTS, ids=[point for point, _ in POINTS])
def test_writer_killed_anywhere_leaves_one_whole_version_live(full: DataDirectory, point: str, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(full.path), point], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, f"it was to die {point}: {done.stdout}{done.stderr}"
    assert said(full.current()) == [expected]
    for version in full.versions():
        assert said(full.open(version)), "a version that is listed is whole"
    assert full.versions()[-1] == full.current_id(), "one that was never live is none"
    after = publish_one(full, "after")
    assert said(full.current()) == ["after"]
    assert full.versions()[-1] == after.id
    assert len(full.versions()) <= WHOLE
    assert sorted(p.name for p in full.snapshots.iterdir()) == full.versions()
    assert sorted(p.name for p in full.path.iterdir()) == ["CURRENT", "LOCK", "snapshots"]


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from graph import analysis, provenance
from graph.build import build
from graph.inputs import Facts
from graph.snapshot import DataDirectory

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{patch} = die
build(Facts(Path(sys.argv[2])), DataDirectory(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("patch", "origin"),
    [("provenance.write", "the old version"), ("analysis.of_version", "facts")],
    ids=["while the version is filled", "between the facts and their analysis"],
)
def test_build_killed_leaves_a_whole_version_live(
    tmp_path: Path, second_data: DataDirectory, second_facts: Path, patch: str, origin: str
) -> None:
    data = DataDirectory(Path(shutil.copytree(second_data.path, tmp_path / "data")))
    before = data.current_id()
    script = KILLED_BUILD.format(patch=patch)
    done = subprocess.run(
        [sys.executable, "-c", script, str(data.path), str(second_facts)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    live = data.current()
    if origin == "facts":
        assert (live.manifest.origin, live.manifest.parent) == ("facts", before)
    else:
        assert live.id == before
        assert list(data.snapshots.glob(".staging-*")), "what was begun lies there until the next writer"
    assert live.manifest.triples == sum(1 for _ in union(live.store))
    with data.writer():
        assert list(data.snapshots.glob(".*")) == []


# Loading -----------------------------------------------------------------------------------------

TIES = (
    f"PREFIX pe: <{ONTOLOGY}>\nPREFIX i: <{THING}organization/>\nPREFIX rdfs: <{PREFIXES['rdfs']}>\n"
    'i:a a pe:Partner ; rdfs:label "Quill" ; pe:connectsVia i:b .\n'
    'i:b a pe:Partner ; rdfs:label "Marrow, \\"the\\" Söhne" ; pe:connectsVia i:a .\n'
)
TRIPLES = 6


def write(path: Path, text: str | bytes) -> Path:
    """Write a file to be loaded; give its path."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def in_format(tmp_path: Path, form: Format) -> Path:
    """Give the ties in a format."""
    store = Store()
    store.load(TIES, format=TURTLE.rdf)
    quads = [quad.triple for quad in store]
    return write(tmp_path / f"ties{form.suffix}", serialize(quads, format=form.rdf) or b"")


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_file_of_each_format_is_loaded_as_a_plain_dataset(
    tmp_path: Path, directory: DataDirectory, form: Format
) -> None:
    snapshot = load([in_format(tmp_path, form)], directory)
    assert (snapshot.manifest.mode, snapshot.manifest.origin) == ("separate", "load")
    assert (snapshot.manifest.quads, snapshot.manifest.triples, snapshot.manifest.graphs) == (TRIPLES, TRIPLES, {})
    assert Triple(NamedNode(THING + "organization/a"), NamedNode(ONTOLOGY + "connectsVia"),
                  NamedNode(THING + "organization/b")) in set(union(snapshot.store))  # fmt: skip
    assert directory.current_id() == snapshot.id
    assert snapshot.manifest.digest == of_quads(parse(TIES, format=RdfFormat.TURTLE)), "whatever the format"


def test_named_graph_for_the_graphless_makes_a_union(tmp_path: Path, directory: DataDirectory) -> None:
    files = [in_format(tmp_path, TURTLE), write(tmp_path / "more.nt", "<x:s> <x:p> <x:o> .\n")]
    snapshot = load(files, directory, MINE)
    assert snapshot.manifest.mode == "union"
    assert snapshot.manifest.graphs == {MINE: TRIPLES + 1}
    assert snapshot.manifest.triples == TRIPLES + 1


def test_quads_keep_their_graphs_and_their_union_holds_each_triple_once(
    tmp_path: Path, directory: DataDirectory
) -> None:
    text = "<x:s> <x:p> <x:o> <x:g> .\n<x:s> <x:p> <x:o> <x:h> .\n<x:s> <x:p> <x:other> <x:h> .\n"
    snapshot = load([write(tmp_path / "a.nq", text)], directory, MINE)
    manifest = snapshot.manifest
    assert (manifest.mode, manifest.quads, manifest.triples) == ("union", 3, 2)
    assert manifest.graphs == {"x:g": 1, "x:h": 2}
    assert len(list(snapshot.store.quads_for_pattern(None, None, None, DefaultGraph()))) == 2


def test_a_graph_that_a_blank_node_names_counts(tmp_path: Path, directory: DataDirectory) -> None:
    """It has no IRI to be listed by, and its statements are statements all the same."""
    text = "<x:s> <x:p> <x:o> <x:g> .\n<x:s> <x:p> <x:o> _:g .\n<x:s> <x:p> <x:other> _:g .\n"
    manifest = load([write(tmp_path / "a.nq", text)], directory, MINE).manifest
    assert (manifest.quads, manifest.triples, manifest.graphs) == (3, 2, {"x:g": 1})


def test_mixed_files_stay_as_they_are(tmp_path: Path, directory: DataDirectory) -> None:
    files = [write(tmp_path / "a.ttl", "<x:s> <x:p> <x:o> ."), write(tmp_path / "b.nq", "<x:s> <x:p> <x:q> <x:g> .\n")]
    snapshot = load(files, directory)
    assert snapshot.manifest.mode == "separate"
    assert [triple.object for triple in union(snapshot.store)] == [NamedNode("x:o")]


def test_blank_nodes_of_two_files_are_not_one(tmp_path: Path, directory: DataDirectory) -> None:
    # A label is the file's own: joined, two firms would become one.
    files = [write(tmp_path / f"{n}.ttl", f"_:x <x:p> {n} .") for n in (1, 2)]
    assert len({str(triple.subject) for triple in union(load(files, directory).store)}) == 2


def test_data_without_the_vocabulary_is_judged_as_if_it_lay_beside(tmp_path: Path, directory: DataDirectory) -> None:
    # A pe:Partner is a pe:Organization by the vocabulary alone; and the vocabulary's own doubts are none of the file's.
    snapshot = load([in_format(tmp_path, TURTLE)], directory)
    assert snapshot.manifest.findings["violation"] == 0
    assert snapshot.manifest.findings["warning"] == 0
    assert snapshot.manifest.quads == TRIPLES, "the vocabulary itself is not loaded"


def test_violation_stops_the_load_and_leaves_the_old_version_live(tmp_path: Path, directory: DataDirectory) -> None:
    old = load([in_format(tmp_path, TURTLE)], directory)
    broken = write(tmp_path / "broken.ttl", TIES + 'i:c a pe:Partner ; rdfs:label "C" ; pe:connectsVia <x:nobody> .')
    with pytest.raises(BuildError, match="breaks its shapes") as caught:
        load([broken], directory)
    assert ["organization/c" in reason for reason in caught.value.reasons] == [True]
    assert directory.current_id() == old.id


XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x.example/">
<rdf:Description rdf:about="http://x.example/s"><x:p>{}</x:p></rdf:Description></rdf:RDF>"""
DTD = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

REFUSED: list[tuple[str, str, str | bytes, str]] = [
    ("another suffix", "a.txt", "x", r"the suffix '\.txt' is none of \.ttl"),
    ("no suffix", "a", "x", r"the suffix '' is none of"),
    ("a format of query results", "a.csv", "s,p,o\n", "CSV holds query results"),
    ("Turtle that breaks off", "a.ttl", "<x:s> <x:p> 1 .\n<x:s> <x:p> .\n", "line 2 column 13"),
    ("N-Quads without an object", "a.nq", "<x:s> <x:p> <x:o> .\n<x:s> <x:p> .\n", "line 2"),
    ("N-Triples with a graph", "a.nt", "<x:s> <x:p> <x:o> <x:g> .\n", "line 1"),
    ("TriG without its end", "a.trig", "<x:g> { <x:s> <x:p> 1 .\n", "line 2"),
    ("RDF/XML without its end", "a.rdf", XML[:-10], "no element found: line 2"),
    ("JSON-LD that breaks off", "a.jsonld", '{"@id": "x:s",\n "x:p" }', "line 2"),
    ("no UTF-8", "a.ttl", '<x:s> <x:p> "Söhne" .'.encode("latin-1"), "a.ttl"),
    ("a DTD", "a.rdf", '<?xml version="1.0"?>' + DTD + XML.format("&b;"), "with a DTD is not read"),
    ("a DTD after a long comment", "a.rdf", "<!--" + " " * 70_000 + "-->" + DTD + XML.format("&b;"), "with a DTD"),
    ("a DTD across a block", "a.rdf", "<!--" + " " * ((1 << 20) - 9) + "-->" + DTD + XML.format("&b;"), "with a DTD"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "message"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_file_that_is_no_rdf_is_refused_by_name_and_place(
    tmp_path: Path, directory: DataDirectory, name: str, text: str | bytes, message: str
) -> None:
    file = write(tmp_path / name, text)
    with pytest.raises(LoadError, match=message) as caught:
        load([file], directory)
    assert str(file) in str(caught.value)
    assert directory.current_id() is None


def test_xml_without_a_dtd_is_read(tmp_path: Path, directory: DataDirectory) -> None:
    file = write(tmp_path / "a.rdf", '<?xml version="1.0"?>' + XML.format("&lt;!DOCTYPE as text"))
    assert [t.object for t in union(load([file], directory).store)] == [Literal("<!DOCTYPE as text")]


def test_file_that_is_not_there_is_a_clear_error(tmp_path: Path, directory: DataDirectory) -> None:
    with pytest.raises(LoadError, match=r"gone\.ttl: No such file"):
        load([tmp_path / "gone.ttl"], directory)


def test_graph_that_is_no_iri_is_a_clear_error(tmp_path: Path, directory: DataDirectory) -> None:
    with pytest.raises(LoadError, match="'my graph' is no IRI for a graph"):
        load([in_format(tmp_path, TURTLE)], directory, "my graph")


def test_second_bad_file_publishes_nothing_of_the_first(tmp_path: Path, directory: DataDirectory) -> None:
    with pytest.raises(LoadError):
        load([in_format(tmp_path, TURTLE), write(tmp_path / "b.ttl", "nonsense")], directory)
    assert directory.versions() == []


def reloaded(snapshot: Snapshot, tmp_path: Path, form: Format) -> Snapshot:
    """Export a version whole and load the file elsewhere."""
    file = tmp_path / f"whole{form.suffix}"
    with file.open("wb") as out:
        out.writelines(whole(snapshot.store, form))
    return load([file], DataDirectory(tmp_path / "again"))


@pytest.mark.parametrize(
    "form", [NQUADS, *(pytest.param(f, marks=pytest.mark.long) for f in (TRIG, JSONLD))], ids=lambda form: form.name
)
def test_own_export_loaded_again_is_the_same_graph(tmp_path: Path, second: Snapshot, form: Format) -> None:
    again = reloaded(second, tmp_path, form).manifest
    was = second.manifest
    assert (again.digest, again.mode, again.quads, again.triples) == (was.digest, "union", was.quads, was.triples)
    assert again.graphs == was.graphs


@pytest.mark.long
def test_own_turtle_loaded_again_is_the_union(tmp_path: Path, second: Snapshot) -> None:
    again = reloaded(second, tmp_path, TURTLE)
    assert again.manifest.mode == "separate"
    assert set(union(again.store)) == set(union(second.store))


@pytest.mark.long
def test_shipped_export_loaded_again_is_the_same_graph(tmp_path: Path, snapshot: Snapshot) -> None:
    again = reloaded(snapshot, tmp_path, NQUADS).manifest
    assert (again.digest, again.graphs) == (snapshot.manifest.digest, snapshot.manifest.graphs)


def test_quad_of_our_graph_names_its_source(second: Snapshot) -> None:
    assert set(second.manifest.graphs) >= {GRAPH + "umbra-directory", GRAPH + "umbra-exchanges", GRAPH + "register"}
