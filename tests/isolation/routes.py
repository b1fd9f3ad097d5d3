"""Every route of the portal, read off the resolver, so that nobody has to remember one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """A URL as the resolver knows it: "incidents:desk_take", its pattern, and the names of its parameters."""

    name: str
    pattern: str
    parameters: frozenset[str]

    @property
    def line(self) -> str:
        return f"{self.name} {self.pattern}"

    @property
    def is_of_a_problem(self) -> bool:
        """Its `reference` is a problem's: a page's by the converter, the API's by its pattern."""
        return "problem:" in self.pattern or "PRB-" in self.pattern

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def is_account(self) -> bool:
        """allauth's pages: public, or about the signed-in person alone."""
        return self.name.startswith(("account_", "mfa_"))


def routes() -> list[Route]:
    found = {route.line: route for route in _walk(get_resolver(), "", "")}
    return sorted(found.values(), key=lambda route: route.line)


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, pattern)
        elif isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name}", pattern, frozenset(_parameters(resolver, entry)))


def _parameters(resolver: URLResolver, entry: URLPattern) -> set[str]:
    names: set[Any] = set(entry.pattern.regex.groupindex) | set(resolver.pattern.regex.groupindex)
    return names - {"format"}
