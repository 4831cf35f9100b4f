"""The command line as its users meet it: help, exit codes, output that pipes, one clear line for each error.

Most cases run in this process (click's runner); what a shell sees (pipes, signals, terminals) runs the installed
command. Commands that write get a copy of the small ecosystem of tests/data/second.
"""

import csv
import gzip
import io
import json
import os
import pty
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import networkx as nx
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import NamedNode, RdfFormat, parse

from graph import formats
from graph.change.commit import Asked, Committer
from graph.change.request import Request
from graph.command import COULD_NOT_RUN, INTERRUPTED, NOT_CONFORM, Commands, cli
from graph.command.options import echo_heading, rows_text
from graph.names import GRAPH, THING
from graph.snapshot import DataDirectory

EXAMPLE = Path(__file__).parent / "data" / "adding"
USAGE = 2
SCRIPT = str(Path(sysconfig.get_path("scripts")) / "partnergraph")
NOTHING = "SELECT ?s { ?s a pe:Nothing }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

Run = Callable[..., Result]


def names() -> list[str]:
    assert isinstance(cli, Commands)
    return cli.list_commands(click.Context(cli))


def invoke(args: Sequence[str | Path], data: Path | DataDirectory, stdin: str | bytes | None = None) -> Result:
    path = data.path if isinstance(data, DataDirectory) else data
    runner = CliRunner(env={"PARTNERGRAPH_DATA_DIR": str(path)})
    result = runner.invoke(cli, [str(arg) for arg in args], input=stdin, prog_name="partnergraph")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a traceback is never an answer
    return result


@pytest.fixture
def run(data: DataDirectory) -> Run:
    """Run a command against the shipped facts; it must not write."""
    return lambda *args, stdin=None: invoke(args, data, stdin)


@pytest.fixture
def mine(second_data: DataDirectory, tmp_path: Path) -> DataDirectory:
    """A copy of the small ecosystem's data directory, to write to."""
    return DataDirectory(Path(shutil.copytree(second_data.path, tmp_path / "mine")))


