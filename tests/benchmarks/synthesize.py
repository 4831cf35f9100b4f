"""A made-up graph of any size, for measuring: in the project's own terms, shaped by the real graph, never data.

    python -m tests.benchmarks.synthesize --partners 640000 --seed 1 -o synthetic.nq.gz

The same numbers give the same bytes. Distributions (places and ties a partner, how few hubs hold most of the ties) are
the shipped graph's; participations and solutions are thinned, to about 15 statements a partner. With `--violations`
the file beside it, `.violations.tsv`, says which focus node breaks which shape.
"""

import argparse
import gzip
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random

from graph.names import PREFIXES, THING
from tests.benchmarks.violations import copies
from tests.benchmarks.vocabulary import (
    ACTIVITIES,
    CATEGORIES,
    CONCEPTS,
    ECOSYSTEM,
    LABEL,
    NAMED_GRAPH,
    PLACES,
    PRODUCTS,
    PROGRAMMES,
    ROLES,
    TIERS,
    A,
    known,
    pe,
    statements,
    thing,
)

_BATCH = 5000
_END = f" <{NAMED_GRAPH}> .\n"
_DATE, _YEAR = (f"^^<{PREFIXES['xsd']}{name}>" for name in ("date", "gYear"))
# How many of each a partner has: value -> weight.
_PLACES = {0: 72, 1: 7, 2: 7, 3: 3, 4: 2, 5: 2, 6: 1, 7: 1, 10: 2, 14: 1, 20: 1, 25: 1}
_CATEGORIES = {1: 93, 2: 6, 3: 1}
_SOLUTIONS = {0: 64, 1: 29, 2: 5, 3: 1, 8: 1}
_PARTICIPATIONS = {0: 60, 1: 32, 2: 7, 3: 1}
_TIES = {0: 88, 1: 9, 2: 2, 3: 1}
_KINDS = ("connectsVia",) * 6 + ("buildsFor", "poweredBy", "resellsFor", "suppliesTo")
_FIRST = "Nord Alpen Blue Cedar Delta Ember Falcon Granit Harbor Iris Juno Kappa Lumen Mistral Nova Onyx Pine".split()
_SECOND = "Data Cloud Net Soft Systems Logic Works Bridge Stack Grid Signal Byte Frame Mesh Metric Vault".split()
_FORM = "Ltd GmbH Inc SA AB BV KK SpA Oy Group".split()
_OTHER = {"de": "Gesellschaft für {}", "fr": "Société {}", "ja": "{}株式会社", "es": "Compañía {}", "pl": "Spółka {}"}


