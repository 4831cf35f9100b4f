"""The documents: they name everything there is, their examples run, their numbers and licences are the data's own.

`WRITE_DOCS=1 pytest tests/test_docs.py` writes anew what is made from the code: docs/commands.md and the table of
settings in the README.
"""

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from werkzeug.test import TestResponse

from graph.command import Commands, cli
from graph.mapping import _FUNCTIONS, Row, _map
from graph.names import GRAPH, ONTOLOGY, PREFIXES, thing
from graph.register import Register
from graph.snapshot import DataDirectory, Snapshot
from server.settings import ENVIRONMENT, SETTINGS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
ADDING = ROOT / "docs" / "adding-a-source.md"
EXAMPLE = ROOT / "tests" / "data" / "adding"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", ROOT / "DATA_LICENCES.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
SERVER = "http://127.0.0.1:8000"
SETTINGS_HEAD = "| option | variable | default | what |\n|---|---|---|---|\n"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def everything() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def blocks(path: Path) -> list[tuple[str, str]]:
    """Give the fenced blocks of a document: language and text."""
    return FENCE.findall(path.read_text(encoding="utf-8"))


def lines_of(text: str) -> Iterator[str]:
    """Give the commands of a shell block; one goes on while a quote is open or a line ends in a backslash."""
    held = ""
    for line in text.splitlines():
        held += line
        try:
            shlex.split(held)
        except ValueError:
            held += "\n"
            continue
        if held.endswith("\\"):
            held = held[:-1]
        elif held.strip():
            yield held
            held = ""
        else:
            held = ""
    assert not held, f"a quote is left open: {held}"


def commands() -> dict[str, click.Command]:
    group = cli
    assert isinstance(group, Commands)
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


# What is made from the code ------------------------------------------------------------------------


def settings_table() -> str:
    rows = [
        f"| `--{s.name.replace('_', '-')}` | `{ENVIRONMENT}{s.name.upper()}` | "
        f"{f'`{s.default}`' if s.default != '' else ''} | {s.help} |\n"
        for s in SETTINGS
    ]
    return SETTINGS_HEAD + "".join(rows)


def commands_document() -> str:
    """Write docs/commands.md from the commands themselves, whichever click prints their help."""
    parts = [
        "# Commands\n",
        "Made from the commands themselves. A table is aligned on a terminal and tab-separated in a pipe; progress\n"
        "goes to standard error, and only to a terminal.\n",
        "| exit code | means |\n|---|---|\n| 0 | fine |\n"
        "| 1 | the data does not conform, or no result where one was asked for |\n"
        "| 2 | wrong usage |\n| 3 | could not run |\n| 130 | interrupted (Ctrl-C) |\n",
        "Every command has `--help`; `partnergraph --version` tells the version.\n",
    ]
    for name, command in commands().items():
        context = click.Context(command, info_name=f"partnergraph {name}")
        usage = f"partnergraph {name} " + " ".join(command.collect_usage_pieces(context))
        told, _, examples = inspect.cleandoc(command.help or "").partition("\b\n")
        rows = [
            f"| {', '.join(f'`{o}`' for o in p.opts)} | {p.help} |\n"
            for p in command.params
            if isinstance(p, click.Option)
        ]
        parts += [f"## {name}\n", f"`{usage}`\n", told.strip() + "\n", f"```text\n{examples.strip()}\n```\n"]
        parts += ["| option | what |\n|---|---|\n" + "".join(rows)]
    return "\n".join(parts)


