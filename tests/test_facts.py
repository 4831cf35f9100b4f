"""From files to rows, from rows to triples: what a table may hold, what a mapping may call, what is a fault and why."""

import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from graph.draw import Drawn, draw
from graph.errors import Foreseen
from graph.inputs import Facts, shipped
from graph.mapping import MappedRow, MappingError, check_mapping, map_rows, unread_columns
from graph.names import BASE, KINDS, PREFIXES, curie, graph_iri, kind_and_slug, slug, term_of, thing
from graph.quads import Tally, of_register, of_source
from graph.register import Register, RegisterError, read_register
from graph.sources import Source, SourceError, read_description, read_source, read_sources, source_of_files

HEAD = """PREFIX : <#>
PREFIX f: <https://w3id.org/partner-ecosystem/function#>
PREFIX pe: <https://w3id.org/partner-ecosystem/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
DESCRIPTION = "<https://w3id.org/partner-ecosystem/graph/{}> a <https://w3id.org/partner-ecosystem/ontology#Source> ."
EVERYTHING = "CONSTRUCT { <x:s> ?p ?o } WHERE { ?row ?p ?o }"
ROWNUM = PREFIXES["csvw"] + "rownum"

Maker = Callable[..., Source]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Write the three files of a source; the mapping gets the usual prefixes."""

    def source(table: str | bytes, mapping: str = EVERYTHING, name: str = "facts.tsv") -> Source:
        (tmp_path / name).write_bytes(table if isinstance(table, bytes) else table.encode())
        (tmp_path / "mapping.rq").write_text(HEAD + mapping, encoding="utf-8")
        (tmp_path / "source.ttl").write_text(DESCRIPTION.format("made-up"), encoding="utf-8")
        return source_of_files(tmp_path / name, tmp_path / "mapping.rq", tmp_path / "source.ttl")

    return source


def run(source: Source, register: Register | None = None) -> list[MappedRow]:
    """Map all rows, with an open register unless one is given."""
    return list(map_rows(source, register or Register([], open=True)))


def faults(source: Source, register: Register | None = None) -> list[str]:
    """Give all faults of a table as a person reads them."""
    return [str(fault) for row in run(source, register) for fault in row.faults]


# Tables ------------------------------------------------------------------------------------------