class Maker:
    """Draws partners, one batch after another; `hubs` is how many of the first partners attract most ties."""

    def __init__(self, partners: int, seed: int) -> None:
        self._random = Random(seed)
        self._partners = partners
        self._hubs = max(1, partners // 400)

    def statements(self) -> Iterator[str]:
        """Give the statements about every partner, as N-Triples without the full stop, a block a partner."""
        for first in range(0, self._partners, _BATCH):
            yield from self._batch(range(first, min(first + _BATCH, self._partners)))

    def _batch(self, numbers: Sequence[int]) -> Iterator[str]:
        count = len(numbers)
        columns = [self._drawn(weights, count)
                   for weights in (_CATEGORIES, _PLACES, _SOLUTIONS, _PARTICIPATIONS, _TIES)]  # fmt: skip
        for number, categories, places, solutions, participations, ties in zip(numbers, *columns, strict=True):
            iri, name = _partner(number), self._name(number)
            lines = self._partner(iri, name, number)
            lines += [f"{iri} {pe('category')} {thing('category', c)}" for c in self._skewed(CATEGORIES, categories)]
            lines += [f"{iri} {pe('peersAt')} {thing('location', p)}" for p in self._skewed(PLACES, places)]
            for part in range(solutions):
                lines += self._solution(iri, name, number, part)
            for program in self._skewed(PROGRAMMES, participations):
                lines += self._participation(iri, name, number, program)
            for part in range(ties):
                lines += self._tie(iri, name, number, part)
            yield _END.join(lines) + _END

    def _drawn(self, weights: dict[int, int], count: int) -> list[int]:
        return self._random.choices(list(weights), cum_weights=list(accumulate(weights.values())), k=count)

    def _skewed(self, most: int, count: int) -> list[int]:
        """Draw `count` different numbers below `most`, low ones far oftener: few hold most, as in the real graph."""
        count, found = min(count, most), dict[int, None]()
        while len(found) < count:
            found[int(most * self._random.random() ** 2.5)] = None
        return list(found)

    def _name(self, number: int) -> str:
        pick = self._random.random
        return f"{_FIRST[int(pick() * 17)]} {_SECOND[int(pick() * 16)]} {number} {_FORM[int(pick() * 10)]}"

    def _partner(self, iri: str, name: str, number: int) -> list[str]:
        lines = [f"{iri} {A} {pe('Organization')}", f"{iri} {A} {pe('Partner')}", f'{iri} {LABEL} "{name}"']
        chance = self._random.random()
        if chance < 0.28:
            lines.append(f'{iri} {pe("webDomain")} "partner-{number}.example"')
        if chance < 0.63:
            lines.append(f"{iri} {pe('activity')} {thing('concept', ACTIVITIES[number % 3])}")
        if chance > 0.88:
            tag = list(_OTHER)[number % 5]
            lines.append(f'{iri} {known("skos", "altLabel")} "{_OTHER[tag].format(name)}"@{tag}')
        return lines

    def _solution(self, partner: str, name: str, number: int, part: int) -> list[str]:
        iri = thing("solution", number, part)
        draw = self._skewed
        return [
            f"{partner} {pe('offers')} {iri}",
            f"{iri} {A} {pe('Solution')}",
            f'{iri} {LABEL} "{name} {part}"',
            f"{iri} {pe('builtOn')} {thing('product', draw(PRODUCTS, 1)[0])}",
            *(f"{iri} {pe('solutionCategory')} {thing('concept', c)}" for c in draw(CONCEPTS, 1 + number % 4 // 2)),
        ]

    def _participation(self, partner: str, name: str, number: int, program: int) -> list[str]:
        iri = thing("participation", number, program)
        year = 1992 + 2 * program + int(self._random.random() * (33 - 2 * program))
        since = f'"{year}"{_YEAR}' if number % 5 == 0 else f'"{year}-{1 + number % 12:02}-{1 + number % 28:02}"{_DATE}'
        lines = [
            f"{partner} {pe('participatesIn')} {thing('program', program)}",
            f"{iri} {A} {pe('Participation')}",
            f'{iri} {LABEL} "{name} in programme {program}"',
            f"{iri} {pe('participant')} {partner}",
            f"{iri} {pe('program')} {thing('program', program)}",
            f"{iri} {pe('inEcosystem')} {ECOSYSTEM}",
            f"{iri} {pe('role')} {thing('role', self._skewed(ROLES, 1)[0])}",
            f"{iri} {pe('since')} {since}",
        ]
        if number % 10 < 7:
            tier = TIERS[self._skewed(len(TIERS), 1)[0]]
            lines.append(f"{iri} {pe('tier')} {thing('tier', program, tier)}")
        return lines

    def _tie(self, partner: str, name: str, number: int, part: int) -> list[str]:
        iri, kind = thing("relationship", number, part), _KINDS[int(self._random.random() * len(_KINDS))]
        among = self._hubs if self._random.random() < 0.8 else self._partners
        other = int(among * self._random.random() ** 2)
        to = _partner(other if other != number else (other + 1) % max(2, self._partners))
        return [
            f"{iri} {A} {pe('Relationship')}",
            f'{iri} {LABEL} "{name} {kind} {part}"',
            f"{iri} {pe('from')} {partner}",
            f"{iri} {pe('to')} {to}",
            f"{iri} {pe('relationshipKind')} {pe(kind)}",
            f"{partner} {pe(kind)} {to}",
        ]


def _partner(number: int) -> str:
    return f"<{THING}organization/synthetic-{number}>"


def write(path: Path, partners: int, seed: int, violations: int = 0) -> int:
    """Write the graph as N-Quads to `path` (gzip where it ends so) and give the number of lines."""
    lines = 0
    with path.open("wb") as plain:
        packed = gzip.GzipFile("", "wb", 1, plain, mtime=0) if path.suffix == ".gz" else None
        for block in _blocks(path, partners, seed, violations):
            lines += block.count("\n")
            (packed or plain).write(block.encode())
        if packed:
            packed.close()
    return lines


def _blocks(path: Path, partners: int, seed: int, violations: int) -> Iterator[str]:
    yield "".join(line + _END for line in statements())
    held: list[str] = []
    for block in Maker(partners, seed).statements():
        held.append(block)
        if len(held) == _BATCH:
            yield "".join(held)
            held.clear()
    yield "".join(held)
    if violations:
        broken = list(copies(violations))
        rows = [f"{focus}\t{shape}\n" for copy in broken for focus, shape in copy.broken]
        path.with_suffix(".violations.tsv").write_text("focus\tshape\n" + "".join(rows), encoding="utf-8")
        yield "".join(triple + _END for copy in broken for triple in copy.triples)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file that the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--partners", type=int, required=True, help="number of partners")
    parser.add_argument("--seed", type=int, default=1, help="another number gives another graph")
    parser.add_argument("--violations", type=int, default=0, help="number of broken copies to add")
    parser.add_argument("-o", "--output", type=Path, required=True, help="N-Quads file, .nq or .nq.gz")
    given = parser.parse_args(arguments)
    print(write(given.output, given.partners, given.seed, given.violations), "statements")


if __name__ == "__main__":
    main()
