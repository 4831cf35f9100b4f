"""What lies beside the graph in a version, and what becomes of it when the next version is made by a change.

`copied` files are changed in the next version, `linked` ones are the same file under two names. Whatever is not listed
is left out, and who reads it must do without until it is made again: a cache that a change would make untrue is never
carried over.
"""

import os
import shutil
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

ARTEFACTS: Final[dict[str, OneOf["copied", "linked"]]] = {
    "index.sqlite": "copied",
    "report.ttl": "linked",
    "shapes.ttl": "linked",
}


def carry(parent: Path, place: Path) -> None:
    """Give the version in `place` the artefacts of `parent` that it begins with."""
    for name, how in ARTEFACTS.items():
        if (parent / name).is_file():
            if how == "copied":
                shutil.copyfile(parent / name, place / name)
            else:
                os.link(parent / name, place / name)
