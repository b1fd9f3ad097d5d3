"""A released report in words, as page and paper show it. Customers read all of it."""

from datetime import date
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from problems import sections
from problems.models import Action, Report


def report_lines(report: Report) -> list[tuple[Any, str]]:
    """Heading and words, as page and paper show them; a section without words is left out."""
    content = report.content
    lines = [(heading, content["words"].get(name, "")) for name, heading in sections.REPORT.items()]
    agreed = [_action_line(action) for action in content.get("actions", [])]
    if agreed:
        lines.append((_("Actions"), "\n".join(agreed)))
    if figures := content.get("figures"):
        lines.append((_("In figures"), _figure_lines(figures)))
    return [(heading, words) for heading, words in lines if words]


def _action_line(action: dict[str, Any]) -> str:
    day = format_date(date.fromisoformat(action["due_on"]), "j M Y")
    whose = _("you") if action["whose"] == "customer" else _("we")
    done = _("done") if action["is_done"] else _("by %(day)s") % {"day": day}
    return f"• {action['what']} ({Action.Kind(action['kind']).label}; {whose}; {done})"


def _figure_lines(figures: dict[str, int]) -> str:
    return "\n".join(
        [
            _("Incidents of this cause: %(n)d") % {"n": figures["incidents"]},
            _("Promised words kept: %(kept)d of %(all)d")
            % {"kept": figures["promises_kept"], "all": figures["promises"]},
            _("Worked again in the agreed time: %(kept)d of %(all)d")
            % {"kept": figures["restores_in_time"], "all": figures["restores"]},
        ]
    )
