"""Parameters of the running request that name things."""

from flask import request

from graph.terms import read_iri
from server.problems import bad_request


def iri_parameter(name: str) -> str:
    """Give the IRI in the parameter `name`, in any of the forms of `read_term`.

    Raises Problem (400) where the parameter is missing or is no IRI.
    """
    try:
        return read_iri(request.args[name])
    except KeyError:
        raise bad_request(f"the parameter {name!r} is missing: it names the thing or the property by its IRI") from None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error
