"""The API's description as a page: made on the server from the schema, loading nothing from anywhere else."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Field:
    """A parameter or a part of a body, as it is written down."""

    name: str
    kind: str
    required: bool
    text: str = ""


@dataclass
class Operation:
    method: str
    path: str
    name: str
    text: str
    group: str
    parameters: list[Field] = field(default_factory=list)
    body: list[Field] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def example(self) -> str:
        """A call one can paste."""
        said = {item.name: "..." for item in self.body if item.required}
        data = f" \\\n  --json '{json.dumps(said)}'" if self.method == "POST" else ""
        return f'curl -H "Authorization: Token ek_..." {settings.BASE_URL}{self.path}{data}'


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    frame = "portal_base.html" if user.is_customer_side else "desk_base.html"
    return render(request, "api/docs.html", {"groups": _groups(), "frame": frame})


@cache
def _groups() -> dict[str, list[Operation]]:
    """Operations by the noun in their path; the schema changes only with the code, so it is read once a process."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[Operation]] = {}
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _operation(schema, path, method, item[method])
                groups.setdefault(operation.group, []).append(operation)
    return groups


def _operation(schema: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> Operation:
    text = told.get("description", "").split("\n\n")[0]
    parameters = [
        Field(found["name"], _kind(found["schema"]), found.get("required", False), found.get("description", ""))
        for found in told.get("parameters", [])
    ]
    answers = [(status, answer.get("description", "")) for status, answer in told.get("responses", {}).items()]
    verb = path.strip("/").split("/")[-1]
    return Operation(
        method=method.upper(),
        path=path,
        name=verb if not verb.startswith("{") else "read",
        text=text,
        group=path.strip("/").split("/")[2],
        parameters=parameters,
        body=_body(schema, told),
        answers=answers,
    )


def _body(schema: dict[str, Any], told: dict[str, Any]) -> list[Field]:
    content: dict[str, Any] = told.get("requestBody", {}).get("content", {})
    forms: list[dict[str, Any]] = [form["schema"] for form in content.values()]
    shape = _resolved(schema, forms[0]) if forms else {}
    required = set(shape.get("required", []))
    return [
        Field(name, _kind(_resolved(schema, part)), name in required, part.get("description", ""))
        for name, part in shape.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in part:
        part = part["allOf"][0]
    if "$ref" not in part:
        return part
    found: dict[str, Any] = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    return found


def _kind(shape: dict[str, Any]) -> str:
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"])
    return str(shape.get("format") or shape.get("type") or "value")