def shell(line: str, data: DataDirectory | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a line of bash as a user types it; its exit code is that of `partnergraph`, the first of the pipe."""
    path = data.path if isinstance(data, DataDirectory) else data
    environment = {**os.environ, "PARTNERGRAPH_DATA_DIR": str(path)}
    words = ["bash", "-c", line.replace("partnergraph", SCRIPT, 1) + "; exit ${PIPESTATUS[0]}"]
    return subprocess.run(words, env=environment, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


# Help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_help_has_an_example_and_says_what_every_option_is_for(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"\n  partnergraph {name}" in result.stdout
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert all(p.help for p in command.params if isinstance(p, click.Option))
    assert run(name, "-h").stdout == result.stdout


def test_help_lists_every_command_in_whole_sentences(run: Run) -> None:
    listed = run("--help").stdout
    assert [name for name in names() if f"\n  {name} " not in listed] == []
    assert "..." not in listed.partition("Commands:")[2]


def test_version(run: Run) -> None:
    assert run("--version").stdout == "partnergraph, version 0.1.0\n"


@pytest.mark.parametrize("args", ["--help", "search --help"])
def test_help_is_quick_because_heavy_libraries_wait(args: str) -> None:
    """What costs tenths of a second is not loaded to print a help: a clock would be flaky, the modules are not."""
    code = (
        "import sys; from graph.command import cli\n"
        f"cli.main({args.split()!r}, standalone_mode=False)\n"
        "heavy = {'rdflib', 'pyshacl', 'networkx', 'scipy', 'rich', 'flask', 'granian', 'graph.build'}\n"
        "sys.exit(repr(sorted(heavy & sys.modules.keys())) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# Exit codes: (arguments, code, what standard error says)

CASES: list[tuple[list[str], int, str]] = [
    ([], USAGE, "Usage: partnergraph"),
    (["nothing"], USAGE, "Error: No such command 'nothing'; 'partnergraph --help' lists them\n"),
    (["serv"], USAGE, "Error: No such command 'serv'; near it: serve, search\n"),
    (["--serve"], USAGE, "No such option"),
    (["ask", "partner-count"], USAGE, "Error: No such question 'partner-count'; near it: partner-counts"),
    (["ask", "xyzzy"], USAGE, "Error: No such question 'xyzzy'; 'partnergraph ask' lists them\n"),
    (["query"], USAGE, "give the query in a FILE"),
    (["query", "-", "-e", "ASK {}"], USAGE, "give the query in a FILE"),
    (["query", "-e", " \n"], USAGE, "the query is empty"),
    (["query", "missing.rq"], USAGE, "does not exist"),
    (["query", "-e", "ASK {}", "--timeout", "0"], USAGE, "--timeout"),
    (["query", "-e", "ASK {}", "--memory", "1"], USAGE, "--memory"),
    (["query", "-e", "ASK {}", "--format", "csv"], USAGE, "these can: table, json, xml"),
    (["query", "-e", NOTHING, "--format", "turtle"], USAGE, "these can: table, json, xml, csv, tsv"),
    (["query", "-e", "DESCRIBE <x:x>", "--format", "csv"], USAGE, "these can: table, turtle"),
    (["query", "-e", "ASK { ?s a pe:Partner }"], 0, ""),
    (["query", "-e", "ASK { ?s a pe:Nothing }"], NOT_CONFORM, ""),
    (["query", "-e", "SELECT * FROM <x:no> { ?s ?p ?o }"], COULD_NOT_RUN, "there is no graph <x:no>"),
    (["query", "-e", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"], COULD_NOT_RUN, "SERVICE"),
    (["query", "-e", "INSERT DATA { <x:a> <x:b> <x:c> }"], COULD_NOT_RUN, "read-only"),
    (["query", "-e", ENDLESS, "--timeout", "0.3"], COULD_NOT_RUN, "longer than 0.3 s; --timeout"),
    (["search"], USAGE, "Missing argument"),
    (["search", "equinix"], 0, ""),
    (["search", "equinx"], NOT_CONFORM, "nothing is called 'equinx'; near it: Equinix"),
    (["search", "--kind", "location", "cinia"], NOT_CONFORM, "nothing of the kind location is called 'cinia'"),
    (["search", "--kind", "firm", "equinix"], USAGE, "'firm' is not one of"),
    (["search", "--limit", "0", "equinix"], USAGE, "--limit"),
    (["search", '"'], NOT_CONFORM, "nothing is called"),
    (["describe", "organization/equinix"], 0, ""),
    (["describe", "pe:Partner"], 0, ""),
    (["describe", "organization/nobody"], NOT_CONFORM, "nothing is said of <https://"),
    (["describe", "organization/nobody", "--format", "turtle"], NOT_CONFORM, "nothing is said about <https://"),
    (["describe", "nonsense"], USAGE, "neither prefix:name"),
    (["why", "organization/equinix", "pe:peersAt", "location/amsterdam"], 0, ""),
    (["why", "organization/equinix", "pe:peersAt", "location/atlantis"], NOT_CONFORM, "no source says <https://"),
    (["why", "nonsense", "pe:peersAt", "location/amsterdam"], USAGE, "'SUBJECT'"),
    (["why", "organization/equinix", "pe:peersAt", "nonsense"], USAGE, "in double quotes, as in N-Triples"),
    (["export", "--graph", "nowhere"], NOT_CONFORM, f"there is no graph <{GRAPH}nowhere>"),
    (["export", "--graph", "x: y"], USAGE, "--graph"),
    (["export", "--entity", "organization/nobody"], NOT_CONFORM, "nothing is said about <https://"),
    (["export", "--entity", "nonsense"], USAGE, "'--entity'"),
    (["export", "--graph", "seed", "--room", "shapes"], USAGE, "give one"),
    (["export", "-o", "graph.doc"], USAGE, "none of .ttl"),
    (["export", "-o", "nowhere/graph.ttl"], COULD_NOT_RUN, "there is no folder nowhere"),
    (["export", "-o", "graph.ttl", "--overwrite"], USAGE, "--overwrite is for a folder"),
    (["export", "-o", "turtle", "--pack", "gzip"], USAGE, "--pack is for a document"),
    (["analyse", "nothing"], USAGE, "'nothing' is none of"),
    (["analyse", "provider-location", "nothing"], USAGE, "'nothing' is none of degree"),
    (["analyse", "provider-location", "degree", "--limit", "0"], USAGE, "--limit"),
    (["analyse", "--path", "organization/cinia", "organization/equinix"], 0, ""),
    (["analyse", "--path", "organization/cinia", "organization/cinia"], NOT_CONFORM, "they are the same"),
    (["analyse", "--path", "organization/cinia", "organization/nobody"], NOT_CONFORM, "nothing is said of <https://"),
    (["analyse", "publisher-category", "--path", "organization/cinia", "organization/equinix"], NOT_CONFORM,
     "nothing joins them in publisher-category"),
    (["analyse", "--path", "nonsense", "organization/cinia"], USAGE, "'--path'"),
    (["analyse", "--path", "organization/cinia", "organization/equinix", "--single-points"], USAGE, "one at a time"),
    (["analyse", "provider-location", "--single-points"], USAGE, "leave NETWORK out"),
    (["analyse", "--format", "graphml"], USAGE, "graphml is of one NETWORK"),
    (["analyse", "provider-location", "degree", "--format", "graphml"], USAGE, "one at a time"),
    (["validate", "missing.ttl"], USAGE, "does not exist"),
    (["load"], USAGE, "Missing argument"),
    (["load", "missing.ttl"], USAGE, "does not exist"),
    (["load", __file__], COULD_NOT_RUN, "the suffix '.py' is none of .ttl"),
    (["load", str(EXAMPLE / "resellers.ttl"), "--graph", "no iri"], USAGE, "'--graph'"),
    (["import", str(EXAMPLE / "resellers.csv")], USAGE, "Missing option"),
    (["build", "--facts", "missing/"], USAGE, "does not exist"),
    (["serve", "--port", "many"], USAGE, "'many' is not a whole number"),
    (["serve", "--port", "65536"], USAGE, "65536 is not 1 to 65535"),
    (["serve", "--timeout", "nan"], USAGE, "nan is not 0.01 or more"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "code", "said"), CASES, ids=[" ".join(args)[:60] for args, _, _ in CASES])
def test_exit_codes(args: list[str], code: int, said: str, run: Run) -> None:
    result = run(*args)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    if code == 0:
        assert result.stdout
        assert not result.stderr
    elif args[:1] != ["query"] or code != NOT_CONFORM:  # an empty answer is an answer
        assert not result.stdout
    if code == COULD_NOT_RUN or (code == NOT_CONFORM and result.stderr):
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1


READERS = [
    ["query", "-e", "ASK {}"],
    ["search", "x"],
    ["describe", "pe:Partner"],
    ["why", "pe:a", "pe:b", "pe:c"],
    ["export"],
    ["analyse"],
    ["validate"],
]


@pytest.mark.parametrize("args", READERS, ids=lambda args: args[0])
def test_a_data_directory_without_a_graph_says_what_makes_one(args: list[str], tmp_path: Path) -> None:
    result = invoke(args, tmp_path / "none")
    assert result.exit_code == COULD_NOT_RUN
    said = f"Error: {tmp_path / 'none'}: nothing is published here; 'partnergraph build' makes a graph\n"
    assert result.stderr == said


@pytest.mark.parametrize("name", ["build", "load", "import"])
def test_a_data_directory_that_cannot_be_written(name: str, tmp_path: Path, second_facts: Path) -> None:
    """A directory below a file: nobody may write there, not even root."""
    (tmp_path / "file").write_text("")
    args = {
        "build": ["build", "--facts", second_facts],
        "load": ["load", EXAMPLE / "resellers.ttl"],
        "import": importing("resellers.csv"),
    }[name]
    result = invoke(args, tmp_path / "file" / "data")
    assert result.exit_code == COULD_NOT_RUN
    assert result.stderr.startswith(f"Error: {tmp_path / 'file' / 'data'}")
    assert len(result.stderr.splitlines()) == 1


def test_the_data_directory_may_be_an_option_or_a_variable(data: DataDirectory, tmp_path: Path) -> None:
    assert invoke(["search", "equinix", "--data-dir", data.path], tmp_path / "none").exit_code == 0


# query -----------------------------------------------------------------------------------------------

SELECT = "SELECT ?name { <https://w3id.org/partner-ecosystem/id/organization/equinix> rdfs:label ?name }"
CONSTRUCT = "CONSTRUCT { ?s a pe:Program } WHERE { ?s a pe:Program }"


def test_select_in_every_format(run: Run) -> None:
    def answer(name: str) -> str:
        result = run("query", "--format", name, "-e", SELECT)
        assert result.exit_code == 0, result.stderr
        assert result.stdout.endswith("\n")
        return result.stdout

    assert answer("table") == "name\nEquinix\n"
    assert [r["name"]["value"] for r in json.loads(answer("json"))["results"]["bindings"]] == ["Equinix"]
    assert "<literal>Equinix</literal>" in answer("xml")
    assert list(csv.reader(io.StringIO(answer("csv")))) == [["name"], ["Equinix"]]
    assert answer("tsv") == '?name\n"Equinix"\n'


@pytest.mark.parametrize("row", formats.GRAPH_FORMATS, ids=lambda row: row.name)
def test_construct_in_every_format(run: Run, row: formats.Format) -> None:
    result = run("query", "--format", row.name, "-e", CONSTRUCT)
    assert result.exit_code == 0
    assert row.rdf is not None
    found = {quad.triple for quad in parse(result.stdout_bytes, format=row.rdf)}
    assert len(found) > 1
    if row is formats.TURTLE:
        assert run("query", "-e", CONSTRUCT).stdout == result.stdout


@pytest.mark.parametrize("name", ["table", *(row.name for row in formats.SOLUTION_FORMATS)])
def test_a_select_without_solutions_is_a_whole_answer_and_exit_code_1(run: Run, name: str) -> None:
    result = run("query", "--format", name, "-e", NOTHING)
    assert (result.exit_code, result.stderr) == (NOT_CONFORM, "")
    assert "s" in result.stdout


@pytest.mark.parametrize("row", formats.GRAPH_FORMATS, ids=lambda row: row.name)
def test_a_construct_without_statements_is_a_whole_answer_and_exit_code_1(run: Run, row: formats.Format) -> None:
    result = run("query", "--format", row.name, "-e", "CONSTRUCT WHERE { ?s a pe:Nothing }")
    assert result.exit_code == NOT_CONFORM
    assert row.rdf is not None
    assert list(parse(result.stdout_bytes, format=row.rdf)) == []


@pytest.mark.parametrize(("name", "yes", "no"), [
    ("table", "yes\n", "no\n"),
    ("json", '{"head":{},"boolean":true}\n', '{"head":{},"boolean":false}\n'),
])  # fmt: skip
def test_ask(run: Run, name: str, yes: str, no: str) -> None:
    assert run("query", "--format", name, "-e", "ASK { ?s a pe:Partner }").stdout == yes
    result = run("query", "--format", name, "-e", "ASK { ?s a pe:Nothing }")
    assert (result.stdout, result.exit_code) == (no, NOT_CONFORM)


def test_a_row_that_is_one_unbound_cell_is_a_row(run: Run) -> None:
    result = run("query", "--format", "csv", "-e", "SELECT ?x { OPTIONAL { ?s a pe:Nothing . BIND (1 AS ?x) } }")
    assert (result.exit_code, result.stdout.splitlines()) == (0, ["x", ""])


def test_a_query_from_a_file_or_standard_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("\ufeff" + SELECT, encoding="utf-8")
    expected = run("query", "-e", SELECT).stdout
    assert run("query", tmp_path / "q.rq").stdout == expected
    assert run("query", "-", stdin=SELECT).stdout == expected
    bad = run("query", "-", stdin=b"ASK { ?s ?p '\xff' }")
    assert (bad.exit_code, bad.stderr) == (COULD_NOT_RUN, "Error: -: not UTF-8 at byte 13\n")


def test_a_malformed_query_shows_its_line_a_caret_and_a_hint(run: Run) -> None:
    result = run("query", "-e", "SELECT ?s\n{ ?s a pe:Partner")
    assert result.exit_code == COULD_NOT_RUN
    head, line, caret, hint = result.stderr.splitlines()
    assert head.startswith("Error: the query is malformed at line ")
    assert caret.strip() == "^"
    assert "{ ?s a pe:Partner" in line
    assert hint == "  hint: 1 '}' missing: there are 1 '{' and 0 '}'"


def test_show_prints_a_query_that_any_client_can_run(run: Run, tmp_path: Path) -> None:
    shown = run("query", "--show", "-e", SELECT).stdout
    assert shown == f"PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n{SELECT}\n"
    assert invoke(["query", "--show", "-e", SELECT], tmp_path).stdout == shown  # and needs no graph


def test_several_from_are_one_graph(run: Run) -> None:
    """The engine alone counts a statement twice that stands in two default graphs."""
    graphs = ["expressroute-locations", "expressroute-indirect"]
    ask = "SELECT (COUNT(*) AS ?n) {} {{ <https://w3id.org/partner-ecosystem/id/organization/equinix> a pe:Partner }}"
    both = " ".join(f"FROM <{GRAPH}{name}>" for name in graphs)
    for clause in (f"FROM <{GRAPH}{graphs[0]}>", f"FROM <{GRAPH}{graphs[1]}>", both):
        assert run("query", "-e", ask.format(clause)).stdout == "n\n1\n"


# search, describe, why ---------------------------------------------------------------------------------


def test_search_prints_rows_in_every_format(run: Run) -> None:
    whole = "https://w3id.org/partner-ecosystem/id/organization/equinix"
    row = ["Equinix", "organization", "label: Equinix", whole]
    for name, delimiter in (("table", "\t"), ("tsv", "\t"), ("csv", ",")):
        lines = list(csv.reader(io.StringIO(run("search", "equinix", "--format", name).stdout), delimiter=delimiter))
        assert lines[:2] == [["label", "kind", "matched", "iri"], row]
    assert list(json.loads(run("search", "equinix", "--format", "json").stdout)[0].values()) == row


def test_search_folds_case_and_accents_and_keeps_to_a_kind_and_a_limit(run: Run, second_data: DataDirectory) -> None:
    assert "Quillfeather & Söhne" in invoke(["search", "quillfeather", "SOHNE"], second_data).stdout
    found = json.loads(run("search", "a", "--kind", "location", "--limit", "3", "--format", "json").stdout)
    assert [row["kind"] for row in found] == ["location"] * 3


def test_describe_says_where_a_category_names_nobody(run: Run) -> None:
    assert run("describe", "category/vendor").stderr == "No organisation is named in this category.\n"
    assert run("describe", "category/systems-integrator").stderr == ""


def test_describe_names_the_sources_and_prints_a_graph(run: Run) -> None:
    lines = [line.split("\t") for line in run("describe", "organization/equinix").stdout.splitlines()]
    assert lines[0] == ["property", "value", "stated in"]
    assert ["name", "Equinix", "register"] in lines
    turtle = run("describe", "organization/equinix", "--format", "turtle").stdout
    assert turtle == run("export", "--entity", "organization/equinix").stdout
    assert turtle.startswith("@prefix")


def test_why_names_file_row_and_cells(run: Run) -> None:
    args = ["why", "observation/seed-partners", "pe:value", '"640000"^^xsd:integer', "--format", "json"]
    [row] = [row for row in json.loads(run(*args).stdout) if row["graph"] == GRAPH + "seed"]
    assert (row["file"], row["published by"]) == ("seed/facts.tsv", "Wikipedia")
    assert "value=640000" in row["the row says"]
    assert int(row["row"]) > 0


# export ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", formats.GRAPH_FORMATS, ids=lambda row: row.name)
def test_the_suffix_of_the_file_says_the_format(
    second_data: DataDirectory, tmp_path: Path, row: formats.Format
) -> None:
    target = tmp_path / f"graph{row.suffix}"
    assert invoke(["export", "-o", target], second_data).exit_code == 0
    assert target.read_bytes() == invoke(["export", "--format", row.name], second_data).stdout_bytes
    assert row.rdf is not None
    assert sum(1 for _ in parse(path=str(target), format=row.rdf)) > 100
    assert [path.name for path in tmp_path.iterdir()] == [target.name]  # nothing half written is left


def test_a_file_is_packed_as_its_suffix_or_the_option_says(second_data: DataDirectory, tmp_path: Path) -> None:
    plain = invoke(["export", "--format", "trig"], second_data).stdout_bytes
    assert invoke(["export", "-o", tmp_path / "graph.trig.gz"], second_data).exit_code == 0
    assert gzip.decompress((tmp_path / "graph.trig.gz").read_bytes()) == plain
    assert gzip.decompress(invoke(["export", "--format", "trig", "--pack", "gzip"], second_data).stdout_bytes) == plain
    invoke(["export", "--room", "shapes", "-o", tmp_path / "shapes.ttl.zst"], second_data)
    assert (tmp_path / "shapes.ttl.zst").read_bytes()[:4] == b"\x28\xb5\x2f\xfd"  # the mark of a zstd frame (RFC 8878)
    assert invoke(["export", "-o", tmp_path / "graph.doc.gz"], second_data).exit_code == USAGE


def test_format_wins_over_the_suffix(second_data: DataDirectory, tmp_path: Path) -> None:
    invoke(["export", "--format", "ntriples", "-o", tmp_path / "graph.txt"], second_data)
    assert list(parse(path=str(tmp_path / "graph.txt"), format=RdfFormat.N_TRIPLES))


def test_parts(second_data: DataDirectory) -> None:
    by_slug = invoke(["export", "--graph", "umbra-directory"], second_data).stdout
    assert by_slug == invoke(["export", "--graph", GRAPH + "umbra-directory"], second_data).stdout
    assert "Brontide" in by_slug
    assert "owl:Class" in invoke(["export", "--room", "ontology"], second_data).stdout
    assert "sh:NodeShape" in invoke(["export", "--room", "shapes"], second_data).stdout


def test_help_says_which_formats_keep_who_said_what(second_data: DataDirectory) -> None:
    told = " ".join(invoke(["export", "--help"], second_data).stdout.split())
    [union] = re.findall(r"Formats for one graph \(([a-z, ]+)\) hold the union", told)
    assert set(union.split(", ")) == {row.name for row in formats.GRAPH_FORMATS if not row.quads}
    assert "and, but with --entity, jsonld" in told
    for args, named in (([], True), (["--entity", "pe:Partner"], False)):
        document = invoke(["export", "--format", "jsonld", *args], second_data).stdout_bytes
        found = list(parse(document, format=RdfFormat.JSON_LD))
        assert found
        assert any(isinstance(quad.graph_name, NamedNode) for quad in found) is named


def test_rooms_need_no_graph(tmp_path: Path) -> None:
    assert invoke(["export", "--room", "shapes"], tmp_path / "none").exit_code == 0


def test_a_folder_has_a_file_a_source_and_is_not_overwritten_unasked(
    second_data: DataDirectory, tmp_path: Path
) -> None:
    folder = tmp_path / "turtle"
    said = invoke(["export", "-o", folder], second_data).stdout
    files = {path.name for path in folder.iterdir()}
    assert {"umbra-directory.ttl", "shapes.ttl", "ontology.ttl", "catalogue.ttl", "index.tsv"} <= files
    assert all(f"{name}\t" in said for name in files - {"index.tsv"})
    (folder / "shapes.ttl").write_text("mine")
    (folder / "notes.txt").write_text("mine")
    refused = invoke(["export", "-o", folder], second_data)
    assert refused.exit_code == COULD_NOT_RUN
    assert refused.stderr == f"Error: {folder} is not empty: name another folder, or say --overwrite\n"
    assert (folder / "shapes.ttl").read_text() == "mine"
    assert invoke(["export", "-o", folder, "--overwrite"], second_data).exit_code == 0
    assert (folder / "shapes.ttl").read_text() != "mine"
    assert (folder / "notes.txt").read_text() == "mine"
    assert invoke(["export", "-o", folder, "--graph", "umbra-directory"], second_data).exit_code == USAGE


def test_a_file_appears_only_whole(second_data: DataDirectory, tmp_path: Path) -> None:
    """Where the disk is full half-way (here: a file may not grow past 4 KiB), what was there stays."""
    target = tmp_path / "graph.ttl"
    target.write_text("old")

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [SCRIPT, "export", "--data-dir", second_data.path, "-o", target],
        capture_output=True, text=True, preexec_fn=small, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (COULD_NOT_RUN, "Error: File too large\n")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["graph.ttl"]


# analyse -----------------------------------------------------------------------------------------------


def test_networks_and_what_one_measures(run: Run) -> None:
    rows = json.loads(run("analyse", "--format", "json").stdout)
    assert {"provider-location", "provider-via-provider"} <= {row["network"] for row in rows}
    summary = dict(line.split("\t") for line in run("analyse", "provider-location").stdout.splitlines()[1:])
    listed = next(row for row in rows if row["network"] == "provider-location")
    assert (summary["nodes"], summary["edges"]) == (str(listed["nodes"]), str(listed["edges"]))
    for measure in summary["measures"].split(", "):
        shown = run("analyse", "provider-location", measure, "--limit", "2", "--format", "json").stdout
        first, second = json.loads(shown)
        assert first["rank"] <= second["rank"]


def test_a_path_is_explained_edge_by_edge(run: Run) -> None:
    args = ["analyse", "--path", "organization/cinia", "organization/equinix", "--format", "json"]
    [step] = json.loads(run(*args).stdout)
    assert step == {"from": "Cinia", "by": "connects via", "to": "Equinix", "stated in": "expressroute-indirect"}


def test_single_points(run: Run) -> None:
    lines = run("analyse", "--single-points", "--format", "csv").stdout.splitlines()
    assert lines[0] == "what,who,hangs on"
    assert {"one provider", "one way in"} <= {line.partition(",")[0] for line in lines}


def test_graphml_is_read_by_networkx(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "n.graphml"
    assert run("analyse", "provider-location", "-o", target).exit_code == 0
    graph = nx.read_graphml(target)
    rows = json.loads(run("analyse", "--format", "json").stdout)
    expected = next(row for row in rows if row["network"] == "provider-location")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (expected["nodes"], expected["edges"])
    assert run("analyse", "provider-location", "--format", "graphml").stdout_bytes == target.read_bytes()


@pytest.mark.parametrize(
    ("args", "columns", "noted"),
    [
        (["provider-location", "communities"], ["community", "members", "of one source", "first members"], "networks"),
        (["provider-location", "suggestions"], ["source", "target", "score", "because of", "kind"], "no source states"),
        (["all-sources", "whole"], ["figure", "value", "meaning"], "mirror the sources"),
        (["--without", "organization/equinix"], ["who", "what", "steps", "network", "iri"], ""),
        (["--like", "organization/equinix"], ["who", "score", "share of ties in common", "because of", "iri"], "alike"),
        (["--white-space"], ["category", "product", "place", "partners", "expected"], "gap in the lists"),
    ],
)
def test_reports_say_with_what_they_must_be_read(run: Run, args: list[str], columns: list[str], noted: str) -> None:
    result = run("analyse", *args, "--format", "csv")
    assert result.exit_code == 0
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == columns
    assert len(rows) > 1
    assert noted in result.stderr


def test_a_network_in_other_formats_and_as_a_picture(run: Run, tmp_path: Path) -> None:
    edges = list(csv.DictReader(io.StringIO(run("analyse", "provider-location", "--format", "edges").stdout)))
    links = json.loads(run("analyse", "provider-location", "--format", "node-link").stdout)["links"]
    assert len(edges) == len(links) > 0
    for args in (["provider-location"], ["provider-location", "robustness"]):
        assert run("analyse", *args, "-o", tmp_path / "n.svg").exit_code == 0
        assert (tmp_path / "n.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.long
def test_the_published_analysis_is_checked(run: Run) -> None:
    result = run("analyse", "--check", "--format", "json")
    assert result.exit_code == 0
    found = {row["what"]: row["value"] for row in json.loads(result.stdout)}
    assert found["agrees"] == "yes"
    assert found["digest of the facts"] == found["digest of the facts analysed"] != found["digest of the analysis"]


@pytest.mark.parametrize("name", ["json", "csv", "tsv"])
def test_rows_in_a_file_by_its_suffix(run: Run, tmp_path: Path, name: str) -> None:
    target = tmp_path / f"networks.{name}"
    run("analyse", "-o", target)
    assert target.read_text(encoding="utf-8") == run("analyse", "--format", name).stdout


def test_rows_text_quotes_what_would_break_a_row() -> None:
    header, rows = ["a", "b"], [["x, y", 'say "z"'], ["line\nbreak", None]]
    assert list(csv.reader(io.StringIO(rows_text(header, rows, "csv")))) == [header, rows[0], ["line\nbreak", ""]]
    assert json.loads(rows_text(header, rows, "json"))[1] == {"a": "line\nbreak", "b": None}


# validate ----------------------------------------------------------------------------------------------

PREFIXED = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix x: <x:> .\n"
SHAPES = PREFIXED + "x:shape a sh:NodeShape ; sh:targetClass x:Thing ; sh:property [ sh:path x:p ; sh:minCount 1 ] .\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Files to judge, and shapes to judge them by."""
    texts = {
        "good.ttl": PREFIXED + "x:a a x:Thing ; x:p 1 .\n",
        "bad.ttl": PREFIXED + "x:a a x:Thing .\n",
        "shapes.ttl": SHAPES,
        "broken.ttl": "this is no Turtle",
        "empty.ttl": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name: tmp_path / name for name in texts}


def test_the_live_graph_conforms(second_data: DataDirectory) -> None:
    result = invoke(["validate", "--format", "json"], second_data)
    assert result.exit_code == 0
    assert result.stderr.startswith("conforms: 0 violations")
    report = json.loads(result.stdout)
    assert report["conforms"] is True
    assert len(report["findings"]) == sum(report["counts"].values())
    assert {f["severity"] for f in report["findings"]} <= {"warning", "info"}
    assert not [f for f in report["findings"] if (f["path"] or "").startswith("_:")]


def test_a_violation_is_exit_code_1(files: dict[str, Path], second_data: DataDirectory) -> None:
    """By the project's shapes first, then by shapes of one's own."""
    invalid = Path(__file__).parent / "data" / "shapes" / "entity-label.invalid.ttl"
    assert invoke(["validate", invalid], second_data).exit_code == NOT_CONFORM
    args = ["validate", "--shapes", files["shapes.ttl"]]
    assert invoke([*args, files["good.ttl"]], second_data).exit_code == 0
    bad = invoke([*args, files["bad.ttl"]], second_data)
    assert bad.exit_code == NOT_CONFORM
    assert bad.stderr == "does not conform: 1 violation, 0 warnings, 0 infos\n"
    assert bad.stdout.splitlines()[1].startswith("violation\t<x:a>\t<x:p>\t")


def test_the_report_as_turtle_is_a_shacl_report(files: dict[str, Path], tmp_path: Path) -> None:
    result = invoke(["validate", files["bad.ttl"], "--shapes", files["shapes.ttl"], "--format", "turtle"], tmp_path)
    assert result.exit_code == NOT_CONFORM
    types = {str(quad.object) for quad in parse(result.stdout, format=RdfFormat.TURTLE)}
    assert "<http://www.w3.org/ns/shacl#ValidationReport>" in types


MINE = r"""@prefix pe: <https://w3id.org/partner-ecosystem/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix category: <https://w3id.org/partner-ecosystem/id/category/> .
<x:mine> a pe:Partner ; rdfs:label 'A "firm"\nada@sutland.example' ; pe:category category:vendor , category:none .
"""


@pytest.mark.parametrize("form", ["json", "turtle"])
def test_findings_on_a_file_are_about_it_and_not_about_the_vocabulary_beside_it(tmp_path: Path, form: str) -> None:
    (tmp_path / "mine.ttl").write_text(MINE, encoding="utf-8")
    result = invoke(["validate", tmp_path / "mine.ttl", "--format", form], tmp_path)
    assert result.exit_code == NOT_CONFORM
    if form == "json":
        focus = {row["focus"] for row in json.loads(result.stdout)["findings"]}
    else:
        at = "http://www.w3.org/ns/shacl#focusNode"
        focus = {str(q.object) for q in parse(result.stdout, format=RdfFormat.TURTLE) if q.predicate.value == at}
    assert len(focus) == 2 and "<x:mine>" in focus
    assert any("ada@sutland.example" in node for node in focus), "a text of two lines is one of the file's own"


@pytest.mark.parametrize(("data_file", "shapes_file", "said"), [
    ("broken.ttl", "shapes.ttl", "broken.ttl: "),
    ("good.ttl", "broken.ttl", "broken.ttl: "),
    ("bad.ttl", "empty.ttl", "no sh:NodeShape or sh:PropertyShape in"),
])  # fmt: skip
def test_what_cannot_be_judged_is_exit_code_3(
    files: dict[str, Path], tmp_path: Path, data_file: str, shapes_file: str, said: str
) -> None:
    """Shapes that hold no shape would let everything pass."""
    result = invoke(["validate", files[data_file], "--shapes", files[shapes_file]], tmp_path)
    assert (result.exit_code, said in result.stderr) == (COULD_NOT_RUN, True), result.stderr


# build, load, import -----------------------------------------------------------------------------------


def importing(table: str, *more: str) -> list[str | Path]:
    mapping, description = EXAMPLE / "resellers.rq", EXAMPLE / "resellers.ttl"
    return ["import", EXAMPLE / table, *more, "--mapping", mapping, "--source", description]


def test_build_tells_what_became_of_the_rows(tmp_path: Path, second_facts: Path) -> None:
    result = invoke(["build", "--facts", second_facts], tmp_path / "new")
    assert result.exit_code == 0
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in result.stdout.splitlines() if "\t" in line}
    assert set(rows) == {"source", "umbra-directory", "umbra-exchanges"}
    total, mapped, rejected, left_out = map(int, rows["umbra-directory"])
    assert total == mapped + rejected + left_out
    assert left_out == 1
    live = DataDirectory(tmp_path / "new").current()
    assert f"published {live.id}: {live.manifest.triples} triples" in result.stdout


