"""One assertion for every swap: what htmx makes of the page is what a reload would show."""

import re
from html.parser import HTMLParser

from django.test import Client

VOLATILE = [
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'), "csrf"),
    (re.compile(r'name="client_token" value="[^"]+"'), "token"),
    (re.compile(r'name="server-time" content="[^"]+"'), "time"),
    (re.compile(r'data-left="[^"]+"'), "left"),
    (re.compile(r"\s+"), " "),
]


def settled(html: str) -> str:
    """The page without what differs on each reload."""
    for pattern, stand_in in VOLATILE:
        html = pattern.sub(stand_in, html)
    return html.strip()


class _Finder(HTMLParser):
    """Finds where the element with an id begins and ends in the source."""

    VOID = {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "rect",
        "use",
        "path",
    }

    def __init__(self, html: str, wanted: str) -> None:
        super().__init__()
        self.html, self.wanted = html, wanted
        self.lines = [0]
        for line in html.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.depth, self.start, self.end = 0, -1, -1
        self.feed(html)

    def _here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag, attributes) -> None:
        if self.start < 0 and dict(attributes).get("id") == self.wanted:
            self.start = self._here()
        if self.start >= 0 and self.end < 0 and tag not in self.VOID:
            self.depth += 1

    def handle_startendtag(self, tag, attributes) -> None:
        """Closed in itself: changes no depth."""

    def handle_endtag(self, tag) -> None:
        if self.start >= 0 and self.end < 0 and tag not in self.VOID:
            self.depth -= 1
            if self.depth == 0:
                self.end = self.html.index(">", self._here()) + 1


def element(html: str, name: str) -> str:
    found = _Finder(html, name)
    assert found.start >= 0, f"no element with the id {name}"
    return html[found.start : found.end]


def assert_swap_equals_reload(client: Client, page: str, address: str, data: dict, target: str) -> None:
    """Posts with htmx, and compares the fragment with the same element of the reloaded page."""
    answer = client.post(address, data, headers={"hx-request": "true"})
    assert answer.status_code == 200, answer.content.decode()[:500]

    swapped = element(answer.content.decode(), target)
    reloaded = element(client.get(page).content.decode(), target)

    assert settled(swapped) == settled(reloaded)
