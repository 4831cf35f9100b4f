"""Parameters of the running request that name things."""

from collections.abc import Collection

from flask import request

from graph.terms import read_iri
from server.problems import bad_parameter, bad_request


def only_once(*names: str) -> None:
    """Raise Problem (400) where one of the parameters `names` is given more than once: none of its values is meant
    more than the others.
    """
    for name in names:
        if len(request.args.getlist(name)) > 1:
            raise bad_parameter(name[:40], f"the parameter {name[:40]!r} is given twice; it has one value")


def only_these(names: Collection[str]) -> None:
    """Raise Problem (400) for a parameter that is none of `names`, which it tells."""
    for name in request.args:
        if name not in names:
            told = ", ".join(sorted(names))
            raise bad_parameter(name[:40], f"there is no parameter {name[:40]!r} here; there are {told}", sorted(names))


def iri_parameter(name: str) -> str:
    """Give the IRI in the parameter `name`, in any of the forms of `read_term`.

    Raises Problem (400) where the parameter is missing or is no IRI.
    """
    only_once(name)
    try:
        return read_iri(request.args[name])
    except KeyError:
        raise bad_request(f"the parameter {name!r} is missing: it names the thing or the property by its IRI") from None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error