def test_build_of_a_folder_without_sources(tmp_path: Path, mine: DataDirectory) -> None:
    before = mine.current_id()
    (tmp_path / "empty").mkdir()
    result = invoke(["build", "--facts", tmp_path / "empty"], mine)
    assert result.exit_code == COULD_NOT_RUN
    assert "no folder with a mapping.rq in it" in result.stderr
    assert mine.current_id() == before


def test_build_and_import_say_which_changes_they_leave_behind(
    mine: DataDirectory, second_facts: Path, tmp_path: Path
) -> None:
    built = mine.current().id
    committer = Committer(mine, 1024, 60.0)
    for name in "ab":
        text = f"INSERT DATA {{ GRAPH <{GRAPH}mine> {{ <x:{name}> <x:says> 'it' }} }}".encode()
        committer.commit([Asked(Request("update", text))])[0].result()
    committer.close()
    live = mine.current().id
    warned = (f"Warning: building from facts leaves behind 2 written changes of the live version {live}; 'partnergraph "
              f"log' lists them, 'partnergraph revert {live}' brings that version back\n")  # fmt: skip
    assert invoke(importing("resellers.csv", "--dry-run"), mine).stderr == warned
    assert invoke(["revert", built], mine).exit_code == 0
    assert invoke(importing("resellers.csv", "--dry-run"), mine).stderr == ""  # nothing is left of them
    assert invoke(["revert", live], mine).exit_code == 0
    (tmp_path / "empty").mkdir()
    refused = invoke(["build", "--facts", tmp_path / "empty"], mine)
    assert "leaves behind 4 written changes" in refused.stderr  # going back and forth is written too
    assert invoke(["build", "--facts", second_facts], mine).stderr.startswith("Warning: building from facts")
    assert live in mine.versions()
    assert invoke(importing("resellers.csv", "--dry-run"), mine).stderr == ""


