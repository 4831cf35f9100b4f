"""Files of lines in bulk: what is made of them at once is what their rows make, one after the other."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from graph import bulk, columns, facets, search
from graph.columns import FILE
from graph.columns.build import ColumnsError, build
from graph.columns.lines import build_from
from graph.load import load
from graph.names import PREFIXES
from graph.reading import LoadError
from graph.snapshot import DataDirectory, Snapshot
from graph.store import union
from tests.benchmarks import synthesize

XSD = PREFIXES["xsd"]
TABLES = ("terms", "quads", "triples", "predicates", "popular", "graphs", "facts")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large enough to be taken at once, and for columns."""
    monkeypatch.setattr(bulk, "_LARGE", 1)
    monkeypatch.setattr(bulk, "_PACKED", 1)
    monkeypatch.setattr(columns, "FEWEST", 1)


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(duckdb.connect(str(folder / FILE), read_only=True)) as held:
        return {name: sorted(held.execute(f"FROM {name}").fetchall(), key=str) for name in TABLES}


def of_file(folder: Path, text: str, name: str = "some.nq", graph: str | None = None) -> tuple[Path, list[str]]:
    """Make the columns of a file of `text`; give their folder and the lines of the union."""
    place = folder / "of-file"
    place.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode())
    united = place / "union.nt"
    mode = build_from([folder / name], graph, place, united)
    assert (mode == "union") == united.is_file()
    return place, sorted(united.read_text(encoding="utf-8").split("\n")[:-1]) if mode == "union" else []


def of_rows(folder: Path, text: str, name: str = "some.nq", graph: str | None = None) -> tuple[Path, list[str]]:
    """Make the columns of the rows that the engine makes of `text`; give their folder and the lines of the union."""
    place, store = folder / "of-rows", Store()
    place.mkdir(parents=True, exist_ok=True)
    form = RdfFormat.N_QUADS if name.endswith(".nq") else RdfFormat.N_TRIPLES
    store.load(text.encode(), form, to_graph=NamedNode(graph) if graph else None)
    if any(True for _ in union(store)):
        build(store, place, "separate")
        return place, []
    build(store, place, "union")
    return place, sorted({f"{q.subject} {q.predicate} {q.object} ." for q in store})


