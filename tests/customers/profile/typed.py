"""What the open form would send: its texts, what is chosen in its lists, its ticks."""

from django.test.html import parse_html

from tests.incidents.desk import pages
from tests.incidents.desk.pages import attribute, elements


def fields(html: str, action: str) -> dict[str, str]:
    """As `pages.fields`, with the chosen option of each list, and boxes as browsers send them."""
    values = pages.fields(html, action)
    (form,) = [e for e in elements(parse_html(html)) if e.name == "form" and attribute(e, "action") == action]
    for select in (one for one in elements(form) if one.name == "select"):
        options = [one for one in elements(select) if one.name == "option"]
        chosen = [one for one in options if "selected" in dict(one.attributes)] or options
        values[attribute(select, "name") or ""] = attribute(chosen[0], "value") or ""
    for box in (one for one in elements(form) if attribute(one, "type") == "checkbox"):
        if "checked" in dict(box.attributes):
            values[attribute(box, "name") or ""] = "on"
    return values