def test_load_takes_the_place_of_the_live_graph(mine: DataDirectory, tmp_path: Path) -> None:
    before = mine.current_id()
    dump = tmp_path / "dump.nq"
    dump.write_bytes(invoke(["export", "--format", "nquads"], mine).stdout_bytes)
    result = invoke(["load", dump], mine)
    assert result.exit_code == 0, result.stderr
    assert mine.current_id() != before
    assert before in mine.versions()
    assert invoke(["export", "--format", "nquads"], mine).stdout_bytes == dump.read_bytes()
    refused = invoke(importing("resellers.csv"), mine)
    assert refused.exit_code == COULD_NOT_RUN
    assert "'partnergraph build' first" in refused.stderr


def test_load_of_a_file_that_is_no_rdf_leaves_the_live_graph(mine: DataDirectory, files: dict[str, Path]) -> None:
    before = mine.current_id()
    result = invoke(["load", files["good.ttl"], files["broken.ttl"]], mine)
    assert result.exit_code == COULD_NOT_RUN
    assert str(files["broken.ttl"]) in result.stderr
    assert mine.current_id() == before


def test_load_of_what_breaks_a_shape_leaves_the_live_graph(mine: DataDirectory, tmp_path: Path) -> None:
    before = mine.current_id()
    shapes = Path(__file__).parent / "data" / "shapes"
    result = invoke(["load", shapes / "entity-label.invalid.ttl", "--graph", GRAPH + "mine"], mine)
    assert result.exit_code == NOT_CONFORM
    assert "the data breaks its shapes; nothing was published" in result.stderr
    assert mine.current_id() == before


