"""The OpenAPI description is true: it tells of every route and method and of no other, and its examples work."""

import itertools
import json
import re
import shutil
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import Client

from server.app import create_app
from server.routes import ROUTES
from server.serve import over
from server.service import open_service
from server.settings import Settings

TOKEN = "a-word"
METHODS = {"get", "head", "options", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def described(second_data, tmp_path_factory):
    """A service over the second ecosystem, and its description."""
    path = tmp_path_factory.mktemp("openapi")
    shutil.copytree(second_data.path, path, dirs_exist_ok=True)
    service = open_service(Settings(data_dir=path, workers=1, timeout=5.0))
    web = Client(over(service))
    yield SimpleNamespace(web=web, document=web.get("/openapi.json").json, routes=create_app(service).url_map)
    service.pool.close()


def operations(document):
    return {(path, method): told for path, item in document["paths"].items() for method, told in item.items()}


def test_the_description_is_valid(described):
    assert described.document["openapi"].startswith("3.1.")
    assert [str(error.message) for error in OpenAPIV31SpecValidator(described.document).iter_errors()] == []
    names = [told["operationId"] for told in operations(described.document).values()]
    assert len(set(names)) == len(names)


def test_every_route_and_method_is_described_and_no_other(described):
    real = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in described.routes.iter_rules()
        for method in rule.methods
    }
    assert {method for _, method in real} <= METHODS
    assert set(operations(described.document)) == real
    assert {row.endpoint for row in ROUTES} == {rule.endpoint for rule in described.routes.iter_rules()} - {
        "sparql.options"  # described as the OPTIONS of /sparql
    }


def test_the_parameters_of_each_path_are_described(described):
    for (path, method), told in operations(described.document).items():
        own = {one["name"] for one in told.get("parameters", []) if one["in"] == "path"}
        assert own == set(re.findall(r"\{(\w+)\}", path)), (path, method)


def requests(path, told):
    """Give each address that an operation's examples make."""
    chosen = [
        [(one, example["value"]) for example in one["examples"].values()]
        for one in told.get("parameters", [])
        if "examples" in one
    ]
    for values in itertools.product(*chosen):
        address, query = path, []
        for parameter, value in values:
            if parameter["in"] == "path":
                address = address.replace("{" + parameter["name"] + "}", quote(value))
            else:
                query.append((parameter["name"], value))
        assert "{" not in address, f"no example for {address}"
        yield address + ("?" + urlencode(query) if query else "")


def test_each_route_answers_its_examples_as_described(described, monkeypatch):
    """Each address of each GET route, as any of its media types; HEAD says the same without a body."""
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    called = 0
    for (path, method), told in operations(described.document).items():
        if method != "get":
            continue
        headers = {"Authorization": f"Bearer {TOKEN}"} if "security" in told else {}
        kinds = told["responses"].get("200", {"content": {}})["content"]  # a redirect alone has no 200
        for address, kind in itertools.product(requests(path, told), [None, *kinds]):
            response = described.web.get(address, headers=headers | ({"Accept": kind} if kind else {}))
            check(response, told, (address, kind))
            assert response.status_code in (200, 301, 303, 406), (address, kind)
            head = described.web.head(address, headers=headers | ({"Accept": kind} if kind else {}))
            assert (head.status_code, head.data) == (response.status_code, b"")
            assert head.headers.get("Content-Type") == response.headers.get("Content-Type")
            called += 1
    assert called > 50


def check(response, told, where):
    """Check status and media type of `response` against what is told of its operation."""
    status = str(response.status_code)
    assert status in told["responses"], (where, status)
    content = told["responses"][status].get("content", {})
    if "$ref" not in content and response.status_code not in (301, 303, 304):
        assert response.mimetype in content or "*/*" in content, (where, status, response.mimetype)


def test_each_page_and_document_has_an_example_that_is_found(described, monkeypatch):
    """Without Accept each route gives 200, or sends to an address that does."""
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    for (path, method), told in operations(described.document).items():
        if method == "get":
            for address in requests(path, told):
                response = described.web.get(
                    address, headers={"Authorization": f"Bearer {TOKEN}"}, follow_redirects=True
                )
                assert response.status_code == 200, address


def test_the_other_methods_answer_as_described(described):
    for (path, method), told in operations(described.document).items():
        if method in ("get", "head"):
            continue
        address = path.format(**dict.fromkeys(re.findall(r"\{(\w+)\}", path), "x"))
        if method == "options":
            response = described.web.options(address)
            assert response.status_code // 100 == 2
            offered = {name.strip().lower() for name in response.headers["Allow"].split(",")}
            assert offered == set(described.document["paths"][path]), path
            continue
        for kind, body in told.get("requestBody", {}).get("content", {"": {}}).items():
            given = body.get("example", "x")
            data = urlencode(given) if isinstance(given, dict) else given
            response = described.web.open(address, method=method, data=data, content_type=kind or None)
            check(response, told, (method, address, kind))


def test_what_a_parameter_may_be_is_so(described):
    """Each value that a schema lists is answered; another is not."""
    formats = operations(described.document)["/export/{name}.{suffix}", "get"]["parameters"]
    names, suffixes = (one["schema"]["enum"] for one in formats)
    for name, suffix in itertools.product(names, suffixes):
        assert described.web.head(f"/export/{name}.{suffix}").status_code == 200
    assert described.web.head("/export/all.zip").status_code == 404


def test_the_servers_are_the_live_version_and_the_others_by_name(described):
    live, pinned = described.document["servers"]
    assert live["url"] == "http://localhost"
    names = pinned["variables"]["version"]
    assert names["default"] in names["enum"]
    for name in names["enum"]:
        address = pinned["url"].replace("{version}", name).removeprefix("http://localhost")
        assert described.web.get(address + "/health").json["snapshot"] == name


def test_problems_are_as_their_schema_has_them(described):
    schema = described.document["components"]["schemas"]["Problem"]
    for address in ("/nowhere", "/sparql?query=SELEC", "/graphs", "/-/queries"):
        response = described.web.get(address)
        assert response.mimetype == "application/problem+json"
        assert set(schema["required"]) <= set(json.loads(response.data)), address
