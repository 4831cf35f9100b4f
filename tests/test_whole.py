"""A document out of columns has the bytes of the one out of rows, whatever the terms and however it is cut."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store
from zstandard import ZstdDecompressor

from graph import columns as threshold
from graph import export, whole
from graph.columns import document
from graph.columns.build import build
from graph.columns.document import Columns
from graph.export import Part, everything
from graph.formats import GRAPH_FORMATS, JSONLD, NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE, Format
from graph.labels import NotSerialisable
from graph.manifest import Mode
from graph.names import PREFIXES
from graph.packing import SUFFIXES, packed, unpacked_name
from graph.snapshot import Snapshot
from graph.store import in_memory
from tests.test_export import EX, PREFIXES_OF_TEST, RDF_TYPE, iris, legal, literals

SORTED = (TURTLE, TRIG, NTRIPLES, NQUADS)
ONE, TWO, THREE = (EX + name for name in ("g", "obo", "z/1.2"))
# Few subjects and predicates: lists of objects, of predicates, and subjects in several graphs.
subjects = st.sampled_from([NamedNode(EX + name) for name in ("a", "a.b", "a.", "%41", "-x", "1")]) | iris
predicates = st.sampled_from([RDF_TYPE, NamedNode(EX + "p"), NamedNode("http://a/first")]) | iris
graphs = st.sampled_from([NamedNode(name) for name in (ONE, TWO, THREE)])
quads = st.lists(st.builds(Quad, subjects, predicates, literals | subjects, graphs), max_size=40)


@contextmanager
def columns(store: Store, mode: Mode = "union") -> Iterator[Columns | None]:
    with TemporaryDirectory() as folder:
        build(store, Path(folder), mode)
        with document.opened(Path(folder)) as found:
            yield found


def check(store: Store, size: int = 200_000, mode: Mode = "union", prefixes: dict[str, str] = PREFIXES_OF_TEST) -> None:
    """Compare all parts in all sorted formats, cut at `size` statements."""
    with pytest.MonkeyPatch.context() as patch, columns(store, mode) as found:
        assert found is not None
        patch.setattr(document, "_RANGE", size)
        patch.setattr(document, "_BUCKET", 0)
        for form in SORTED:
            for part in (Part(), Part(True), *(Part(True, graph.value) for graph in export.named_graphs(store))):
                if part == Part(True) and not form.quads:
                    continue  # a format for one graph has no names to tell them apart
                of_rows = b"".join(export.part(store, part, form, prefixes)).decode()
                assert "".join(found.write(part, form, prefixes)) == of_rows, (form.name, part)


@pytest.mark.long
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=quads, size=st.sampled_from([1, 3, 200_000]))
def test_columns_write_what_rows_do(found: list[Quad], size: int) -> None:
    check(in_memory(found), size)


# Where strings, local names and numbers have rules of their own: each once, in plain tests too.
TEXTS = ['"\n', '\n"', '""\n""a""', '\\"\n\\', "\x01\n", "a\u202e\n", "\x01b", "\r\n", '"""', "\t\b\f\\", "\\u0041"]
ORDERED = ["a", "a ", "a!", 'a"', "b\u00a0", "\U0001f600", "\uffff", "\ufffe", "\0", "", "%", "é", "\x7f", "\x85"]
LOCALS = ["", "a", "1", "a.b", "a.", ".a", "-a", "a-", "%41", "%4", "a%zz", "a/b", "a#", "a:b", "é", "\u0300a",
          "a\u0300", "\u00b7", "\U0001f600", "~", "a'b", "日本", "\u202e"]  # fmt: skip
NUMBERS = ["0", "-0", "+1", "007", "1.0", "1.50", "-1.5", "1e0", "1.0E0", "-1.5E-7", "true", "1", "NaN"]


def hostile() -> list[Quad]:
    xsd = PREFIXES["xsd"]
    terms = [*(Literal(text) for text in (*TEXTS, *ORDERED)), *(Literal(text, language="en-GB") for text in TEXTS),
             *(Literal(text, datatype=NamedNode(xsd + name)) for text in NUMBERS
               for name in ("integer", "decimal", "double", "boolean", "date")),
             *(Literal("x", datatype=NamedNode(space + "t.")) for space in (EX, "urn:x:", xsd))]  # fmt: skip
    spaces = (EX, EX + "v#", EX + "OBO_", "urn:x:", "urn:y:", PREFIXES["pe"])
    named = [node for space in spaces for local in LOCALS if (node := legal(space + local))]
    about = [Quad(named[n % 7], RDF_TYPE if n % 5 else named[1], term, NamedNode((ONE, TWO)[n % 2]))
             for n, term in enumerate(terms)]  # fmt: skip
    return [*about, *(Quad(node, RDF_TYPE if n % 3 else node, node, NamedNode(ONE)) for n, node in enumerate(named))]