def test_a_dry_run_tells_what_the_shapes_doubt_in_what_it_speaks_of(mine: DataDirectory, tmp_path: Path) -> None:
    text = (EXAMPLE / "resellers.ttl").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if "pe:bias" not in line]
    (tmp_path / "resellers.ttl").write_text("".join(lines), encoding="utf-8")
    told = {}
    for description in (EXAMPLE / "resellers.ttl", tmp_path / "resellers.ttl"):
        words = ["import", EXAMPLE / "resellers.csv", "--dry-run", "--mapping", EXAMPLE / "resellers.rq"]
        result = invoke([*words, "--source", description], mine)
        assert result.exit_code == 0
        told[description] = [line for line in result.stdout.splitlines() if line.startswith("  warning: ")]
    assert [len(lines) for lines in told.values()] == [0, 1]
    assert told[tmp_path / "resellers.ttl"][0].endswith("Add pe:bias.")


FOREIGN = [
    ("graph:azure-government dcterms:license <x:mit> .", "it describes a graph and its documents"),
    ("graph:azure-government a pe:Source ; dcterms:publisher id:x .", "it must describe one named graph"),
    ("source:expressroute-locations-page a pe:Source ; dcterms:license <x:mit> .", "may be repeated, not changed"),
    ("organization:equinix pe:category category:reseller .", "comes from its table"),
]


