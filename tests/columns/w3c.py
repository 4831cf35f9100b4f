"""The W3C's query evaluation tests in the column engine: how many compile, and whether the answers are the same.

python -m tests.columns.w3c      # writes the table of docs/scale.md
"""

import tempfile
from collections import Counter
from pathlib import Path

from tests.benchmarks.report import put
from tests.columns.agreement import Compared, compare, engines
from tests.w3c.document import in_order
from tests.w3c.endpoint import Dataset, quads_of
from tests.w3c.judgement import dataset_of
from tests.w3c.manifest import EVALUATION, entries, path_of

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def run() -> dict[str, Compared]:
    """Give what came of each evaluation test in scope, by its id."""
    found: dict[str, Compared] = {}
    last: Dataset | None = None
    with tempfile.TemporaryDirectory() as folder:
        for entry in in_order(entries()):
            if entry.kind != EVALUATION:
                continue
            dataset = dataset_of(entry)
            if dataset != last:
                last, both = dataset, engines(Path(tempfile.mkdtemp(dir=folder)), quads_of(dataset))
            try:
                found[entry.id] = compare(both, f"BASE <{entry.query}>\n{path_of(entry.query).read_text()}")
            except SyntaxError as error:
                found[entry.id] = Compared(not_compiled=str(error))
    return found


def table(found: dict[str, Compared]) -> list[str]:
    """Give the table of suites as lines of Markdown."""
    compiled, total = Counter[str](), Counter[str]()
    for name, compared in found.items():
        suite = "/".join(name.split("/")[:2])
        total[suite] += 1
        compiled[suite] += not compared.not_compiled
    lines = ["| suite | tests | compiled | left to the row engine |", "|---|---:|---:|---:|"]
    lines += [f"| {s} | {total[s]} | {compiled[s]} | {total[s] - compiled[s]} |" for s in sorted(total)]
    every, some = total.total(), compiled.total()
    return [*lines, f"| **all** | {every} | {some} ({some / every:.0%}) | {every - some} |"]


if __name__ == "__main__":
    outcomes = run()
    put("w3c", table(outcomes), PAGE)
    print(*[f"{name}: {c.difference}" for name, c in outcomes.items() if c.difference], sep="\n")
