"""The measured part of docs/scale.md: tables and drawings, written from a run's figures and from nothing else."""

import math
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.report import put
from tests.benchmarks.scale.exports import Exported, differing
from tests.benchmarks.scale.measure import Timed
from tests.benchmarks.scale.queries import FAMILIES
from tests.benchmarks.scale.snapshots import Built

ROOT = Path(__file__).parents[3]
PAGE, DRAWING = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.svg"
_COLOURS = ("#0b6e4f", "#b3541e", "#3b5998", "#7a3b8f")
Written = dict[int, dict[str, dict[str, Exported]]]  # partners -> format -> writer -> what the file took
Results = dict[int, dict[str, dict[str, Timed]]]  # partners -> engine -> query -> what came of it


def mean(results: dict[str, Timed], names: list[str], limit: float) -> float:
    """Give the geometric mean in milliseconds; what gave no answer counts with the limit."""
    times = [found if (found := results[name].milliseconds) is not None else limit for name in names]
    return math.exp(sum(math.log(max(t, 0.01)) for t in times) / len(times))


def lines(
    results: Results,
    built: dict[int, Built | None],
    limit: float,
    written: Written | None = None,
    chosen: dict[int, str] | None = None,
) -> list[str]:
    """Give the section as lines of Markdown; `limit` in milliseconds is the longest that was waited.

    `chosen` says for each size how well the planner chose.
    """
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    engines = list(next(iter(results.values())))
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    found = [f"Run of {day} on {machine} (`python -m tests.benchmarks.scale`). "
             "Best of five, in ms of processor time (of a server: of time that passed); "
             f"`-` is no answer in {limit / 1000:g} s, which "
             "counts as that in a mean. **!** marks an answer that differs from the row engine's.", "",
             "![Time of each family against size](scale.svg)", ""]  # fmt: skip
    for partners, by_engine in results.items():
        found += [f"### {partners:,} partners", "", *_made(built.get(partners)),
                  f"| family | query | {' | '.join(engines)} |", f"|---|---|{'---:|' * len(engines)}"]  # fmt: skip
        for family, queries in FAMILIES.items():
            for name in queries:
                cells = [_cell(by_engine[e][name], by_engine[engines[1]][name]) for e in engines]
                found.append(f"| {family} | {name} | {' | '.join(cells)} |")
            means = [f"**{_figure(mean(by_engine[e], list(queries), limit))}**" for e in engines]
            found.append(f"| {family} | **geometric mean** | {' | '.join(means)} |")
        found += ["", *filter(None, [(chosen or {}).get(partners)]), ""]
        found += files((written or {}).get(partners, {}))
    return found


def files(written: dict[str, dict[str, Exported]]) -> list[str]:
    """Give the table of the whole graph as a file; where two writers' statements differ, **!** marks the format."""
    if not written:
        return []
    wrong = differing(written)
    found = ["| whole graph | writer | seconds | of work | statements/s | memory, MiB | file, MiB |",
             "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for form, by_writer in written.items():
        for writer, one in by_writer.items():
            cells = (form + (" **!**" if form in wrong else ""), writer, f"{one.seconds:.1f}", f"{one.work:.1f}",
                     f"{one.statements / one.seconds:,.0f}", one.memory, one.size >> 20)  # fmt: skip
            found.append(f"| {' | '.join(map(str, cells))} |")
    told = "As N-Quads the peer writes the union beside the named graphs; statements are counted without it."
    return [*found, "", told, ""]


def _made(built: Built | None) -> list[str]:
    if built is None:
        return []
    rows = f"Rows with their union: {built.rows_bytes >> 20} MiB; columns: {built.columns_bytes >> 20} MiB"
    return [f"{built.statements:,} statements. {rows}.", ""]


def _cell(found: Timed, reference: Timed) -> str:
    if found.milliseconds is None:
        return "-"
    differs = reference.milliseconds is not None and found.answer != reference.answer
    return f"{_figure(found.milliseconds)}{' **!**' if differs else ''}"


def _figure(milliseconds: float) -> str:
    return f"{milliseconds:.1f}" if milliseconds >= 1 else f"{milliseconds:.3f}"


def drawing(results: Results, limit: float) -> str:
    """Give the families' geometric means against the number of partners as SVG, both scales logarithmic."""
    engines, sizes = list(next(iter(results.values()))), sorted(results)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {220 * len(FAMILIES)} 230" '
             'font-family="sans-serif" font-size="11">']  # fmt: skip
    for column, (family, queries) in enumerate(FAMILIES.items()):
        left = 220 * column + 35
        parts.append(f'<text x="{left}" y="14" font-weight="bold">{family}</text>')
        for power in range(5):
            y = _y(10**power)
            parts.append(f'<path d="M{left} {y}h170" stroke="#ddd"/><text x="{left - 4}" y="{y + 4}" text-anchor="end">'
                         f"{10**power if power < 3 else f'{10 ** (power - 3)}s'}</text>")  # fmt: skip
        for engine, colour in zip(engines, _COLOURS, strict=False):
            means = [mean(results[size][engine], list(queries), limit) for size in sizes]
            points = [(left + 10 + 150 * n / max(1, len(sizes) - 1), _y(m)) for n, m in enumerate(means)]
            path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for n, size in enumerate(sizes):
            x = left + 10 + 150 * n / max(1, len(sizes) - 1)
            parts.append(f'<text x="{x:.0f}" y="205" text-anchor="middle">{size // 1000}k</text>')
    for n, (engine, colour) in enumerate(zip(engines, _COLOURS, strict=False)):
        parts.append(f'<text x="{35 + 180 * n}" y="224" fill="{colour}">{engine}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _y(milliseconds: float) -> int:
    return round(190 - 36 * math.log10(min(max(milliseconds, 0.3), 60_000)))


def write(
    results: Results, built: dict[int, Built | None], written: Written, chosen: dict[int, str], limit: float
) -> None:
    """Put the section into the page, and the drawing beside it."""
    put("measured", lines(results, built, limit, written, chosen), PAGE)
    DRAWING.write_text(drawing(results, limit), encoding="utf-8")