# Objects as files have them, which the engine may store in another form or take for one another.
OBJECTS = [
    '"a <x:g> ."',
    '"a \\" <x:b> ."',
    '"t\\tn\\nq\\"b\\\\u\\u00E9 \\U0001F600"',
    '"t\tb\x08\x7f\ufffe"',
    *('"\\\\u0041"', '"\\u0041"', '"A"'),
    *('"c"@EN-gb', '"c"@en-GB'),
    *(f'"s"^^<{XSD}string>', '"s"'),
    *(f'"{n}"^^<{XSD}integer>' for n in ("01", "1", "+1", "-0", "x", "10" * 20)),
    *(f'"{n}"^^<{XSD}decimal>' for n in ("8.70", "8.7", "-0.0", "160.0", ".5", "7")),
    *(f'"{n}"^^<{XSD}date>' for n in ("2020-02-30", "2020-02-29", "2020-01-01Z", "0000-01-01")),
    *(f'"1"^^<{XSD}{name}>' for name in ("byte", "boolean", "double", "gYear", "none")),
    *('"1"^^<x:mine>', "<x:\\u0062>", "<x:b>"),
]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "text",
    [
        "".join(f"<x:a> <x:p> {one} <x:g> .\n" for one in OBJECTS) + "<x:\\u0061> <x:p\\u0061> <x:b> <x:\\u0067> .\n",
        "<x:a> <x:p> <x:b> <x:g> .\n<x:a> <x:p> <x:b> <x:g> .\n<x:a> <x:p> <x:b> <x:h> .",  # twice, and in two graphs
        "<x:a> <x:p> <x:b> .\n<x:a> <x:p> <x:b> <x:g> .\n",  # a default graph of its own
    ],
)
def test_columns_of_a_file_are_those_of_its_rows(text: str, tmp_path: Path) -> None:
    (made, united), (wanted, lines) = of_file(tmp_path, text), of_rows(tmp_path, text)
    assert tables(made) == tables(wanted)
    assert united == lines


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("graph", [None, "x:g"])
def test_triples_go_to_the_graph_named(graph: str | None, tmp_path: Path) -> None:
    text = '<x:a> <x:p> "01"@en .\n<x:a> <x:p> <x:b> .\n'
    made, wanted = of_file(tmp_path, text, "some.nt", graph), of_rows(tmp_path, text, "some.nt", graph)
    assert tables(made[0]) == tables(wanted[0])
    assert made[1] == wanted[1]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "text",
    [
        "<x:a>\t<x:p>\t<x:b>\t<x:g> .\n",
        "<x:a> <x:p> <x:b> <x:g>.\n",
        "<x:a> <x:p> <x:b> <x:g> . # <x:h> .\n",
        "<x:a> <x:p> <x:b> <x:g> .\r\n",
        '<x:a> <x:p> "no end <x:g> .\n',
        "<x:a> <x:p> <x:b> <x:g> <x:h> .\n",
    ],
)
def test_other_forms_are_left_alone(text: str, tmp_path: Path) -> None:
    with pytest.raises(ColumnsError):
        of_file(tmp_path, text)
    assert list((tmp_path / "of-file").iterdir()) == []


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\x01"), max_size=12),
            st.sampled_from(["", "@en", "@de-AT", "^^<x:t>", f"^^<{XSD}integer>", f"^^<{XSD}string>"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_literal_is_what_the_engine_stores(
    tmp_path_factory: pytest.TempPathFactory, held: list[tuple[str, str]]
) -> None:
    place, plain = tmp_path_factory.mktemp("any"), pytest.MonkeyPatch()
    text = "".join(f"<x:{n}> <x:p> {Literal(lexical)}{tail} <x:g> .\n" for n, (lexical, tail) in enumerate(held))
    raw = "".join(f'<x:{n}> <x:q> "{t}" <x:g> .\n' for n, (t, _) in enumerate(held) if not set('"\\') & set(t))
    with plain.context() as patched:
        patched.setattr(columns, "FEWEST", 1)
        made, wanted = of_file(place, text + raw), of_rows(place, text + raw)
    assert tables(made[0]) == tables(wanted[0])
    assert made[1] == wanted[1]


def contents(snapshot: Snapshot) -> dict[str, object]:
    """All that a version holds and shows."""
    found: dict[str, object] = {"rows": {str(quad) for quad in snapshot.store}, "columns": tables(snapshot.path)}
    for file, names in (("index.sqlite", ("name", "spelling", "gram_count", "statement")),
                        ("facets.sqlite", ("listed", "member", "facet_value", "sqlite_master"))):  # fmt: skip
        with closing(sqlite3.connect(snapshot.path / file)) as held:
            shown = {"name": "rowid, *", "sqlite_master": "name, sql"}
            found |= {n: set(held.execute(f"SELECT {shown.get(n, '*')} FROM {n}")) for n in names}
    told = json.loads((snapshot.path / "manifest.json").read_text())
    return found | {name: told[name] for name in "mode digest digests quads triples graphs findings".split()}


@pytest.mark.long
@pytest.mark.parametrize("name", ["made.nq", "made.nq.gz", "made.nt"])
def test_a_file_taken_at_once_gives_what_it_gives_read_bit_by_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesize.write(tmp_path / "all.nq", 300, seed=3)
    text = (tmp_path / "all.nq").read_bytes()
    if name.endswith(".nt"):
        store = Store()
        store.load(text, RdfFormat.N_QUADS)
        text = serialize((quad.triple for quad in store), format=RdfFormat.N_TRIPLES) or b""
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    monkeypatch.setattr(columns, "FEWEST", 1)
    slow = contents(load([tmp_path / name], DataDirectory(tmp_path / "slow")))
    monkeypatch.setattr(bulk, "_LARGE", 1)
    monkeypatch.setattr(bulk, "_PACKED", 1)
    seen: list[str] = []
    fast = load([tmp_path / name], DataDirectory(tmp_path / "fast"), progress=lambda what, *_: seen.append(what))
    assert contents(fast) == slow
    assert not [path for path in fast.path.iterdir() if path.name.startswith(".") or path.suffix == ".nt"]
    assert "load: default graph" not in seen


@pytest.mark.long
def test_tables_of_the_shipped_facts_are_the_same_of_columns_and_of_rows(snapshot: Snapshot, tmp_path: Path) -> None:
    made: dict[str, list[set[tuple[object, ...]]]] = {}
    for folder in (tmp_path / "rows", tmp_path / "columns"):
        folder.mkdir()
        if folder.name == "columns":
            build(snapshot.store, folder, "union")
        facets.beside(snapshot.store, folder)
        with closing(sqlite3.connect(folder / "names.sqlite")) as names:
            search.write(names, snapshot.store, folder)
            made.setdefault("name", []).append(set(names.execute("SELECT rowid, * FROM name")))
        with closing(sqlite3.connect(folder / facets.FILE)) as held:
            for table in ("listed", "member", "facet_value"):
                made.setdefault(table, []).append(set(held.execute(f"SELECT * FROM {table}")))
    assert all(of_rows == of_columns and of_rows for of_rows, of_columns in made.values())


@pytest.mark.usefixtures("large")
def test_a_file_that_is_no_rdf_says_where(tmp_path: Path) -> None:
    (tmp_path / "bad.nq").write_text("<x:a> <x:p> <x:b> <x:g> .\n<x:a> <x:p> <b> <x:g> .\n")
    with pytest.raises(LoadError, match=r"bad\.nq: .*line 2"):
        load([tmp_path / "bad.nq"], DataDirectory(tmp_path / "data"))
    assert DataDirectory(tmp_path / "data").versions() == []


def test_a_quad_in_lines_is_written_as_it_is_read() -> None:
    """What the reading of lines relies on: single spaces, and a space before the full stop."""
    quad = Quad(NamedNode("x:a"), NamedNode("x:p"), Literal("b\n"), NamedNode("x:g"))
    assert serialize([quad], format=RdfFormat.N_QUADS) == b'<x:a> <x:p> "b\\n" <x:g> .\n'
