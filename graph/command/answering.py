"""`ask`: the stored questions, each a command of its own with its parameters as options."""

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from graph import formats
from graph.command import Named, NothingFound
from graph.command.options import ROWS, data_option, echo_heading, echo_rows, echo_table
from graph.snapshot import DataDirectory

if TYPE_CHECKING:
    from graph.questions import Parameter, StoredQuestion

_FORMATS = ["table", *(row.name for row in (*formats.SOLUTION_FORMATS, *formats.GRAPH_FORMATS))]


class Questions(Named):
    """The stored questions as commands."""

    noun, listed_by = "question", "partnergraph ask"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the questions."""
        from graph.questions import names

        return list(names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command that answers the question called `cmd_name`, or None."""
        from graph.questions import question

        try:
            return _command(question(cmd_name))
        except KeyError:
            return None


@click.group(cls=Questions, invoke_without_command=True, short_help="Answer a ready question.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(ROWS),
              help="How to print the list of questions.")  # fmt: skip
@data_option
@click.pass_context
def ask(ctx: click.Context, name: str, data: DataDirectory) -> None:
    """Answer a ready question of the live graph; without one, list them.

    Each has its own --help, which tells what an answer means, what the data cannot tell, and the parameters. Exit code
    1 where there is no answer: the reason goes to standard error. So does, for a table on a terminal, what was asked:
    the question, and the parameters by name.

    \b
    partnergraph ask
    partnergraph ask partners-in-category --help
    partnergraph ask partners-in-category --category systems-integrator
    partnergraph ask providers-by-locations --format csv
    """
    ctx.obj = data
    if ctx.invoked_subcommand is None:
        from graph.questions import questions

        header = ["question", "theme", "parameters", "what it asks"]
        rows = [[q.name, q.theme, " ".join(p.name for p in q.parameters), q.title] for q in questions()]
        echo_rows(header, rows, name)


def _command(asked: "StoredQuestion") -> click.Command:
    @click.pass_context
    def run(
        ctx: click.Context, /, data: DataDirectory, form: str, choices: str | None, show: bool, **given: str | None
    ) -> None:
        here = ctx.get_parameter_source("data") is click.core.ParameterSource.COMMANDLINE
        texts = {name: text for name, text in given.items() if text is not None}
        _answer(data if here else ctx.obj, asked, form, choices, show, texts)

    command = data_option(run)
    for option in (
        click.option("--show", is_flag=True, help="Print the SPARQL query, as any client can run it."),
        click.option("--choices", metavar="PARAMETER", help="List what a parameter may be, and answer nothing."),
        click.option("--format", "form", default="table", show_default=True, type=click.Choice(_FORMATS),
                     help="How to print the answer."),
        *(click.option(f"--{p.name}", metavar=p.name.upper(), help=_told(p)) for p in reversed(asked.parameters)),
    ):  # fmt: skip
        command = option(command)
    told = f"{asked.title}\n\n{asked.meaning}\n\nWhat the data cannot tell: {asked.caveat}"
    return click.command(asked.name, help=told, short_help=asked.title)(command)


def _told(one: "Parameter") -> str:
    kind = one.label + (f": {', '.join(map(str, one.numbers))}" if one.numbers else "")
    usual = f" [default: {one.default}]" if one.default else ""
    return kind + (" [all of them unless given]" if one.optional else usual)


def _answer(
    data: DataDirectory, asked: "StoredQuestion", form: str, choices: str | None, show: bool, given: dict[str, str]
) -> None:
    from graph import questions
    from graph.naming import Namer

    snapshot = data.current()
    if choices is not None:
        parameters = {one.name: one for one in asked.parameters}
        if choices not in parameters:
            raise click.BadParameter(f"{choices!r} is none of {', '.join(parameters)}", param_hint="--choices")
        listed = questions.choices(snapshot.store, parameters[choices])
        echo_table([choices, "label"], [[one.value, one.label] for one in listed])
        return
    bindings = questions.bind(asked, given, {one.name: questions.offered(snapshot, one) for one in asked.parameters})
    if show:
        click.echo(asked.shown(bindings), nl=False)
        return
    answer = questions.ask(snapshot.store, asked, bindings)
    if not answer.rows:
        raise NothingFound(asked.nothing or "the sources of this graph say nothing of it")
    with closing(snapshot.index()) as index:
        answer = questions.with_rows(answer, index, snapshot.store)
    namer = Namer(snapshot.store)
    if form == "table":
        labels = {one.name: one.label for one in asked.parameters}
        of = (f"{labels[given]}: {namer.value(term).text}" for given, term in bindings.items())
        echo_heading(asked.title, *of, err=True)
        echo_table(*questions.in_words(answer, namer))
        return
    whole = questions.written(questions.with_labels(answer, namer), formats.by_name(form))
    sys.stdout.buffer.write(whole if whole.endswith(b"\n") else whole + b"\n")
    sys.stdout.buffer.flush()
