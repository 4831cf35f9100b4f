"""The page of the benchmarks in the docs: a section a script, each with the day and the machine of its run."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path("docs/benchmarks.md")
_TITLES = {
    "hostile": "Hostile requests (`python -m tests.benchmarks.hostile --peers`)",
    "throughput": "Point queries a second (`python -m tests.benchmarks.throughput`)",
    "writes": "Changes (`python -m tests.benchmarks.writes`)",
    "pages": "Pages (`python -m tests.benchmarks.pages`)",
    "kills": "Processes killed at random (`python -m tests.benchmarks.kills`)",
}
_HEAD = "# Benchmarks\n\nWritten by the scripts of `tests/benchmarks` with `--write`; not by hand.\n"


def put(name: str, lines: Sequence[str], page: Path) -> None:
    """Put `lines` between the marks of the part `name` of a page, `<!-- name -->` and `<!-- end of name -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text, block = page.read_text(encoding="utf-8"), "\n".join([begin, *lines, end])
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


def write(section: str, lines: Sequence[str], page: Path | None = None) -> None:
    """Put `lines` in place of the section `section` of the page."""
    page = page or Path(__file__).parents[2] / PAGE
    text = page.read_text(encoding="utf-8") if page.is_file() else _HEAD
    parts = re.split(r"(?m)^(?=## )", text)
    kept = {part.splitlines()[0].removeprefix("## "): part for part in parts[1:]}
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    body = f"## {_TITLES[section]}\n\nRun of {datetime.now(UTC):%Y-%m-%d} on {machine}.\n\n" + "\n".join(lines) + "\n"
    kept[_TITLES[section]] = body
    ordered = [kept[title].rstrip("\n") + "\n" for title in _TITLES.values() if title in kept]
    page.write_text("\n".join([parts[0].rstrip("\n") + "\n", *ordered]), encoding="utf-8")
