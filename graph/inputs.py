"""What a build reads: a folder of facts, the sources that a user imported, and everything that judges them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from graph.manifest import Manifest
from graph.register import Register, read_register
from graph.sources import Source, read_sources
from graph.validate import room_files

_READ = (".tsv", ".csv", ".rq", ".ttl")


def package_path(name: str) -> Path:
    """Give the path of a file or folder that comes with the package `graph`."""
    return Path(str(files("graph") / name))


@dataclass(frozen=True, slots=True)
class Facts:
    """A folder of source folders with its register, and the folder of sources that the user imported, if any."""

    folder: Path
    imported: Path | None = None

    @property
    def is_shipped(self) -> bool:
        """Whether these are the facts that come with the package."""
        return self.folder == package_path("facts")

    def sources(self) -> list[tuple[Source, bool]]:
        """Give the sources by slug, each with whether it is an imported one. Raises SourceError."""
        own = [(source, False) for source in read_sources(self.folder)]
        if self.imported is not None and any(self.imported.glob("*/mapping.rq")):
            own += [(source, True) for source in read_sources(self.imported)]
        return sorted(own, key=lambda pair: pair[0].slug)

    def register(self) -> Register:
        """Give the committed register of the folder, or an open one where it has none. Raises RegisterError."""
        path = self.folder / "register.tsv"
        return read_register(path) if path.is_file() else Register([], open=True)

    def fingerprint(self, extra: Sequence[Source] = ()) -> str:
        """Give a SHA-256 over all that a build reads, `extra` sources and this package's version included, as hex.

        An extra source counts as if it were imported already, so that keeping it afterwards changes nothing.
        """
        total = hashlib.sha256(version("partnergraph").encode())
        for name, data in self._files(extra):
            total.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        return total.hexdigest()

    def _files(self, extra: Sequence[Source]) -> Iterator[tuple[str, bytes]]:
        for folder in (self.folder, package_path("rules"), package_path("analysis")):
            for path in sorted(p for p in folder.rglob("*") if p.suffix in _READ and p.is_file()):
                yield path.relative_to(folder).as_posix(), path.read_bytes()
        for source in self._imported(extra):
            for path in (source.table, source.mapping, source.description):
                yield f"{source.slug}{path.suffix}", path.read_bytes()
        for name in ("catalogue.ttl", "open-register.ttl"):
            yield name, package_path(name).read_bytes()
        for room in ("ontology", "shapes"):
            for file in room_files(room):
                yield f"{room}/{file.name}", file.read_bytes()

    def _imported(self, extra: Sequence[Source]) -> list[Source]:
        found = {source.slug: source for source, imported in self.sources() if imported}
        found.update((source.slug, source) for source in extra)
        return [found[slug] for slug in sorted(found)]


def shipped(data_directory: Path | None = None) -> Facts:
    """Give the facts that come with the package, with the sources imported into `data_directory`, if one is given."""
    return Facts(package_path("facts"), data_directory / "sources" if data_directory else None)


def facts_of(manifest: Manifest, data_directory: Path) -> Facts:
    """Give the facts that the version with `manifest` was built from, imports included."""
    folder = Path(manifest.facts) if manifest.facts else package_path("facts")
    return Facts(folder, data_directory / "sources")