def test_what_is_hard_to_write_is_written_as_out_of_rows() -> None:
    check(in_memory(hostile()), 20)


def test_a_prefix_may_stand_for_anything() -> None:
    check(in_memory(hostile()), prefixes={"": EX, "e": "", "o": EX + "O", "x": "urn:x:", "same": EX, "d": EX + "v#a"})


def test_a_default_graph_of_its_own_is_no_union() -> None:
    store = Store()
    store.extend(hostile())
    store.extend(Quad(quad.predicate, quad.predicate, Literal("own"), DefaultGraph()) for quad in hostile())
    check(store, 20, "separate")


def test_blank_nodes_are_left_to_the_rows() -> None:
    """Their labels depend on all of them (RDFC-1.0)."""
    with columns(in_memory([Quad(BlankNode(), RDF_TYPE, NamedNode(EX), NamedNode(ONE))])) as found:
        assert found is None


@pytest.mark.parametrize(
    "form", [pytest.param(row, marks=[] if row == TURTLE else pytest.mark.long, id=row.name) for row in GRAPH_FORMATS]
)
def test_the_shipped_facts_are_the_same_out_of_both(snapshot: Snapshot, form: Format) -> None:
    with document.opened(snapshot.path) as found:
        assert found is not None, "the shipped snapshot has columns, else this compares rows with rows"
    part = everything(form)
    assert b"".join(whole.document(snapshot, part, form)) == b"".join(export.whole(snapshot.store, form))


@pytest.mark.parametrize("form", [TURTLE, TRIG, JSONLD, RDFXML], ids=lambda form: form.name)
def test_a_named_graph_is_the_same_out_of_both(
    snapshot: Snapshot, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "FEWEST", 1)
    name = min(snapshot.manifest.graphs)
    part = Part(True, name)
    of_rows = b"".join(export.named_graph(snapshot.store, name, form))
    assert b"".join(whole.document(snapshot, part, form)) == b"".join(whole.stream(snapshot, part, form)) == of_rows


def test_progress_counts_statements(snapshot: Snapshot) -> None:
    told: list[tuple[str, int, int | None]] = []
    list(whole.stream(snapshot, Part(), NTRIPLES, progress=lambda *what: told.append(what)))
    assert told[0] == ("export", 0, snapshot.manifest.triples)
    assert told[-1] == ("export", snapshot.manifest.triples, snapshot.manifest.triples)


def test_what_a_format_cannot_say_is_told_at_once(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = [Quad(NamedNode(EX), NamedNode(EX + "1"), Literal("x"), NamedNode(ONE))]
    with columns(in_memory(odd)) as found:
        monkeypatch.setattr(document, "opened", lambda *_: nullcontext(found))
        with pytest.raises(NotSerialisable, match="XML name"):
            whole.document(snapshot, Part(), RDFXML)


@pytest.mark.parametrize("packing", [None, *SUFFIXES.values()])
def test_what_is_packed_unpacks_and_is_the_same_every_time(packing: str | None) -> None:
    chunks = [b"one\n" * 5000, b"", b"two"]
    found = b"".join(packed(chunks, packing))
    assert found == b"".join(packed(chunks, packing))
    unpack = {None: bytes, "gzip": gzip.decompress, "zstd": ZstdDecompressor().decompressobj().decompress}
    assert unpack[packing](found) == b"".join(chunks)
    if packing == "gzip":
        assert found[3:8] == b"\0" * 5, "a name or a time in the head would make two runs differ"


def test_the_suffix_of_a_packing_stands_behind_the_format_s() -> None:
    assert unpacked_name(Path("a/graph.ttl.gz")) == (Path("a/graph.ttl"), "gzip")
    assert unpacked_name(Path("graph.nq.zst")) == (Path("graph.nq"), "zstd")
    assert unpacked_name(Path("graph.nq")) == (Path("graph.nq"), None)
