"""What to say on the telephone to customers who are guided: filled in from what was said last.

In the language and the time zone of whoever is called; what people wrote stands as they wrote it.
"""

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from customers.models import Level, User
from incidents import clocks
from incidents.models import CallTask
from itsm import moment, wording
from itsm.middleware import zone
from itsm.text import headline

Why = CallTask.Why
LONG = 240  # characters of somebody's words; the incident's page has the rest


def script(call: CallTask, *, caller: User, said: str, comment: str, next_at: datetime | None) -> list[str]:
    """One sentence or two for each step; nothing for customers who are not guided.

    `said` is the last public word of the desk, `comment` what came with a bad answer, `next_at` the promise that runs.
    """
    if clocks.terms_of(call.incident).level != Level.GUIDED:
        return []
    language = call.person.speaks() if call.person else call.customer.language
    place = call.person.reads_clocks_in() if call.person else call.customer.time_zone
    with translation.override(language), timezone.override(zone(place)):
        hello = _("Hello, this is %(name)s from your service desk.") % {"name": caller.name}
        steps = {Why.CONFIRM: _to_confirm, Why.UNHAPPY: _to_hear_out}
        if step := steps.get(Why(call.why)):
            return [hello, *step(call, comment)]
        return [hello, *_about_the_trouble(call, said, next_at)]


def _about_the_trouble(call: CallTask, said: str, next_at: datetime | None) -> list[str]:
    incident = call.incident
    lines = [_("I know about it: “%(title)s”.") % {"title": headline(incident.title)}]
    if incident.service:
        lines.append(_("Affected: %(service)s.") % {"service": incident.service.name})
    if said:
        lines.append(_("How it stands: “%(said)s”") % {"said": headline(said, LONG)})
    if incident.asks_customer:
        lines.append(_("We have a question: “%(question)s”") % {"question": headline(incident.question, LONG)})
    elif incident.outcome:
        lines.append(_("What you can do: “%(outcome)s”") % {"outcome": headline(incident.outcome, LONG)})
    else:
        lines.append(_("For now there is nothing you have to do."))
    if next_at:
        when = wording.due_words(next_at, moment.now(), timezone.get_current_timezone())
        lines.append(_("You hear from me again by %(when)s.") % {"when": when})
    return [*lines, _("Is anything urgent that stops because of this?")]


def _to_confirm(call: CallTask, _comment: str) -> list[str]:
    outcome = headline(call.incident.outcome, LONG)
    return [
        _("You reported: “%(title)s”.") % {"title": headline(call.incident.title)},
        *([_("What was done: “%(outcome)s”") % {"outcome": outcome}] if outcome else []),
        _("Does it work for you again? If not, I open it again right now."),
        _("Is there anything else that does not work?"),
    ]


def _to_hear_out(call: CallTask, comment: str) -> list[str]:
    return [
        _("It is about “%(title)s”. You were not satisfied, and I would like to know why.")
        % {"title": headline(call.incident.title)},
        *([_("You wrote: “%(comment)s”") % {"comment": headline(comment, LONG)}] if comment else []),
        _("What should we have done differently?"),
        _("Is there anything that still does not work?"),
    ]
