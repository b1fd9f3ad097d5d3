"""A calendar as a lead writes it: a line for each day of the week, and what differs."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import calendars
from customers.fields import OneLine, zone_names
from customers.holiday_files import MAX_BYTES
from customers.models import Calendar
from customers.working_hours import DAYS, HoursError

DAY_NAMES = {
    "mon": _("Monday"), "tue": _("Tuesday"), "wed": _("Wednesday"), "thu": _("Thursday"), "fri": _("Friday"),
    "sat": _("Saturday"), "sun": _("Sunday"),
}  # fmt: skip
# Where a refusal of the calendar's own check belongs in this form; the rest is the form's own names.
PLACES = {"tz": "time_zone", "weekly": "mon", "holidays": "own_days", "overrides": "half_days", "spec": "name"}


class CalendarForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    name = OneLine(label=_("Name"), max_length=80)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in zone_names()])
    always_open = forms.BooleanField(label=_("Open around the clock, every day"), required=False)
    country = forms.ChoiceField(
        label=_("Public holidays of"),
        required=False,
        choices=lambda: [("", gettext("no country")), *calendars.countries()],
    )
    region = OneLine(label=_("Region"), required=False, max_length=20, help_text=_("Its code, such as BY for Bavaria."))
    own_days = forms.CharField(
        label=_("Closed on top of that"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("A date and a name each line: 2026-12-24 Christmas Eve"),
    )
    holiday_file = forms.FileField(
        label=_("Closed days from a file"),
        required=False,
        widget=forms.FileInput({"accept": ".ics,text/calendar"}),
        help_text=_("An iCalendar file (.ics) of whole days; they join the list above."),
    )
    half_days = forms.CharField(
        label=_("Days with other hours"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("A date and its hours each line: 2026-12-31 09:00-12:00"),
    )

    EXCEPTIONS = ("country", "region", "own_days", "holiday_file", "half_days")
    field_order = ["version", "name", "time_zone", "always_open", *DAYS, *EXCEPTIONS]

    def __init__(self, data: Any = None, files: Any = None, *, calendar: Calendar) -> None:
        super().__init__(data, files, initial=_written(calendar))
        self.calendar = calendar
        for day in DAYS:
            self.fields[day] = OneLine(label=DAY_NAMES[day], required=False, max_length=200)
        self.order_fields(self.field_order)
        self.proposal: dict[str, Any] = {}

    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "time_zone", "always_open")]

    def week(self) -> list[forms.BoundField]:
        return [self[day] for day in DAYS]

    def exceptions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.EXCEPTIONS]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Calendar.objects.filter(name=name).exclude(pk=self.calendar.pk).exists():
            raise forms.ValidationError(gettext("Another calendar has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        written = super().clean() or {}
        this_year = date.today().year  # noqa: DTZ011  (a year, give or take)
        try:
            if written.get("holiday_file") and "own_days" in written:
                self._take_file(written, this_year)
            if not self.errors:
                self.proposal = calendars.proposal(written, this_year)
        except HoursError as error:
            self.refuse(error)
        return written

    def refuse(self, error: HoursError) -> None:
        """Says the sentence at the field it belongs to."""
        place = error.field.removeprefix("weekly.")
        place = PLACES.get(place, place)
        self.add_error(place if place in self.fields else None, gettext(error.template) % error.parts)

    def _take_file(self, written: dict[str, Any], this_year: int) -> None:
        """Puts the days of the file among those typed, also on the page: a browser would send the file only once."""
        content = written["holiday_file"].read(MAX_BYTES + 1)
        written["own_days"] = calendars.with_file(written["own_days"], content, this_year)
        assert isinstance(self.data, QueryDict)
        self.data = shown = self.data.copy()
        shown["own_days"] = written["own_days"]


def _written(calendar: Calendar) -> dict[str, Any]:
    spec = calendar.spec
    own = set(calendar.own_days)
    public = {day.isoformat() for day, _name in _known_holidays(calendar)}
    # What stands in the hours and came from nowhere else is the customer's own.
    kept = {day: "" for day in spec.get("holidays", []) if day not in own | public}
    return {
        "version": calendar.version,
        "name": calendar.name,
        "time_zone": spec["tz"],
        "always_open": spec.get("always_open", False),
        "country": calendar.country,
        "region": calendar.region,
        "own_days": calendars.days_as_text(calendar.own_days | kept),
        "half_days": calendars.half_days_as_text(spec.get("overrides") or {}),
    } | calendars.week_as_text(spec)


def _known_holidays(calendar: Calendar) -> list[tuple[date, str]]:
    days = [date.fromisoformat(day) for day in calendar.spec.get("holidays", [])]
    if not days or not calendar.country:
        return []
    years = range(min(days).year, max(days).year + 1)
    return list(calendars.public_holidays(calendar.country, calendar.region, years).items())