@pytest.mark.parametrize(("words", "why"), FOREIGN, ids=[why for _, why in FOREIGN])
def test_an_imported_description_speaks_of_its_own_graph(
    data: DataDirectory, tmp_path: Path, words: str, why: str
) -> None:
    """Else the terms of others' tables could be written anew."""
    text = (EXAMPLE / "resellers.ttl").read_text(encoding="utf-8")
    names = "".join(f"@prefix {one}: <{THING}{one}/> .\n" for one in ("source", "organization", "category"))
    text += f"{names}@prefix graph: <{GRAPH}> .\n@prefix id: <{THING}> .\n{words}\n"
    (tmp_path / "resellers.ttl").write_text(text, encoding="utf-8")
    words_ = ["import", EXAMPLE / "resellers.csv", "--dry-run", "--mapping", EXAMPLE / "resellers.rq"]
    result = invoke([*words_, "--source", tmp_path / "resellers.ttl"], data.path)
    assert (result.exit_code, why in result.stderr) == (COULD_NOT_RUN, True), result.stderr


def test_a_dry_run_publishes_and_keeps_nothing(mine: DataDirectory) -> None:
    before = mine.current_id(), mine.versions()
    result = invoke(importing("resellers.csv", "--dry-run"), mine)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "resellers.csv as resellers: 3 rows, 3 mapped, 0 rejected, 0 left out",
        "  column remark: no mapping reads it",
        "dry run: it conforms; nothing was published",
    ]
    assert (mine.current_id(), mine.versions()) == before
    assert not (mine.path / "sources").exists()


@pytest.mark.parametrize("dry", [True, False], ids=["dry run", "import"])
@pytest.mark.parametrize(("table", "said"), [
    ("broken.csv", ["row 1, column since: f:literal: 'in 2016' is no xsd:gYearMonth",
                    "row 2: has 6 cells where the header has 7 columns"]),
    ("unknown.csv", ["resellers unknown.csv row 1: The value is not a pe:PartnerCategory."]),
])  # fmt: skip
def test_a_broken_table_publishes_nothing(mine: DataDirectory, table: str, said: list[str], dry: bool) -> None:
    before = mine.current_id()
    result = invoke(importing(table, *(["--dry-run"] if dry else [])), mine)
    assert result.exit_code == NOT_CONFORM
    for fault in said:
        assert result.output.count(fault) == 1
    assert mine.current_id() == before
    assert not (mine.path / "sources").exists()