GOOD_TABLES: list[tuple[str, str, str | bytes, list[dict[str, str]]]] = [
    ("tabs separate cells", "facts.tsv", "a\tb\n1\t2\n", [{"a": "1", "b": "2"}]),
    ("commas do in .csv", "facts.csv", "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
    ("commas are text in .tsv", "facts.tsv", "a\tb\nx, Inc.\t2\n", [{"a": "x, Inc.", "b": "2"}]),
    ("a byte order mark is no part of a column", "facts.csv", b"\xef\xbb\xbfa,b\n1,2\n", [{"a": "1", "b": "2"}]),
    ("a quoted cell may hold tabs, line feeds and quotes", "facts.tsv", 'a\tb\n"x\ty\nz ""q"""\t2\n',
     [{"a": 'x\ty\nz "q"', "b": "2"}]),
    ("Windows line ends", "facts.csv", "a,b\r\n1,2\r\n3,4\r\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
    ("no line feed at the end", "facts.tsv", "a\tb\n1\t2", [{"a": "1", "b": "2"}]),
    ("empty and blank cells say nothing", "facts.tsv", "a\tb\tc\n1\t\t   \n", [{"a": "1"}]),
    ("cells and column names are stripped", "facts.tsv", " a \tb\n  1 \t2\n", [{"a": "1", "b": "2"}]),
    ("a blank line is no row", "facts.tsv", "a\tb\n\n1\t2\n\n", [{"a": "1", "b": "2"}]),
    ("a header alone has no rows", "facts.tsv", "a\tb\n", []),
    ("other scripts", "facts.tsv", "naïve\tb\n東京\tœuvre\n", [{"naïve": "東京", "b": "œuvre"}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "table", "rows"), [c[1:] for c in GOOD_TABLES], ids=[c[0] for c in GOOD_TABLES])
def test_table_is_read_as_its_author_meant_it(
    make: Maker, name: str, table: str | bytes, rows: list[dict[str, str]]
) -> None:
    found = list(make(table, name=name).rows())
    assert [row.cells for row in found] == rows
    assert [row.number for row in found] == list(range(1, len(rows) + 1))
    assert not any(row.fault for row in found)


BAD_TABLES: list[tuple[str, str | bytes, str]] = [
    ("nothing in it", b"", "no header line"),
    ("a header of blanks", "\t \n1\t2\n", "no header line"),
    ("a column twice, so that one would hide the other", "a\tb\ta\n1\t2\t3\n", "column 'a' stands twice"),
    ("a column without a name, whose cells no mapping could read", "a\t\n1\t2\n", "column '' .* has no name"),
    ("not UTF-8: guessed letters would become names", "a\nSöhne\n".encode("latin-1"), "not UTF-8 at byte 3"),
    ("not UTF-8 far down: the byte is counted from the start", b"a\n" + b"x" * 30000 + b"\xff\n", "at byte 30002"),
    ("not UTF-8 in UTF-16", "a\tb\n".encode("utf-16"), "not UTF-8 at byte 0"),
]


@pytest.mark.parametrize(("table", "message"), [c[1:] for c in BAD_TABLES], ids=[c[0] for c in BAD_TABLES])
def test_unusable_table_is_refused_with_its_file_and_reason(make: Maker, table: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        make(table)
    assert "facts.tsv" in str(caught.value)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('a\tb\nx\t"open\ny\tz\nw\tz\n', "line 4"),  # read leniently, its last cell would swallow the rows below
        ('a\tb\nx\t"op"en\n', "line 2"),
        ("a\tb\nx\t" + "y" * 140_000 + "\n", "line 2.*larger than"),
    ],
    ids=["a quote never closed", "text after a closing quote", "a cell larger than the reader takes"],
)
def test_no_row_is_lost_to_a_broken_quote(make: Maker, table: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        list(make(table).rows())


@pytest.mark.parametrize(
    ("line", "fault"), [("1", "has 1 cells where the header has 2"), ("1\t2\t3", "has 3 cells where the header has 2")]
)
def test_ragged_row_is_a_fault_of_that_row_alone(make: Maker, line: str, fault: str) -> None:
    mapped = run(make(f"a\tb\n0\t0\n{line}\n9\t9\n"))
    assert [bool(row.triples) for row in mapped] == [True, False, True]
    assert [str(f) for f in mapped[1].faults] == [f"row 2: {fault} columns"]


@pytest.mark.parametrize(
    ("missing", "message"),
    [("facts.tsv", "no facts.tsv or facts.csv"), ("mapping.rq", "mapping.rq: no"), ("source.ttl", "source.ttl: no")],
)
def test_source_folder_names_the_file_that_it_lacks(make: Maker, tmp_path: Path, missing: str, message: str) -> None:
    make("a\n1\n")
    (tmp_path / missing).unlink()
    with pytest.raises(SourceError, match=message):
        read_source(tmp_path)


@pytest.mark.parametrize(
    ("turtle", "message"),
    [
        ("", "not 0"),
        (DESCRIPTION.format("one") + DESCRIPTION.format("two"), "not 2"),
        ("<https://example.org/g> a <https://w3id.org/partner-ecosystem/ontology#Source> .", "not 0"),
        (DESCRIPTION.format("../../escape"), "must end in a slug"),
        (DESCRIPTION.format("Upper"), "must end in a slug"),
        ("<x:a> <x:b> .", "line 1"),
    ],
    ids=["none", "two", "another's", "a path out of the folder of imports", "no slug", "no Turtle"],
)
def test_description_must_name_one_graph_of_ours(make: Maker, tmp_path: Path, turtle: str, message: str) -> None:
    make("a\n1\n")
    (tmp_path / "source.ttl").write_text(turtle, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_source(tmp_path)


def test_two_folders_that_describe_one_graph_are_refused(make: Maker, tmp_path: Path) -> None:
    # Else one source's statements would be counted as the other's.
    make("a\n1\n")
    files = list(tmp_path.iterdir())
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for file in files:
            (tmp_path / folder / file.name).write_bytes(file.read_bytes())
    with pytest.raises(SourceError, match=r"one and .*two both describe"):
        read_sources(tmp_path)


def test_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder with a mapping"):
        read_sources(tmp_path)


# Rows as csv2rdf triples -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "fragment"),
    [
        ("name", "name"),
        ("peering location", "peering%20location"),
        ("naïve", "na%C3%AFve"),
        ("100%", "100%25"),
        ("a#b", "a%23b"),
        ("<b>", "%3Cb%3E"),
    ],
)
def test_column_name_is_percent_encoded_as_csv2rdf_says(make: Maker, column: str, fragment: str) -> None:
    source = make(f"{column}\nx\n")
    (row,) = source.rows()
    triples = {(t.predicate.value, t.object) for t in row.triples(source.base)}
    assert (f"{graph_iri('made-up')}/facts.tsv#{fragment}", Literal("x")) in triples
    assert (ROWNUM, Literal(1)) in triples
    assert len(triples) == 2


def test_row_number_is_an_integer_and_left_out_is_no_cell_of_the_row(make: Maker) -> None:
    source = make("a\tleft_out\n1\t\n2\ta private person\n3\t\n")
    one, two, three = source.rows()
    assert [r.left_out for r in (one, two, three)] == [None, "a private person", None]
    assert {t.predicate.value.rsplit("#")[-1] for t in two.triples(source.base)} == {"a", "rownum"}
    assert [t.object for t in three.triples("x:t") if t.predicate.value == ROWNUM] == [Literal(3)]


def test_a_cell_that_was_left_out_is_counted_with_its_reason(make: Maker) -> None:
    """A cell that falls silent beside a mapped row would be counted nowhere."""
    rows = ("owner\towner_left_out\tleft_out", "A\t\t", "B\tmisspelt\t", "C\tmisspelt\t", "D\ta person\tall of it")
    table = "\n".join(rows)
    tally = Tally("made-up")
    list(of_source(make(table, "CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :owner ?v }"), Register([]), tally))
    assert (tally.mapped, dict(tally.cells_left_out)) == (3, {("owner", "misspelt"): 2})
    assert tally.unread == [], "it is read: by the count"


@pytest.mark.parametrize("read", ["<#peering%20location>", ":peering%20location"])
def test_mapping_reads_an_encoded_column_by_its_relative_name(make: Maker, read: str) -> None:
    (row,) = run(make("peering location\nTarn\n", f"CONSTRUCT {{ <x:s> <x:p> ?v }} WHERE {{ ?row {read} ?v }}"))
    assert [t.object for t in row.triples] == [Literal("Tarn")]


def test_mapping_sees_one_row_at_a_time(make: Maker) -> None:
    # A mapping that joins rows would make statements that no single row makes.
    (one, two) = run(make("a\n1\n2\n", "CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :a ?u . ?other :a ?v }"))
    assert [t.object.value for t in one.triples] == ["1"]
    assert [t.object.value for t in two.triples] == ["2"]


# Functions ---------------------------------------------------------------------------------------

VALUES: list[tuple[str, str, str]] = [
    ('f:slug(?a, "Söhne")', "Quill & Co.", '"quill-co-sohne"'),
    ('f:iri("organization", ?a)', "Quill & Co.", f"<{BASE}id/organization/quill-co>"),
    ('f:iri("tier", "Umbra", ?a)', "Iron", f"<{BASE}id/tier/umbra-iron>"),
    ('f:organization(?a, "")', "Marrow", f"<{BASE}id/organization/marrow>"),
    ('f:item(?a, ";", 1)', " x ;; y;", '"x"'),
    ('f:item(?a, ";", 2)', " x ;; y;", '"y"'),
    ("f:term(?a)", "pe:launched", f"<{BASE}ontology#launched>"),
    ("f:term(?a)", "category/reseller", f"<{BASE}id/category/reseller>"),
    ('f:literal(?a, "")', "8.70", '"8.70"'),
    ('f:literal(?a, "xsd:decimal")', "8.70", '"8.7"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
    ('f:literal(?a, "xsd:integer")', "0640000", '"640000"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ('f:literal(?a, "xsd:gYear")', "1992", '"1992"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
    ('f:literal(?a, "xsd:gYearMonth")', "2003-10", '"2003-10"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'),
    ('f:literal(?a, "xsd:date")', "2024-02-29", '"2024-02-29"^^<http://www.w3.org/2001/XMLSchema#date>'),
    ('f:literal(?a, "xsd:boolean")', "true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    ('f:literal(?a, "@en-GB")', "programme", '"programme"@en-gb'),
]


@pytest.mark.parametrize(("call", "cell", "term"), VALUES, ids=[f"{c[0]} of {c[1]}" for c in VALUES])
def test_function_gives(make: Maker, call: str, cell: str, term: str) -> None:
    (row,) = run(make(f"a\n{cell}\n", f"CONSTRUCT {{ <x:s> <x:p> ?v }} WHERE {{ ?row :a ?a BIND({call} AS ?v) }}"))
    assert not row.faults
    assert [str(t.object) for t in row.triples] == [term]


FAULTS: list[tuple[str, str, str]] = [
    ("f:slug(?a)", "!!!", "f:slug: no slug can be made of"),
    ('f:iri("organisation", ?a)', "Quill", "f:iri: 'organisation' is no kind of thing"),
    ('f:iri("tier", ?a)', "—", "f:iri: no slug can be made of"),
    ('f:organization(?a, "")', "Quill", "f:organization: 'Quill' is not in the register"),
    ('f:item(?a, ";", "two")', "x;y", "f:item: invalid literal for int"),
    ('f:item(?a, "", 1)', "x;y", "f:item: empty separator"),
    ("f:term(?a)", "nope:launched", "f:term: 'nope:launched' is neither prefix:name"),
    ("f:term(?a)", "category/Re Seller", "f:term: 'category/Re Seller' is neither"),
    ("f:term(?a)", "pe:two words", "f:term: Invalid IRI code point"),
    ('f:literal(?a, "xsd:date")', "2023-02-29", "f:literal: '2023-02-29' is no xsd:date"),
    ('f:literal(?a, "xsd:gYear")', "92", "f:literal: '92' is no xsd:gYear"),
    ('f:literal(?a, "xsd:integer")', "640,000", "f:literal: '640,000' is no xsd:integer"),
    ('f:literal(?a, "xsd:boolean")', "yes", "f:literal: 'yes' is no xsd:boolean"),
    ('f:literal(?a, "nope:year")', "1992", "f:literal: 'nope:year' is neither"),
    ('f:literal(?a, "@!")', "text", "f:literal: The given language"),
    # Without the project's function, an ill-formed literal is caught on its way out.
    ("STRDT(?a, xsd:date)", "1992", "'1992' is no date"),
]


@pytest.mark.parametrize(("call", "cell", "message"), FAULTS, ids=[f"{c[0]} of {c[1]}" for c in FAULTS])
def test_function_fault_names_row_and_column_and_makes_no_statement(
    make: Maker, call: str, cell: str, message: str
) -> None:
    # The row says something else too: a fault must not leave half a row behind.
    mapping = f"CONSTRUCT {{ <x:s> <x:p> ?v ; <x:q> ?b }} WHERE {{ ?row :b ?b ; :wrong ?a BIND({call} AS ?v) }}"
    good, bad = run(make(f"b\twrong\nfine\t\nfine\t{cell}\n", mapping), Register([]))
    assert [str(f) for f in good.faults] == ["row 1: the mapping makes no statement of this row"]
    assert bad.triples == ()
    assert [str(f)[: len(message) + 21] for f in bad.faults] == [f"row 2, column wrong: {message}"]


@pytest.mark.parametrize("n", ["0", "-1", "3"])
def test_item_past_the_end_is_unbound_and_no_fault(make: Maker, n: str) -> None:
    # The idiom `VALUES ?n {1 2 3 ...}` asks past the end of every shorter cell.
    mapping = f"CONSTRUCT {{ <x:s> <x:p> ?b , ?v }} WHERE {{ ?row :a ?a ; :b ?b BIND(f:item(?a, ';', {n}) AS ?v) }}"
    (row,) = run(make("a\tb\nx;y\tz\n", mapping))
    assert not row.faults
    assert [t.object for t in row.triples] == [Literal("z")]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("SELECT * WHERE { ?row ?p ?o }", "a mapping is a CONSTRUCT query"),
        ("ASK { ?row ?p ?o }", "a mapping is a CONSTRUCT query"),
        ("CONSTRUCT { ?row <x:p> ?o WHERE { ?row ?p ?o }", "error at 5:"),
        ("CONSTRUCT { <x:s> <x:p> ?v } WHERE { BIND(f:nope(1) AS ?v) }", "function#nope> is not supported"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE would ask"),
        ("DELETE WHERE { ?s ?p ?o }", "DELETE is an update"),
        ("DESCRIBE ?row WHERE { ?row :a ?o }", "a mapping is a CONSTRUCT query"),
        ("CONSTRUCT { <x:s> nope:p ?o } WHERE { ?row :a ?o }", "error at 5:"),
    ],
    ids=["SELECT", "ASK", "a brace missing", "unknown function", "a service", "an update", "DESCRIBE", "a prefix"],
)
def test_mapping_that_cannot_run_is_refused_before_the_first_row(make: Maker, mapping: str, message: str) -> None:
    source = make("a\n1\n", mapping)
    with pytest.raises(MappingError, match=message) as caught:
        next(map_rows(source, Register([])))
    assert "mapping.rq" in str(caught.value)


def test_mapping_of_an_empty_table_is_checked_all_the_same(make: Maker) -> None:
    source = make("a\n", "SELECT * {}")
    with pytest.raises(MappingError):
        list(map_rows(source, Register([])))
    check_mapping(source, EVERYTHING)


@pytest.mark.parametrize(
    ("mapping", "unread"),
    [
        ("CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :a ?v }", ["b", "c d"]),
        ("CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :a ?v ; <#c%20d> ?w }", ["b"]),
        ("# :b is not read\nCONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :a|:c%20d ?v }", ["b"]),
        ("PREFIX t: <#> CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row t:b ?v . ?row :c%20d ?w }", ["a"]),
        ("CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :a ?v . ?row :b ?w . ?row :c%20d ?x }", []),
        ("CONSTRUCT { <x:s> pe:b ?v } WHERE { ?row :a ?v BIND(f:b(?v) AS ?x) }", ["b", "c d"]),
    ],
    ids=["two", "by full name", "a comment reads nothing", "another prefix", "all", "another vocabulary's name"],
)
def test_columns_that_no_pattern_reads_are_told(make: Maker, mapping: str, unread: list[str]) -> None:
    assert unread_columns(make("a\tb\tc d\tleft_out\n1\t2\t3\t\n", mapping)) == unread


# What became of the rows -------------------------------------------------------------------------


def test_every_row_is_mapped_rejected_or_left_out(make: Maker) -> None:
    table = "a\tn\tleft_out\nx\t1\t\nx\tone\t\nx\t2\tsold\nx\t3\tsold\n\t\t\nx\t4\ttoo new\nx\nx\t5\t\n"
    mapping = 'CONSTRUCT { <x:s> <x:p> ?v } WHERE { ?row :n ?n BIND(f:literal(?n, "xsd:integer") AS ?v) }'
    tally = Tally("made-up")
    said = list(of_source(make(table, mapping), Register([]), tally))
    assert (tally.rows, tally.mapped, tally.rejected) == (8, 2, 3)
    assert dict(tally.left_out) == {"sold": 2, "too new": 1}
    assert tally.rows == tally.mapped + tally.rejected + tally.left_out.total()
    assert [f.row for f in tally.faults] == [2, 5, 7]
    # Row numbers count every row, so that a person finds it.
    assert [(one.evidence.row, one.quad.object.value) for one in said] == [(1, "1"), (8, "5")]
    assert {one.quad.graph_name for one in said} == {NamedNode(graph_iri("made-up"))}
    assert said[0].evidence.cells == {"n": "1"}, "a cell that the mapping does not read is shown nowhere"


ADA = "ada@sutland.example"
ADDRESSES = [
    (f"n\ta\n1\t{ADA}\n", [], "kept nowhere: the mapping does not read it"),
    (f"n\n{ADA}\n", [(1, "n")], "shown beside what the row says"),
    ("n\ttext\n1\tada (at) sutland dot example\n", [(1, "text")], "read by a condition alone, and shown all the same"),
    (f"n\ttext\tleft_out\n1\t{ADA}\ta private person\n", [], "left out, and shown nowhere"),
    (f"n\tleft_out\n1\t{ADA} is a private person\n", [(1, "left_out")], "the reasons are counted, and shown"),
    (f"n\ttext_left_out\n1\tit is {ADA}\n", [(1, "text_left_out")], "the reasons for cells are, too"),
]


@pytest.mark.parametrize(("table", "faults", "why"), ADDRESSES, ids=[why for *_, why in ADDRESSES])
def test_an_address_in_a_cell_is_published_by_no_way(
    make: Maker, table: str, faults: list[tuple[int, str]], why: str
) -> None:
    mapping = "CONSTRUCT { <x:s> <x:p> ?n } WHERE { ?row :n ?n FILTER NOT EXISTS { ?row :text 'x' } }"
    tally = Tally("made-up")
    said = list(of_source(make(table, mapping), Register([]), tally))
    assert [(fault.row, fault.column) for fault in tally.faults] == faults, why
    assert ADA not in repr((said, tally.left_out, tally.cells_left_out))


def test_an_address_in_a_name_that_is_shown_is_refused(make: Maker) -> None:
    for table, name in ((f"n\t{ADA}\n1\t2\n", "facts.tsv"), ("n\n1\n", f"{ADA}.tsv")):
        with pytest.raises(SourceError, match="holds an address of somebody"):
            make(table, name=name)


ILL_MADE = [
    ("<x:s> <x:p> [ <x:q> ?n ]", "blank node"),
    ("[] <x:p> ?n", "blank node"),
    ("<x:s> pe:catgory ?n", "the vocabulary has no pe:catgory; near it: pe:category"),
    ("<x:s> a pe:Prtner ; <x:p> ?n", "the vocabulary has no pe:Prtner; near it: pe:Partner"),
]


@pytest.mark.parametrize(("template", "why"), ILL_MADE, ids=[template for template, _ in ILL_MADE])
def test_what_nobody_could_find_is_a_fault_of_the_row(make: Maker, template: str, why: str) -> None:
    tally = Tally("made-up")
    mapping = f"CONSTRUCT {{ {template} }} WHERE {{ ?row :n ?n }}"
    assert list(of_source(make("n\n1\n", mapping), Register([]), tally)) == []
    assert tally.faults and all(why in fault.message for fault in tally.faults)


def test_row_with_two_faults_is_rejected_once(make: Maker) -> None:
    mapping = "CONSTRUCT { <x:s> <x:p> ?v , ?w } WHERE { ?row :a ?a BIND(f:term(?a) AS ?v) BIND(f:slug(?a) AS ?w) }"
    tally = Tally("made-up")
    assert list(of_source(make("a\n!!\n", mapping), Register([]), tally)) == []
    assert len(tally.faults) == 2
    assert tally.rejected == 1


def test_shipped_tables_reconcile(drawn: Drawn) -> None:
    assert len(drawn.tallies) == len(shipped().sources())
    for tally in drawn.tallies:
        (source,) = [s for s, _ in shipped().sources() if s.slug == tally.source]
        assert tally.rows == len(list(source.rows())), "a row of the table was not looked at"
        assert tally.rows == tally.mapped + tally.rejected + tally.left_out.total()
        assert tally.faults == []
        assert tally.unread == [], f"{tally.source}: a column that no mapping reads is dead weight"


# The register ------------------------------------------------------------------------------------

COLUMNS = "name\tdomain\torganization\trelation\tevidence\n"
FIRMS = COLUMNS + (
    "Acme\tacme.example\tacme\tlabel\tx\n"
    "Acme\tacme.test\tacme-test\tlabel\tx\n"
    "ACME Inc.\t\tacme\tsame\tx\n"
    "Brill\tbrill.example\tbrill\tlabel\tx\n"
    "Bril\t\tbrill\tmisspelling\tx\n"
    "Corvid\t\tcorvid\tlabel\tx\n"
    "Corvid\tcorvid.test\tcorvid-test\talias\tx\n"
    "Corvid Test\t\tcorvid-test\tlabel\tx\n"
)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A register in which one name means two firms by its domain."""
    path = tmp_path / "register.tsv"
    path.write_text(FIRMS, encoding="utf-8")
    return read_register(path)


@pytest.mark.parametrize(
    ("name", "domain", "organization"),
    [
        ("Acme", "acme.example", "acme"),
        ("Acme", "acme.test", "acme-test"),
        ("ACME Inc.", "", "acme"),
        ("ACME Inc.", "acme.example", "acme"),
        ("Brill", "", "brill"),
        ("Brill", "brill.example", "brill"),
        ("Bril", "brill.example", "brill"),
        ("Corvid", "corvid.test", "corvid-test"),
        ("Corvid", "", "corvid"),
        ("Corvid", "elsewhere.example", "corvid"),
    ],
    ids=[
        "name and domain", "the other domain", "name without domain", "another name's domain of the same firm",
        "the only firm of that name", "the only firm, with its domain", "a misspelling with the firm's domain",
        "name and domain before name alone", "name alone before the others", "a firm without a domain takes any",
    ],
)  # fmt: skip
def test_register_looks_up(register: Register, name: str, domain: str, organization: str) -> None:
    assert register.organization(name, domain) == thing("organization", organization)


@pytest.mark.parametrize(
    ("name", "domain", "message"),
    [
        ("Acme", "", r"means acme \(acme.example\) or acme-test \(acme.test\): add it with ''"),
        ("Acme", "acme.invalid", r"means acme \(.*\) or acme-test \(.*\): add it with 'acme.invalid'"),
        ("Brill", "elsewhere.example", r"means brill \(brill.example\): add it with 'elsewhere.example'"),
        ("ACME Inc.", "anything.example", r"means acme \(acme.example\): add it with 'anything.example'"),
        ("acme", "acme.example", "is not in the register"),
        ("Dorn", "", "is not in the register of organisations .register.tsv."),
    ],
    ids=["two firms, no domain", "two firms, a third domain", "one firm, another domain",
         "one firm, a row without domain, another domain", "names are as written", "unknown"],
)  # fmt: skip
def test_closed_register_does_not_guess(register: Register, name: str, domain: str, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        register.organization(name, domain)
    assert register.minted == {}


def test_open_register_mints_but_never_a_registered_slug(register: Register) -> None:
    register.open = True
    assert register.organization("Dorn & Fell", "") == thing("organization", "dorn-fell")
    assert register.organization("Dorn & Fell", "dorn.example") == thing("organization", "dorn-fell")
    # "BRILL" is not registered: that it is Brill is for a person to say, so it may not take over brill's IRI.
    assert register.organization("BRILL", "") == thing("organization", "brill-unregistered")
    with pytest.raises(LookupError, match=r"means acme .* or acme-test"):
        register.organization("Acme", "")
    with pytest.raises(ValueError, match="no slug"):
        register.organization("***", "")


def test_an_open_register_makes_a_firm_of_a_name_with_another_website(register: Register) -> None:
    """Dell of another country is not Dell for its name: a wrong merge cannot be seen in an answer."""
    register.open = True
    assert register.organization("Brill", "brill.test") == thing("organization", "brill-brill-test")
    assert register.organization("Brill", "brill.example") == thing("organization", "brill")
    assert register.minted == {"brill-brill-test": "Brill"}
    with pytest.raises(LookupError, match=r"means brill .* or brill-brill-test"):
        register.organization("Brill", "")


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ([("A&B Hill", "ab.example"), ("A-B Hill", "a-b.example")], ["a-b-hill", "a-b-hill-a-b-example"]),
        ([("Dorn", "dorn.example"), ("Dorn", "dorn.test")], ["dorn", "dorn-dorn-test"]),
        ([("C# Hill", ""), ("C Hill", "c.example")], ["c-hill", "c-hill-c-example"]),
        ([("Dorn", ""), ("Dorn", "dorn.example"), ("Dorn", "dorn.test")], ["dorn", "dorn", "dorn-dorn-test"]),
        ([("Dorn", "dorn.example"), ("Dorn", "")], ["dorn", "dorn"]),
        ([("BRILL", "brill.test")], ["brill-brill-test"]),
    ],
    ids=["two spellings", "one name, two websites", "a website tells apart", "the first website is the firm's",
         "no website to compare", "a registered slug"],
)  # fmt: skip
def test_an_open_register_keeps_new_firms_apart(
    register: Register, asked: list[tuple[str, str]], made: list[str]
) -> None:
    register.open = True
    for _ in ("first", "again"):
        assert [register.organization(*name) for name in asked] == [thing("organization", slug) for slug in made]
    assert set(register.minted) == set(made)


@pytest.mark.parametrize(
    "asked",
    [
        [("A&B Hill", ""), ("A-B Hill", "")],
        [("A&B Hill", "ab.example"), ("A-B Hill", "")],
        [("A&B Hill", "ab.example"), ("A-B Hill", "ab.example"), ("A B Hill", "ab.example")],
        [("BRILL", ""), ("brill", "")],
    ],
    ids=["two without website", "the second without", "three of one website", "two beside a registered one"],
)
def test_names_that_one_identifier_cannot_tell_apart_are_a_fault(
    register: Register, asked: list[tuple[str, str]]
) -> None:
    register.open = True
    *before, last = asked
    made = {register.organization(*name) for name in before}
    assert len(made) == len(before)
    with pytest.raises(LookupError, match=f"'{last[0]}' cannot be told from '.*' by its identifier"):
        register.organization(*last)


def test_what_an_import_learns_is_not_held_against_a_shipped_source(register: Register) -> None:
    register.open = True
    assert register.organization("Corvid Test", "corvid.invalid") == thing("organization", "corvid-test-corvid-invalid")
    assert register.organization("Corvid", "corvid.example") == thing("organization", "corvid")
    register.open = False
    assert register.organization("Corvid", "another.example") == thing("organization", "corvid")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Acme\t\tacme\tsame\tx\n", "'acme' has no row with the relation 'label'"),
        ("Acme\t\tacme\tlabel\tx\nAcme Inc.\t\tacme\tlabel\tx\n", "line 3: 'acme' has a second label"),
        ("Acme\t\tacme\tlabel\tx\nAcm\t\tacme\tsounds like\tx\n", "line 3: relation 'sounds like' is not one of"),
        ("Acme\ta.example\tacme\tlabel\tx\nAcme\ta.example\tother\tlabel\tx\n", "line 3: .* means two organisations"),
    ],
    ids=["no label", "second label", "unknown relation", "one key, two firms"],
)
def test_register_that_contradicts_itself_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "register.tsv"
    path.write_text(COLUMNS + rows, encoding="utf-8")
    with pytest.raises(RegisterError, match=message):
        read_register(path)


def test_only_organisations_that_occur_are_named(register: Register, make: Maker) -> None:
    # A label without a class would be a violation; a firm that no source names is none of the graph's business.
    register.open = True
    mapping = """CONSTRUCT { ?v a pe:Partner }
        WHERE { ?row :a ?a ; :b ?b BIND(f:organization(?a, "") AS ?v) BIND(f:organization(?b, "") AS ?unused) }"""
    said = list(of_source(make("a\tb\nBril\tElsewhere\nNewcomer\tCorvid\n", mapping), register, Tally("made-up")))
    labels = {(o.quad.subject.value, o.quad.predicate.value.rsplit("#")[-1], o.quad.object.value, o.evidence.row)
              for o in of_register(register, said)}  # fmt: skip
    brill, newcomer = thing("organization", "brill"), thing("organization", "newcomer")
    assert labels == {
        (brill, "label", "Brill", 5),
        (brill, "hiddenLabel", "Bril", 6),
        (newcomer, "label", "Newcomer", None),
    }
    assert register.minted == {"elsewhere": "Elsewhere", "newcomer": "Newcomer"}


def test_users_source_may_name_new_firms_and_shipped_ones_may_not(tmp_path: Path, make: Maker) -> None:
    mapping = "CONSTRUCT { ?v a pe:Partner } WHERE { ?row :a ?a BIND(f:organization(?a, '') AS ?v) }"
    own = make("a\nDorn\n", mapping)
    folder = tmp_path / "facts"
    (folder / "own").mkdir(parents=True)
    (folder / "register.tsv").write_text(FIRMS, encoding="utf-8")
    for path in (own.table, own.mapping, own.description):
        (folder / "own" / path.name).write_bytes(path.read_bytes())
    (shipped_so,) = draw(Facts(folder)).tallies
    assert [str(f) for f in shipped_so.faults] == [
        "row 1, column a: f:organization: 'Dorn' is not in the register of organisations (register.tsv)"
    ]
    (imported,) = draw(Facts(folder), [own]).tallies
    assert imported.faults == []
    assert imported.mapped == 1


# Names -------------------------------------------------------------------------------------------

SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)


@given(st.text(max_size=40))
def test_slug_is_idempotent_and_fit_for_an_iri(text: str) -> None:
    try:
        once = slug(text)
    except ValueError:
        return
    assert slug(once) == once
    assert set(once) <= set(string.ascii_lowercase + string.digits + "-")
    assert not once.startswith("-")
    assert not once.endswith("-")
    assert "--" not in once


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ørsted Æther Łódź Straße", "orsted-aether-lodz-strasse"), ("AT&T", "at-t"), ("  3E  Events ", "3e-events"),
     ("東京", "dongjing"), ("C++", "c")],
)  # fmt: skip
def test_slug_transliterates(name: str, expected: str) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize("parts", [(), ("",), ("...",), ("good", "")])
def test_no_slug_is_made_of_nothing(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no slug"):
        slug(*parts)


@given(st.sampled_from(sorted(KINDS)), SLUGS)
def test_thing_and_kind_and_slug_are_each_others_inverse(kind: str, name: str) -> None:
    iri = thing(kind, name)
    assert kind_and_slug(iri) == (kind, name)
    assert term_of(f"{kind}/{name}") == iri
    assert curie(iri) is None, "a thing has no prefixed name: pages show its label"


@given(st.sampled_from(sorted(PREFIXES)), st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,12}", fullmatch=True))
def test_term_of_and_curie_are_each_others_inverse(prefix: str, local: str) -> None:
    assert curie(term_of(f"{prefix}:{local}")) == f"{prefix}:{local}"


@pytest.mark.parametrize(
    "iri",
    ["", BASE, BASE + "id/firm/x", BASE + "id/tier/", BASE + "id/tier/Upper", BASE + "id/tier/a/b", BASE + "id/tier/a-",
     BASE + "id/tier/a\n", "x" + BASE + "id/tier/a", BASE + "graph/seed"],
)  # fmt: skip
def test_what_is_no_thing_of_ours_has_no_kind(iri: str) -> None:
    assert kind_and_slug(iri) is None


@pytest.mark.parametrize("name", ["", "x", "nope:x", "firm/x", "tier/", "tier/Upper", "tier/a/b", "tier/a-", "/x"])
def test_what_is_no_name_of_a_term_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="neither prefix:name"):
        term_of(name)


def test_foreseen_errors_say_what_they_are_on_one_line(make: Maker) -> None:
    with pytest.raises(Foreseen) as caught:
        make("")
    assert caught.value.exit_code == 3
    assert caught.value.lines() == [f"Error: {caught.value}"]


def test_descriptions_of_shipped_sources_are_turtle() -> None:
    for source, _ in shipped().sources():
        assert any(q.subject == NamedNode(source.graph) for q in read_description(source.description))
