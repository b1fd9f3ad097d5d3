"""A page of the desk as a browser sees it: its regions, its forms, its links."""

from typing import Any

from django.test.html import Element, parse_html

HX = {"HX-Request": "true"}
# Made anew each time a page is drawn; everything else is the same after a swap and after a reload.
VOLATILE_FIELDS = {"client_token", "csrfmiddlewaretoken"}
VOLATILE_ATTRIBUTES = {"hx-swap-oob", "autofocus", "data-left"}


def elements(node: Any) -> list[Element]:
    """The element and all below it, in the order of the page."""
    below = [found for child in node.children if isinstance(child, Element) for found in elements(child)]
    return [node, *below]


def attribute(element: Element, name: str) -> str | None:
    return dict(element.attributes).get(name)


def region(html: str, identity: str) -> Element:
    """The element with this id, without what differs each time it is drawn."""
    (found,) = [one for one in elements(parse_html(html)) if attribute(one, "id") == identity]
    for one in elements(found):
        volatile = attribute(one, "name") in VOLATILE_FIELDS
        one.attributes = [
            (name, value)
            for name, value in one.attributes
            if name not in VOLATILE_ATTRIBUTES and not (volatile and name == "value")
        ]
    return found


def fields(html: str, action: str) -> dict[str, str]:
    """What the form with this address would send if nobody typed anything."""
    (form,) = [one for one in elements(parse_html(html)) if one.name == "form" and attribute(one, "action") == action]
    values = {}
    for one in elements(form):
        name, kind = attribute(one, "name"), attribute(one, "type")
        unchecked = kind in {"radio", "checkbox"} and "checked" not in dict(one.attributes)
        if name and one.name != "button" and not unchecked:
            values[name] = text(one) if one.name == "textarea" else attribute(one, "value") or ""
    return values


def links(html: str, words: str) -> list[str]:
    """The addresses of the links whose text begins with `words`."""
    anchors = [one for one in elements(parse_html(html)) if one.name == "a"]
    return [attribute(a, "href") or "" for a in anchors if text(a).startswith(words)]


def text(element: Element) -> str:
    parts = [child if isinstance(child, str) else text(child) for child in element.children]
    return " ".join(" ".join(parts).split())