@pytest.mark.long
def test_an_imported_source_survives_a_build_and_can_be_replaced(
    mine: DataDirectory, second_facts: Path, tmp_path: Path
) -> None:
    assert invoke(importing("resellers.csv"), mine).exit_code == 0
    ask = ["why", "organization/angstrom-data", "pe:category", "category/reseller", "--format", "json"]
    [row] = json.loads(invoke(ask, mine).stdout)
    assert (row["graph"], row["row"]) == (GRAPH + "resellers", "2")
    assert invoke(["search", "angstrom"], mine).exit_code == 0
    digest = mine.current().manifest.digest
    assert invoke(["build", "--facts", second_facts], mine).exit_code == 0
    assert mine.current().manifest.digest == digest
    # Again, shorter and with tabs: the older table must not come back.
    lines = (EXAMPLE / "resellers.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "resellers.tsv").write_text("\n".join([lines[0], lines[3]]).replace(",", "\t") + "\n", encoding="utf-8")
    again = importing("resellers.csv")
    again[1] = tmp_path / "resellers.tsv"
    assert invoke(again, mine).exit_code == 0
    assert invoke(ask, mine).exit_code == NOT_CONFORM
    assert invoke(["search", "copperbeech"], mine).exit_code == 0
    kept = sorted(path.name for path in (mine.path / "sources" / "resellers").iterdir())
    assert kept == ["facts.tsv", "mapping.rq", "source.ttl"]


@pytest.mark.parametrize("taken", ["umbra-directory", "catalogue", "rule-metros", "analysis-provider-location"])
def test_a_graph_that_is_there_already_is_not_imported_over(mine: DataDirectory, tmp_path: Path, taken: str) -> None:
    description = tmp_path / "taken.ttl"
    text = (EXAMPLE / "resellers.ttl").read_text(encoding="utf-8")
    description.write_text(text.replace("graph/resellers>", f"graph/{taken}>"), encoding="utf-8")
    args = importing("resellers.csv")
    args[-1] = description
    result = invoke(args, mine)
    assert result.exit_code == COULD_NOT_RUN
    assert f"the graph <{GRAPH}{taken}> is not yours" in result.stderr


def test_a_table_is_csv_or_tsv(mine: DataDirectory, tmp_path: Path) -> None:
    args = importing("resellers.csv")
    args[1] = shutil.copy(EXAMPLE / "resellers.csv", tmp_path / "resellers.xlsx")
    result = invoke(args, mine)
    assert (result.exit_code, "neither .csv nor .tsv" in result.stderr) == (USAGE, True)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_shipped_facts_are_built_and_keep_an_imported_source(tmp_path: Path) -> None:
    assert invoke(importing("resellers.csv"), tmp_path / "data").exit_code == 0  # builds where nothing was built yet
    result = invoke(["build"], tmp_path / "data")
    assert result.exit_code == 0
    assert "resellers\t3\t3\t0\t0" in result.stdout
    assert invoke(["search", "angstrom"], tmp_path / "data").exit_code == 0


# Pipes, signals, terminals -------------------------------------------------------------------------------

PIPES = [
    "partnergraph --help",
    "partnergraph query -e 'SELECT * { ?s ?p ?o }'",
    "partnergraph query --format csv -e 'SELECT * { ?s ?p ?o }'",
    "partnergraph query --format ntriples -e 'CONSTRUCT WHERE { ?s ?p ?o }'",
    "partnergraph search a",
    "partnergraph describe pe:Partner",
    "partnergraph export",
    "partnergraph analyse provider-location degree",
]


@pytest.mark.parametrize("line", PIPES)
def test_a_reader_that_leaves_is_no_error(line: str, second_data: DataDirectory) -> None:
    done = shell(f"{line} | {'head -n 1' if ' -e ' in line else 'true'}", second_data)
    assert done.returncode == 0
    assert all(said.startswith(("Bias: ", "Warning: ")) for said in done.stderr.splitlines())  # of what is printed


@pytest.mark.parametrize("line", ["partnergraph --help", "partnergraph search equinix", "partnergraph export"])
def test_an_output_that_is_full_is_one_line(line: str, second_data: DataDirectory) -> None:
    done = shell(f"{line.replace('equinix', 'brontide')} > /dev/full", second_data)
    assert (done.returncode, done.stderr) == (COULD_NOT_RUN, "Error: No space left on device\n")


def test_a_reader_that_leaves_does_not_hide_a_violation(files: dict[str, Path], tmp_path: Path) -> None:
    line = f"partnergraph validate {files['bad.ttl']} --shapes {files['shapes.ttl']} | true"
    assert shell(line, tmp_path).returncode == NOT_CONFORM


def test_pipes_get_plain_lines_even_where_colour_is_forced(data: DataDirectory) -> None:
    done = shell("FORCE_COLOR=1 CLICOLOR_FORCE=1 partnergraph search equinix", data)
    assert done.stdout.splitlines()[0] == "label\tkind\tmatched\tiri"
    assert "\x1b" not in done.stdout + done.stderr


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def interrupted(words: list[str], begun: Callable[[int], bool], after: float) -> tuple[int, str, str]:
    """Interrupt a command `after` seconds from when it has begun, as a terminal does: it and all that it started.

    `begun` is asked with the process's number. Gives the exit code, the output and the standard error.
    """
    with subprocess.Popen(
        ["env", "--default-signal=INT", SCRIPT, *words],  # a shell starts what it puts in the background deaf to it
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        wait_until(lambda: begun(process.pid))
        time.sleep(after)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def has_a_child(pid: int) -> bool:
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text())


@pytest.mark.parametrize("after", [0, 0.1, 0.6])
def test_ctrl_c_is_silent_and_130(second_data: DataDirectory, after: float) -> None:
    """From the first moment of the worker on: it and the server that forks it must not complain either."""
    words = ["query", "--data-dir", str(second_data.path), "-e", ENDLESS]
    assert interrupted(words, has_a_child, after) == (INTERRUPTED, "", "")


@pytest.mark.parametrize("after", [0.2, 0.6])
@pytest.mark.long
def test_ctrl_c_during_a_build_leaves_the_live_graph(mine: DataDirectory, after: float) -> None:
    """Rows are mapped then. An interrupt within a mapping's function is lost in the engine, and a statement with it."""
    before = mine.current_id()
    lock = mine.path / "LOCK"
    lock.unlink()
    words = ["build", "--data-dir", str(mine.path)]
    assert interrupted(words, lambda _: lock.exists(), after) == (INTERRUPTED, "", "")
    assert mine.current_id() == before
    assert invoke(["search", "brontide"], mine).exit_code == 0


def on_a_terminal(
    words: list[str], data: Path, *, stderr_only: bool = False, columns: int = 100
) -> tuple[int, str, str]:
    """Run a command whose output (or only its standard error) is a terminal: code, terminal, pipe."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PARTNERGRAPH_DATA_DIR": str(data), "TERM": "xterm", "COLUMNS": str(columns)}
    out = subprocess.PIPE if stderr_only else theirs
    process = subprocess.Popen([SCRIPT, *words], stdout=out, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the terminal's other end is closed: the process has ended
            break
    os.close(ours)
    piped = process.stdout.read().decode() if process.stdout else ""
    if process.stdout:
        process.stdout.close()
    return process.wait(timeout=10), shown.decode(), piped


def plain(shown: str) -> str:
    """Give what a terminal shows, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_a_terminal_gets_an_aligned_table(data: DataDirectory) -> None:
    code, shown, _ = on_a_terminal(["search", "equinix"], data.path)
    assert code == 0
    assert "\t" not in shown
    assert "Equinix" in shown
    assert all(len(line) <= 100 for line in plain(shown).splitlines())


@pytest.mark.parametrize("words", [["ask"], ["sources"], ["search", "equinix"], ["log"]], ids=lambda words: words[0])
def test_a_narrow_terminal_folds_what_is_too_long_and_cuts_nothing(
    data: DataDirectory, words: list[str]
) -> None:
    code, shown, _ = on_a_terminal(words, data.path, columns=80)
    assert (code, "…" in shown) == (0, False)
    assert all(len(line) <= 80 for line in plain(shown).splitlines())


@pytest.mark.parametrize("columns", [50, 80, 100, 200])
@pytest.mark.parametrize("line", [
    "sources", "log", "ask", "ask partner-counts", "ask partners-in-category", "search equinix",
    "describe organization/equinix", "why organization/equinix pe:peersAt location/amsterdam",
])  # fmt: skip
def test_a_terminal_folds_no_word_that_it_has_room_for(data: DataDirectory, line: str, columns: int) -> None:
    """Every word of the whole output in a pipe stands on the screen as often, but for those wider than it."""
    piped = Counter(word for row in invoke(line.split(), data).stdout.splitlines()[1:] for word in row.split())
    code, shown, _ = on_a_terminal(line.split(), data.path, columns=columns)
    assert (code, all(len(row) <= columns for row in plain(shown).splitlines())) == (0, True)
    broken = [word for word in piped - Counter(plain(shown).split()) if len(word) <= columns]
    assert broken == []


BROAD = """SELECT * { VALUES (?name ?wide ?none) {
    ("Brontide Ltd" "https://example.org/a-word/of-more-than-a-line" "") ("日本語 [b]x[/b]" "two words" "") } }"""


def test_rows_whose_words_are_too_wide_are_blocks_of_lines(second_data: DataDirectory) -> None:
    _, shown, _ = on_a_terminal(["query", "-e", BROAD], second_data.path, columns=20)
    assert plain(shown).splitlines() == [
        "name: Brontide Ltd", "wide:", "https://example.org/", "a-word/of-more-than-", "a-line", "none:", "",
        "name: 日本語", "  [b]x[/b]", "wide: two words", "none:",
    ]  # fmt: skip
    _, shown, _ = on_a_terminal(["query", "-e", BROAD], second_data.path, columns=100)
    assert plain(shown).splitlines()[0].split() == ["name", "wide", "none"]
    nothing = "SELECT ?the_first_of_two ?the_second_of_them { ?the_first_of_two pe:no ?the_second_of_them }"
    code, shown, _ = on_a_terminal(["query", "-e", nothing], second_data.path, columns=40)
    assert (code, plain(shown).split()) == (NOT_CONFORM, ["the_first_of_two", "the_second_of_them"])


def test_an_answer_on_a_terminal_says_what_was_asked(data: DataDirectory) -> None:
    """The parameters' values are in none of its rows. They go to standard error; a pipe's readers get none of it."""
    words = ["ask", "partners-in-category", "--category", "category/reseller"]
    asked = "Which partners are in a category, and who says so? Category: Reseller"
    shown = plain(on_a_terminal(words, data.path)[1])
    assert " ".join(shown.split()).startswith(f"{asked} partner")
    assert (piped := invoke(words, data)).stderr == ""
    assert piped.stdout.startswith("partner\t")
    assert on_a_terminal(words, data.path, stderr_only=True)[1:] == ("", piped.stdout)
    assert "Which" not in on_a_terminal([*words, "--format", "csv"], data.path)[1]
    shown = plain(on_a_terminal(["ask", "integrators-in-programme"], data.path)[1])
    assert "Programme: Cloud Solution Provider\r\n" in shown  # and no word of the region: it was left open


@pytest.mark.parametrize("line", ["ask", "ask partner-counts", "describe organization/equinix"])
def test_a_table_is_lower_than_blocks_would_be(data: DataDirectory, line: str) -> None:
    """The room goes to the columns with the most text: shared out evenly, the questions would take 202 lines."""
    head, *rows = invoke(line.split(), data).stdout.splitlines()
    _, shown, _ = on_a_terminal(line.split(), data.path, columns=80)
    assert len(shown.splitlines()) < len(rows) * (len(head.split("\t")) + 1)


@pytest.mark.long
def test_progress_is_drawn_on_a_terminal_and_never_in_a_pipe(second_data: DataDirectory) -> None:
    code, shown, piped = on_a_terminal(["validate", "--format", "json"], second_data.path, stderr_only=True)
    assert code == 0
    assert "validate" in shown
    assert json.loads(piped)["conforms"] is True


def test_cells_cannot_command_the_terminal(second_data: DataDirectory, tmp_path: Path) -> None:
    """A name in a source may hold an escape sequence, a line break, or what rich would read as markup."""
    query = 'SELECT ("\\u001B[2J\\u009B1m[red]:cat:" AS ?x) ("a\\nb\\tc" AS ?y) {}'
    assert invoke(["query", "-e", query], second_data).stdout == "x\ty\n�[2J�1m[red]:cat:\ta b c\n"
    _, shown, _ = on_a_terminal(["query", "-e", query], second_data.path)
    assert "[2J" in shown
    assert "\x1b[2J" not in shown
    assert "\x9b" not in shown
    assert "[red]:cat:" in shown


def test_headings_cannot_command_the_terminal_either(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    echo_heading("a\x1b[2J\n[red]b", "<c>")
    assert capsys.readouterr().out == "a�[2J [red]b  <c>\n"


# serve ---------------------------------------------------------------------------------------------------


def test_serve_says_that_its_port_is_taken(second_data: DataDirectory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = invoke(["serve", "--port", str(port)], second_data)
    assert result.exit_code == COULD_NOT_RUN
    assert result.stderr == f"Error: cannot listen at 127.0.0.1:{port}: Address already in use; see --host and --port\n"


@pytest.mark.parametrize(("option", "name", "said"), [
    ("--token-file", "none", "/none: cannot be read as a file of tokens: No such file or directory"),
    ("--token-file", "short", "/short:2: a line is name:token, the token of 8 characters or more, each name once"),
    ("--token-file", "binary", "/binary: cannot be read as a file of tokens: it is not UTF-8"),
    ("--log", "none/x.log", "/none/x.log: No such file or directory"),
])  # fmt: skip
def test_serve_says_which_file_is_no_good_before_it_serves(
    second_data: DataDirectory, tmp_path: Path, option: str, name: str, said: str
) -> None:
    (tmp_path / "short").write_text("ann:word-of-ann\nbob:word\n")
    (tmp_path / "binary").write_bytes(b"ann:\xff\xff\xff\xff\xff\xff\xff\xff\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [SCRIPT, "serve", "--port", str(port), "--data-dir", str(second_data.path), option, str(tmp_path / name)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    head = "Error: --log " if option == "--log" else "Error: "
    assert (done.returncode, done.stdout, done.stderr) == (COULD_NOT_RUN, "", f"{head}{tmp_path}{said}\n")


@pytest.mark.parametrize("name", ["PORT", "TIMEOUT"])
def test_serve_names_the_variable_that_is_no_good(
    second_data: DataDirectory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"PARTNERGRAPH_{name}", "soon")
    result = invoke(["serve"], second_data)
    assert (result.exit_code, f"PARTNERGRAPH_{name}" in result.stderr) == (USAGE, True)


def serve_until_ctrl_c(data: Path) -> tuple[bytes, str, str]:
    """Serve until the first answer, then interrupt all processes: the answer's head, the output, the standard error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [SCRIPT, "serve", "--data-dir", str(data), "--host", "localhost", "--port", str(port)]
    process = subprocess.Popen(words, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    answer = b""
    while not answer and time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = connection.recv(100)
        except OSError:
            time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=10)  # well under the time after which granian kills what hangs
    assert process.returncode == 0
    assert f"at http://127.0.0.1:{port}/" in out
    return answer, out, err


def test_serve_until_ctrl_c(second_data: DataDirectory) -> None:
    """It says where it listens, answers there, and ends quietly."""
    answer, _, err = serve_until_ctrl_c(second_data.path)
    assert answer.startswith(b"HTTP/1.1 200")
    assert err == ""


def test_a_terminals_interrupt_is_for_the_first_process_alone(live_server) -> None:  # type: ignore[no-untyped-def]
    """It reaches all of them at once: one that ended by itself would be begun anew, and told twice it may hang."""
    first = live_server.process.pid
    begun_by_it = [pid for pid, parent in live_server.processes().items() if parent == first]
    assert begun_by_it
    for pid in begun_by_it:
        held = re.search(r"^SigBlk:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        assert held is not None and int(held[1], 16) >> signal.SIGINT - 1 & 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_serve_where_nothing_was_built_yet(tmp_path: Path) -> None:
    """The facts are built first; an interrupt while the networks are being measured is as quiet as any."""
    answer, out, err = serve_until_ctrl_c(tmp_path / "data")
    assert answer.startswith(b"HTTP/1.1 200")
    assert "the networks are being measured" in out
    assert err == "no graph here yet: building it\n"
    assert DataDirectory(tmp_path / "data").current().manifest.origin == "facts"
