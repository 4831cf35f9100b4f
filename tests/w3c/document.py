"""The page of conformance, written from a run: how many tests of each suite pass, and every one that does not."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.w3c.endpoint import Endpoint
from tests.w3c.judgement import NotPassed, Verdict, dataset_of, judge, known
from tests.w3c.manifest import EVALUATION, HOME, SPECIFICATIONS, Entry, entries

PAGE: Final = HOME / "docs" / "conformance.md"
NOT_PASSED: Final = "## Not passed"
BY_VALUE: Final = "## Passed by value"
OUT_OF_SCOPE: Final = "## Out of scope"
TITLES: Final = {"sparql10": "SPARQL 1.0", "sparql11": "SPARQL 1.1"}
_HEAD: Final = """\
# Conformance

The W3C's own tests of SPARQL 1.0 and 1.1, run on {day} through the HTTP endpoint of partnergraph {ours} with its
engine, pyoxigraph {engine}. This page is written by `python -m tests.w3c.report` from that run; nothing in it is typed.

How a test is run: its data become a published snapshot whose default graph is no union (`separate` mode), each file
under the IRI at which the W3C serves it; the query goes in by POST as `application/sparql-query`, with a `BASE` line
before it that names the query file, since tests use relative IRIs; the answer is asked in the format in which the
expected one is written (as JSON where that is a result set in RDF, as Turtle for a graph). Solutions are compared as
multisets up to their blank nodes (in order where the query orders them), graphs by isomorphism. A negative syntax test
passes with the status 400 and the problem `malformed-query`, a positive one with 200.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test and what became of it; None where it is out of scope."""

    entry: Entry
    verdict: Verdict | None


def in_order(found: Iterable[Entry]) -> list[Entry]:
    """Give the tests to run so that those over one dataset follow one another, the quick syntax tests first."""
    wanted = [entry for entry in found if not entry.out_of_scope]
    return sorted(wanted, key=lambda entry: (entry.kind == EVALUATION, str(dataset_of(entry)), entry.id))


def run(tell: Callable[[str], None]) -> list[Outcome]:
    """Run every test in scope; `tell` hears of each that does not pass."""
    listed = entries()
    verdicts: dict[str, Verdict] = {}
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(Path(folder))
        try:
            for entry in in_order(listed):
                verdicts[entry.id] = judge(entry, endpoint)
                if not verdicts[entry.id].passed:
                    tell(f"{entry.id}: {verdicts[entry.id].why}")
        finally:
            endpoint.close()
    return [Outcome(entry, verdicts.get(entry.id)) for entry in listed]


def differences(outcomes: Sequence[Outcome], table: dict[str, NotPassed]) -> list[str]:
    """Say where a run and the table of what does not pass disagree."""
    failed = {o.entry.id for o in outcomes if o.verdict and not o.verdict.passed}
    return [
        *(f"{name} does not pass and is not in not_passed.toml" for name in sorted(failed - set(table))),
        *(f"{name} is in not_passed.toml and passes, or is no test" for name in sorted(set(table) - failed)),
    ]


def page(outcomes: Sequence[Outcome]) -> str:
    """Give the page of a run."""
    table = known()
    parts = [
        _HEAD.format(day=date.today().isoformat(), ours=version("partnergraph"), engine=version("pyoxigraph")),
        *(_suites(name, [o for o in outcomes if o.entry.suite.startswith(name + "/")]) for name in SPECIFICATIONS),
        _not_passed([o.entry for o in outcomes if o.entry.id in table], table),
        _by_value([o.entry.id for o in outcomes if o.verdict and o.verdict.by_value]),
        _out_of_scope([o.entry for o in outcomes if o.verdict is None]),
    ]
    return "\n".join(parts)


def _suites(name: str, outcomes: Sequence[Outcome]) -> str:
    suites = list(dict.fromkeys(o.entry.suite for o in outcomes if not o.entry.id.endswith("/*")))
    lines = [_row("Suite", "Tests", "Passed", "of these by value", "Not passed", "Out of scope"),
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for suite in suites:
        lines.append(_row(suite.partition("/")[2], *_counts([o for o in outcomes if o.entry.suite == suite])))
    total = _counts([o for o in outcomes if not o.entry.id.endswith("/*")])
    return f"## {TITLES[name]}\n\n" + "\n".join([*lines, _row("**all**", *total)]) + "\n"


def _counts(outcomes: Sequence[Outcome]) -> tuple[int, int, int, int, int]:
    run_ = [o.verdict for o in outcomes if o.verdict is not None]
    passed = sum(v.passed for v in run_)
    return len(outcomes), passed, sum(v.by_value for v in run_), len(run_) - passed, len(outcomes) - len(run_)


def _not_passed(found: Sequence[Entry], table: dict[str, NotPassed]) -> str:
    lines = [_row("Test", "Whose doing", "Why"), "|---|---|---|"]
    lines += [_row(f"`{e.id}`", table[e.id].cause, _cell(table[e.id].reason)) for e in found]
    return f"{NOT_PASSED}\n\nEvery test of the tables above that does not pass.\n\n" + "\n".join(lines) + "\n"


def _by_value(names: Sequence[str]) -> str:
    text = (
        "The engine's store keeps numbers, booleans and times by value, so that `1.0` comes back as `1` and `+00:00` "
        "as `Z`. These pass once both sides are compared by value within one datatype; all others pass term for term."
    )
    return f"{BY_VALUE}\n\n{text}\n\n" + "\n".join(f"- `{name}`" for name in names) + "\n"


def _out_of_scope(found: Sequence[Entry]) -> str:
    lines = [_row("What", "Tests", "Why"), "|---|---:|---|"]
    counted = Counter((entry.suite, entry.out_of_scope) for entry in found if not entry.id.endswith("/*"))
    lines += [_row(suite, count, _cell(why)) for (suite, why), count in counted.items()]
    lines += [_row(e.suite, "folder", _cell(e.out_of_scope)) for e in found if e.id.endswith("/*")]
    return f"{OUT_OF_SCOPE}\n\n" + "\n".join(lines) + "\n"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _cell(text: str) -> str:
    """Give a sentence as a cell: what reads as markup is written as it is meant."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