def written(path: Path, text: str) -> str:
    """Give the document's text; with WRITE_DOCS it is `text` from now on."""
    if os.environ.get("WRITE_DOCS"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_commands_are_told_as_they_are() -> None:
    text = commands_document()
    assert written(COMMANDS, text) == text, "WRITE_DOCS=1 pytest tests/test_docs.py writes docs/commands.md anew"


def test_settings_are_told_as_they_are() -> None:
    text = README.read_text(encoding="utf-8")
    new = re.sub(re.escape(SETTINGS_HEAD) + r"(?:\|.*\n)*", lambda _: settings_table(), text)
    assert written(README, new) == new, "WRITE_DOCS=1 pytest tests/test_docs.py writes the table anew"
    assert settings_table() in new  # the table's place was found


# Nothing is left out -------------------------------------------------------------------------------


def test_every_command_and_option_is_in_the_documents() -> None:
    text = everything()
    missing = [name for name in commands() if f"partnergraph {name}" not in text]
    missing += [
        f"{name} {option}"
        for name, command in commands().items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if f"`{option}`" not in text
    ]
    assert not missing


def test_every_entry_point_of_the_package_is_a_command() -> None:
    """A command that an old installation hides would be in no document, and nobody would notice."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["entry-points"]["partnergraph.commands"]
    assert set(declared) == set(commands())


def test_every_route_is_in_the_documents(app: Flask) -> None:
    text = everything()
    assert not sorted({rule.rule for rule in app.url_map.iter_rules() if f"`{rule.rule}`" not in text})


def test_no_route_is_in_the_documents_that_is_not_there(app: Flask) -> None:
    told = re.findall(r"^\| `(/[^`]*)` \|", (ROOT / "docs" / "service.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert told
    assert set(told) <= {rule.rule for rule in app.url_map.iter_rules()}


def test_every_mapping_function_is_in_the_documents_and_does_what_they_say() -> None:
    """The table's examples are run in a mapping, each against what the table says that it gives."""
    row = re.compile(r"^\| `f:(\w+)\([^`]*\)` \| .* \| `(f:[^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
    rows = row.findall(ADDING.read_text(encoding="utf-8"))
    assert {name for name, _, _ in rows} == set(_FUNCTIONS)
    for name, example, expected in rows:
        text = (
            "PREFIX f: <https://w3id.org/partner-ecosystem/function#>\n"
            f"CONSTRUCT {{ <x:s> <x:p> ?x }} WHERE {{ BIND ({example} AS ?x) }}"
        )
        made = _map(Row(1, {"a": "b"}), text, "x:table", Register([], open=True))
        assert [str(triple.object) for triple in made.triples] == [expected], name


# Numbers and licences are the data's ------------------------------------------------------------------


def test_numbers_in_the_readme_are_those_that_a_test_checks(snapshot: Snapshot) -> None:
    """The one figure of the README is the article's claim, and the graph says so; counts are left to queries."""
    prose = re.sub(r"^\|.*$", "", FENCE.sub("", README.read_text(encoding="utf-8")), flags=re.MULTILINE)
    prose = re.sub(r"https?://\S+|`[^`]*`|\]\([^)]*\)", "", prose)
    assert set(re.findall(r"\d[\d,.]*\d", prose)) == {"640,000", "3.11", "4.0"}
    claim = snapshot.store.quads_for_pattern(
        NamedNode(thing("observation", "seed-partners")), NamedNode(ONTOLOGY + "value"), None, NamedNode(GRAPH + "seed")
    )
    assert [quad.object for quad in claim] == [Literal(640_000)]
    partners = (None, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "Partner"))
    named = len({quad.subject for quad in snapshot.store.quads_for_pattern(*partners)})
    assert 0 < named < 640_000 / 10  # "far fewer"
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in (ROOT / "graph" / "facts").glob("*/source.ttl")))
def test_licences_of_the_data_are_those_of_the_sources(folder: str) -> None:
    store = Store()
    store.extend(parse(path=str(ROOT / "graph" / "facts" / folder / "source.ttl"), format=RdfFormat.TURTLE))
    graph = NamedNode(GRAPH + folder)

    def said(name: str) -> list[str]:
        prefix, _, local = name.partition(":")
        found = store.quads_for_pattern(graph, NamedNode(PREFIXES[prefix] + local), None)
        return [quad.object.value for quad in found if isinstance(quad.object, (NamedNode, Literal))]

    licences = [f"<{iri}>" for iri in sorted(said("dcterms:license"))] or said("pe:licenseNote")
    [publisher] = said("dcterms:publisher")
    name = publisher.rsplit("/", 1)[-1].replace("-", " ").title()
    row = f"| `{folder}` | {said('dcterms:title')[0]} | {name} | {', '.join(licences)} |"
    assert row in (ROOT / "DATA_LICENCES.md").read_text(encoding="utf-8")


