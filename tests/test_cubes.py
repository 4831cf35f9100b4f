"""Data cubes are well-formed (https://www.w3.org/TR/vocab-data-cube/#wf-rules): IC-1, 2, 3, 6, 11, 12 and 14.

The rules on slices, hierarchies and several measures (5, 7 to 10, 13, 15 to 21) have nothing to bite on.
"""

from collections import Counter, defaultdict

import pytest
from pyoxigraph import NamedNode, Store

from graph.snapshot import Snapshot

QB = "http://purl.org/linked-data/cube#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
NAMING = {QB + "dataSet", RDF_TYPE.value, "http://www.w3.org/2000/01/rdf-schema#label"}

Cube = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def store(snapshot: Snapshot) -> Store:
    return snapshot.store


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(f"PREFIX qb: <{QB}> PREFIX pe: <https://w3id.org/partner-ecosystem/ontology#> {query}")
    return [tuple(term.value for term in row) for row in found]  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def structures(store: Store) -> dict[str, dict[str, set[str]]]:
    """The components of each data set by their kind."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind in ("dimension", "measure", "attribute"):
        for cube, of in ask(store, f"SELECT ?cube ?of {{ ?cube qb:structure/qb:component/qb:{kind} ?of }}"):
            found[cube][kind].add(of)
    return found


@pytest.fixture(scope="module")
def cubes(store: Store) -> dict[str, Cube]:
    """The observations of each data set with the values of their properties."""
    found: dict[str, Cube] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for cube, observation, property_, value in ask(store, "SELECT ?cube ?o ?p ?v { ?o qb:dataSet ?cube ; ?p ?v }"):
        found[cube][observation][property_].add(value)
    return found


def test_an_observation_is_of_one_data_set(store: Store) -> None:
    """IC-1."""
    several = Counter(one for one, _ in ask(store, "SELECT ?o ?cube { ?o qb:dataSet ?cube }"))
    assert several
    assert {one for one, number in several.items() if number > 1} == set()


def test_a_data_set_has_one_structure(store: Store) -> None:
    """IC-2; and each has observations: an empty cube is a structure that somebody forgot."""
    sets = {cube for (cube,) in ask(store, "SELECT ?cube { ?cube a qb:DataSet }")}
    assert Counter(cube for cube, _ in ask(store, "SELECT ?cube ?s { ?cube qb:structure ?s }")) == Counter(sets)
    assert sets == {cube for (cube,) in ask(store, "SELECT DISTINCT ?cube { ?o qb:dataSet ?cube }")}


def test_a_structure_has_a_measure_and_dimensions(structures: dict[str, dict[str, set[str]]]) -> None:
    """IC-3; none is both."""
    assert structures
    for cube, parts in structures.items():
        assert len(parts["measure"]) == 1, cube
        assert parts["dimension"] and not parts["dimension"] & (parts["measure"] | parts["attribute"]), cube


def test_components_are_declared_in_the_vocabulary_as_what_they_are(
    store: Store, structures: dict[str, dict[str, set[str]]]
) -> None:
    declared = {
        kind: {one for (one,) in ask(store, f"SELECT ?p {{ ?p a qb:{kind.capitalize()}Property }}")}
        for kind in ("dimension", "measure", "attribute")
    }
    for parts in structures.values():
        for kind, components in parts.items():
            assert components <= declared[kind]


def test_every_observation_has_one_value_for_each_dimension_and_the_measure(
    cubes: dict[str, Cube], structures: dict[str, dict[str, set[str]]]
) -> None:
    """IC-11 and IC-14."""
    for cube, observations in cubes.items():
        for observation, values in observations.items():
            for component in structures[cube]["dimension"] | structures[cube]["measure"]:
                assert len(values[component]) == 1, (observation, component)


def test_no_two_observations_of_a_data_set_have_the_same_dimensions(
    cubes: dict[str, Cube], structures: dict[str, dict[str, set[str]]]
) -> None:
    """IC-12."""
    for cube, observations in cubes.items():
        dimensions = sorted(structures[cube]["dimension"])
        places = Counter(tuple(min(values[one]) for one in dimensions) for values in observations.values())
        assert [place for place, number in places.items() if number > 1] == [], cube


def test_what_an_observation_says_is_a_component_of_its_structure(
    cubes: dict[str, Cube], structures: dict[str, dict[str, set[str]]]
) -> None:
    """Else a reader of the cube does not see it (IC-6 the other way round); what it is about may be its cube's."""
    about = "https://w3id.org/partner-ecosystem/ontology#about"
    for cube, observations in cubes.items():
        components = set.union(*structures[cube].values()) | NAMING | {about}
        assert set().union(*observations.values()) <= components, cube
