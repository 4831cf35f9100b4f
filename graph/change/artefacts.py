"""What lies beside the graph in a version, and what becomes of it in the next one that is made from it.

Whatever a change would make untrue (the columns, the lists, the networks) is left out of the next version, and who
reads it must do without, or make it, until a version is made anew; it goes along only where the next version holds the
same statements.
"""

import os
from pathlib import Path
from typing import Final

from graph import columns, facets, index

ALWAYS: Final = ("report.ttl", "shapes.ttl")
OF_THE_SAME: Final = (facets.FILE, columns.FILE, "analysis.sqlite")


def carry(parent: Path, place: Path, *, same: bool = False) -> None:
    """Give the version in `place` the artefacts of `parent` that it begins with: the same files under two names.

    `same` says that it will hold the same statements.
    """
    index.carry(parent, place)
    tables = [path.name for path in parent.glob("analysis-*.parquet")]
    for name in (*ALWAYS, *((*OF_THE_SAME, *tables) if same else ())):
        if (parent / name).is_file():
            os.link(parent / name, place / name)
