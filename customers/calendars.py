"""Calendars as people write them: hours as text, public holidays of a country, days of one's own."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from customers import holiday_files
from customers.models import Calendar
from customers.working_hours import DAYS, HoursError, Spec, gettext_noop, parse

YEARS_BACK, YEARS_AHEAD = 5, 25  # of public holidays, around the year in which the calendar is saved
_DAY_LINE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:\s+(?P<rest>.*))?", re.ASCII)
_SPAN = re.compile(r"\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}", re.ASCII)


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """Code and English name of each country whose public holidays are known, by name."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415  (fifty milliseconds that only an editor needs)

    known = {codes[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", codes[0]) for codes in COUNTRIES.values()}
    return tuple(sorted(known.items(), key=lambda pair: pair[1]))


def regions(country: str) -> list[str]:
    """The codes of the regions with holidays of their own."""
    import holidays  # noqa: PLC0415  (likewise)

    return list(holidays.list_supported_countries(include_aliases=False).get(country, []))


def public_holidays(country: str, region: str, years: Iterable[int]) -> dict[date, str]:
    """The public holidays of these years by date. Raises `HoursError` for a country or region nobody knows."""
    import holidays  # noqa: PLC0415  (likewise)

    if not country:
        return {}
    if country not in dict(countries()):
        raise HoursError("country", gettext_noop("“%(name)s” is no country whose holidays are known."), name=country)
    if region and region not in regions(country):
        known = ", ".join(regions(country)) or "–"
        raise HoursError(
            "region",
            gettext_noop("“%(name)s” is no region of that country; known are: %(known)s."),
            name=region,
            known=known,
        )
    found = holidays.country_holidays(country, subdiv=region or None, years=years)
    return dict(sorted(found.items()))


def week_as_text(spec: Mapping[str, Any]) -> dict[str, str]:
    """Day -> "09:00-12:00, 13:00-17:00"; closed days are empty."""
    weekly = spec.get("weekly") or {}
    return {day: ", ".join("-".join(span) for span in weekly.get(day, [])) for day in DAYS}


def spans(field: str, text: str) -> list[list[str]]:
    """ "09:00-12:00, 13:00-17:00" as a specification has it. Raises `HoursError` naming what cannot be read."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not _SPAN.fullmatch(part):
            raise HoursError(
                field,
                gettext_noop("“%(text)s” cannot be read; hours look like 09:00-12:00, 13:00-17:00."),
                text=part[:40],
            )
    return [[end.strip() for end in part.split("-")] for part in parts]


def days_as_text(days: Mapping[str, str]) -> str:
    return "\n".join(f"{day} {name}".strip() for day, name in sorted(days.items()))


def named_days(text: str) -> dict[str, str]:
    """ "2026-12-24 Christmas Eve" a line: date -> name. Raises `HoursError` naming the line."""
    return dict(_day_lines("own_days", text))


def with_file(text: str, content: bytes, this_year: int) -> str:
    """The lines of days of one's own with those of an iCalendar file among them; what was typed names its day.

    Raises `HoursError` naming the line that cannot be read, of the text or of the file.
    """
    return days_as_text(holiday_files.closed_days(content, this_year + YEARS_AHEAD) | named_days(text))


def half_days(text: str) -> dict[str, list[list[str]]]:
    """ "2026-12-31 09:00-12:00" a line: date -> hours; no hours close the day."""
    return {day: spans("half_days", rest) for day, rest in _day_lines("half_days", text)}


def half_days_as_text(overrides: Mapping[str, Any]) -> str:
    lines = [f"{day} {', '.join('-'.join(span) for span in hours)}" for day, hours in sorted(overrides.items())]
    return "\n".join(line.strip() for line in lines)


def _day_lines(field: str, text: str) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _DAY_LINE.fullmatch(line.strip())
        if not found:
            template = gettext_noop("Line %(number)d: “%(text)s” must begin with a date such as 2026-12-24.")
            raise HoursError(field, template, number=number, text=line.strip()[:40])
        yield found["day"], (found["rest"] or "").strip()


def proposal(written: Mapping[str, Any], this_year: int) -> dict[str, Any]:
    """The fields of a calendar out of what was written in its form. Raises `HoursError` for what cannot be kept."""
    spec: Spec = {"tz": written["time_zone"], "always_open": bool(written["always_open"])}
    own = named_days(written["own_days"])
    if not spec["always_open"]:
        years = range(this_year - YEARS_BACK, this_year + YEARS_AHEAD)
        public = public_holidays(written["country"], written["region"], years)
        spec["weekly"] = {day: spans(f"weekly.{day}", written[day]) for day in DAYS}
        spec["holidays"] = sorted({day.isoformat() for day in public} | own.keys())
        spec["overrides"] = half_days(written["half_days"])
    return {
        "name": written["name"],
        "spec": parse(spec).to_spec(),
        "country": written["country"],
        "region": written["region"],
        "own_days": own,
    }


def closed_days(calendar: Calendar, first: date, last: date) -> list[tuple[date, str]]:
    """The days between, both included, on which the calendar is closed as a holiday, with their names."""
    names = {day.isoformat(): name for day, name in _public(calendar, first, last).items()} | calendar.own_days
    listed = (date.fromisoformat(day) for day in calendar.spec.get("holidays", []))
    return [(day, names.get(day.isoformat(), _("closed"))) for day in sorted(listed) if first <= day <= last]


def _public(calendar: Calendar, first: date, last: date) -> dict[date, str]:
    return public_holidays(calendar.country, calendar.region, range(first.year, last.year + 1))