def test_what_the_project_makes_is_free() -> None:
    """Rules, analysis and vocabulary are told to be CC0: so say their own descriptions."""
    rules = sorted((ROOT / "graph" / "rules").glob("*.ttl"))
    assert rules
    for path in (*rules, ROOT / "graph" / "catalogue.ttl"):
        store = Store()
        store.extend(parse(path=str(path), format=RdfFormat.TURTLE))
        licence = NamedNode(PREFIXES["dcterms"] + "license")
        licences = {quad.object for quad in store.quads_for_pattern(None, licence, None)}
        assert licences == {NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")}, path.name


# Form ----------------------------------------------------------------------------------------------------


def test_the_two_commands_are_the_first_thing_in_the_readme() -> None:
    head = "```sh\npip install . && partnergraph serve\npip install '.[test]' && pytest\n```\n"
    assert README.read_text(encoding="utf-8").startswith(head)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_numbered_dated_and_half_a_page(path: Path) -> None:
    title, _, date, *rest = path.read_text(encoding="utf-8").splitlines()
    assert title.startswith(f"# {int(path.stem[:4])}. ")
    assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", date)
    assert len(" ".join(rest).split()) < 350
    assert {"**Question.**", "**Choice.**", "**Why.**", "**Consequences.**"} <= set(" ".join(rest).split())


def test_decisions_have_a_number_each() -> None:
    assert len({int(path.stem[:4]) for path in DECISIONS}) == len(DECISIONS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_resolve(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert not [link for link in links if not (path.parent / link.partition("#")[0]).exists()]


def test_the_changelog_has_the_version_of_the_package() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(version)}\] - 20\d\d-\d\d-\d\d$", text, re.MULTILINE)


# Examples run ----------------------------------------------------------------------------------------


def shell(line: str, folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as a user types it, in `folder`, with the installed command on the path."""
    path = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    environment = {**os.environ, "PATH": path, "PARTNERGRAPH_DATA_DIR": str(data)}
    return subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def request(client: FlaskClient, line: str) -> TestResponse:
    """Make the request that a `curl` line describes, as curl would, in this process."""
    words = shlex.split(line)[1:]
    headers: dict[str, str] = {}
    fields: list[tuple[str, str]] = []
    url, body, get, follow = "", "", False, False
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(":")
            headers[name] = value.strip()
        elif word == "--data-urlencode":
            name, _, value = words.pop(0).partition("=")
            fields.append((name, value))
        elif word == "--data-binary":
            body = words.pop(0)
        elif word == "-o":
            words.pop(0)
        elif word in ("-G", "-L"):
            get, follow = get or word == "-G", follow or word == "-L"
        else:
            assert word.startswith(SERVER + "/"), f"this test does not know {word!r}"
            url = word.removeprefix(SERVER)
    if get:
        return client.get(f"{url}?{urlencode(fields)}", headers=headers)
    if fields or body:
        return client.post(url, data=body or dict(fields), headers=headers)
    return client.get(url, headers=headers, follow_redirects=follow)


EXAMPLES = [
    pytest.param(line, id=f"{path.stem}: {' '.join(line.split())[:70]}")
    for path in (README, ROOT / "docs" / "service.md")
    for language, text in blocks(path)
    if language == "sh"
    for line in lines_of(text)
    # pip: an installation takes minutes and a network; .ci/run makes one from a clean checkout.
    if not line.startswith("pip install ")
]


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_run(line: str, data: DataDirectory, client: FlaskClient, tmp_path: Path) -> None:
    if line.startswith("curl "):
        response = request(client, line)
        assert response.status_code == 200, response.text
        assert response.text.strip()
        if "Accept: text/csv" in line:
            assert len(response.text.splitlines()) > 1
        return
    done = shell(line, tmp_path, data.path)
    assert done.returncode == 0, done.stderr
    assert not done.stderr or line.startswith("partnergraph analyse")  # the bias of what it prints
    assert done.stdout or list(tmp_path.iterdir())


def test_the_install_lines_are_the_only_ones_not_run() -> None:
    skipped = [
        line for path in DOCUMENTS for language, text in blocks(path) if language == "sh" for line in lines_of(text)
        if line.startswith("pip install ")
    ]  # fmt: skip
    assert skipped == ["pip install . && partnergraph serve", "pip install '.[test]' && pytest"]


def test_the_files_of_the_guide_are_those_in_the_data_of_the_tests() -> None:
    shown = [text for language, text in blocks(ADDING) if language in ("csv", "turtle", "sparql")]
    assert shown == [(EXAMPLE / f"resellers.{suffix}").read_text(encoding="utf-8") for suffix in ("csv", "ttl", "rq")]


def follow_the_guide(folder: Path, data: Path, facts: str) -> None:
    """Take every step of docs/adding-a-source.md; what it shows must come out."""
    for path in EXAMPLE.iterdir():
        shutil.copy(path, folder)
    said: list[str] = []
    for language, text in blocks(ADDING):
        if language == "sh":
            said = []
            for line in lines_of(text):
                done = shell(line + (facts if line == "partnergraph build" else ""), folder, data)
                expected = 0 if "broken.csv" not in line and "unknown.csv" not in line else 1
                assert done.returncode == expected, (line, done.stdout, done.stderr)
                said += [done.stdout, done.stderr]
        elif language == "text":
            assert text.strip(), "an empty block shows nothing"
            assert [line for line in text.splitlines() if line not in "".join(said)] == []


@pytest.mark.long
def test_the_guide_to_adding_a_source(second_data: DataDirectory, second_facts: Path, tmp_path: Path) -> None:
    """On the small ecosystem: nothing in the guide is bound to the shipped one."""
    shutil.copytree(second_data.path, tmp_path / "data")
    (tmp_path / "here").mkdir()
    follow_the_guide(tmp_path / "here", tmp_path / "data", f" --facts {shlex.quote(str(second_facts))}")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_guide_to_adding_a_source_on_the_shipped_facts(data: DataDirectory, tmp_path: Path) -> None:
    shutil.copytree(data.path, tmp_path / "data")
    (tmp_path / "here").mkdir()
    follow_the_guide(tmp_path / "here", tmp_path / "data", "")
