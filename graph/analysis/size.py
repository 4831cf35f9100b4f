"""Which versions are so large that their networks are drawn from the columns."""

from pathlib import Path
from typing import Final

from graph.columns import FILE
from graph.errors import Foreseen
from graph.manifest import SnapshotError, read_manifest

LARGE: Final = 1_000_000  # statements


class TooLarge(Foreseen):
    """What is asked for is not to be had of a version of this size."""


def is_large(folder: Path) -> bool:
    """Say whether the version in `folder` has columns and so many statements that they are what is measured."""
    if not (folder / FILE).is_file():
        return False
    try:
        return read_manifest(folder).triples >= LARGE
    except SnapshotError:  # it is not published yet
        return False
