"""Changing when somebody works: the form, what it would do, the decision."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.forms.calendar import CalendarForm
from customers.models import Calendar
from incidents import clocks, recalculation
from incidents.models import Clock, ClockWaiver, Recalculation
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, region, text
from tests.incidents.moments import at, clock

LIST = "/desk/calendars/"


@pytest.fixture
def boards(as_user, lead):
    return as_user(lead)


@pytest.fixture
def page(office):
    return f"{LIST}{office.calendar.pk}/"


@pytest.fixture
def written(office):
    """written(own_days="...") -> what a browser sends of the form as it stands, with these fields changed."""

    def fill(**changes):
        initial = CalendarForm(calendar=Calendar.objects.get(pk=office.calendar.pk)).initial
        return {name: value for name, value in initial.items() if value is not False} | changes

    return fill


@pytest.fixture
def monday_noon():
    with moment.travel(at("Mon 12:00")):
        yield


def job() -> Recalculation:
    found = Recalculation.objects.get()
    while recalculation.work(found):
        pass
    return Recalculation.objects.get()


def test_they_are_for_leads(as_user, lead, manager, agent, reporter, page) -> None:
    for address in (LIST, page):
        answers = [as_user(person).get(address).status_code for person in (lead, manager, agent, reporter)]
        assert answers == [200, 200, 404, 404]


def test_a_calendar_shared_with_others_is_not_theirs_to_change(boards, page, office, stranger) -> None:
    stranger.customer.calendar = office.calendar
    stranger.customer.save()

    assert boards.get(page).status_code == 404
    assert "No calendar is yours to change" in boards.get(LIST).content.decode()


def test_the_form_shows_the_week_as_one_writes_it(boards, page, written) -> None:
    html = boards.get(page).content.decode()

    assert html.count('value="08:00-18:00"') == 5
    assert '<option value="Europe/Berlin" selected>' in html
    assert (written()["mon"], written()["sat"]) == ("08:00-18:00", "")


def test_a_holiday_is_previewed_applied_and_moves_the_clock(
    boards, page, written, office, reporter, team, monday_noon
) -> None:
    incident = factories.open_incident(reporter, impact=1, urgency=2)  # restore due Tue 10:00
    answer = boards.post(page, written(own_days="2026-03-03 Founding day"))
    assert answer.url == f"/desk/recalculations/{Recalculation.objects.get().pk}/"
    assert Calendar.objects.get(pk=office.calendar.pk).spec["holidays"] == []

    ready = text(region(boards.get(f"/desk/recalculations/{job().pk}/").content.decode(), "job"))
    assert "1 open clock moves, 0 become late of 1 open incident" in ready
    assert incident.reference in ready

    boards.post(f"/desk/recalculations/{job().pk}/decide/", {"decision": "apply"})
    assert "1 open clock has moved" in text(
        region(boards.get(f"/desk/recalculations/{job().pk}/").content.decode(), "job")
    )
    assert clock(incident, "restore").due_at == at("2026-03-04 10:00")
    assert Calendar.objects.get(pk=office.calendar.pk).own_days == {"2026-03-03": "Founding day"}


def test_public_holidays_come_with_country_and_region(boards, lead, page, written, office) -> None:
    boards.post(page, written(country="DE", region="BY", own_days="2027-08-08 Peace festival"))
    recalculation.decide(job(), by=lead, apply=True)

    spec = Calendar.objects.get(pk=office.calendar.pk).spec
    assert {"2027-01-06", "2027-10-03", "2027-08-08"} <= set(spec["holidays"])  # Epiphany is Bavaria's
    shown = boards.get(page).content.decode()
    assert written()["own_days"] == "2027-08-08 Peace festival"
    assert "Unity" in shown or "Einheit" in shown


def test_half_days_and_nights(boards, lead, page, written, office) -> None:
    boards.post(page, written(half_days="2026-12-31 09:00-12:00", sat="22:00-06:00"))
    recalculation.decide(job(), by=lead, apply=True)

    spec = Calendar.objects.get(pk=office.calendar.pk).spec
    assert spec["overrides"] == {"2026-12-31": [["09:00", "12:00"]]}
    assert (spec["weekly"]["sat"], spec["weekly"]["sun"]) == ([["22:00", "24:00"]], [["00:00", "06:00"]])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mon": "9 to 5"}, "hours look like"),
        ({"mon": "09:00-12:00, 11:00-15:00"}, "overlap"),
        ({"mon": "17:00-09:00"}, "ends before it starts"),
        ({"mon": "25:00-26:00"}, "is not a time of day"),
        ({"mon": "", "tue": "", "wed": "", "thu": "", "fri": ""}, "no working time"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"country": "XX"}, "Select a valid choice"),
        ({"country": "DE", "region": "ZZ"}, "is no region of that country"),
        ({"own_days": "Christmas"}, "Line 1:"),
        ({"own_days": "2026-12-24 Eve\n2026-13-01 No month"}, "is not a date between"),
        (
            {
                "own_days": "\n".join(
                    f"{1990 + n // 300}-{1 + n % 12:02}-{1 + n // 12 % 25:02} x" for n in range(10_000)
                )
            },
            "are too many",
        ),
        ({"half_days": "2026-12-31 noon"}, "hours look like"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_all_that_was_typed(boards, page, written, changes, sentence) -> None:
    answer = boards.post(page, written(**changes))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert all(value.splitlines()[0] in html for value in changes.values() if value)
    assert not Recalculation.objects.exists()


def test_hours_by_which_a_promise_never_comes_are_refused_at_the_week(boards, page, written, town, office) -> None:
    town.agreement = {"restore": ["8760 h"] * 4}
    town.save()
    closed = dict.fromkeys(("tue", "wed", "thu", "fri"), "")

    answer = boards.post(page, written(mon="09:00-09:01", **closed))

    assert answer.status_code == 422
    assert "would take more than a century" in answer.content.decode()
    assert 'value="09:00-09:01"' in answer.content.decode()
    assert not Recalculation.objects.exists()


def test_what_cannot_be_recomputed_is_named(boards, page, written, reporter, team) -> None:
    incident = factories.open_incident(reporter)
    Clock.objects.filter(incident=incident, kind="restore").update(ledger=[])
    address = boards.post(page, written(own_days="2026-03-03 Founding day")).url
    job()

    shown = text(region(boards.get(address).content.decode(), "job"))

    assert f"The clocks of these cannot be recomputed; they stay as they are: {incident.reference}" in shown


def feed(*days: str) -> SimpleUploadedFile:
    entries = "".join(f"BEGIN:VEVENT\nDTSTART:{day}\nSUMMARY:Feast\nEND:VEVENT\n" for day in days)
    return SimpleUploadedFile("feasts.ics", f"BEGIN:VCALENDAR\n{entries}END:VCALENDAR\n".encode(), "text/calendar")


def test_the_days_of_a_file_join_those_that_were_typed(boards, lead, page, written, office) -> None:
    boards.post(page, written(own_days="2026-03-03 Founding day", holiday_file=feed("20260303", "20260304")))
    recalculation.decide(job(), by=lead, apply=True)

    kept = Calendar.objects.get(pk=office.calendar.pk)
    assert kept.own_days == {"2026-03-03": "Founding day", "2026-03-04": "Feast"}
    assert kept.spec["holidays"] == ["2026-03-03", "2026-03-04"]


@pytest.mark.parametrize(
    ("days", "changes", "sentence", "listed"),
    [
        (["20260304", "20260399"], {}, "Line 7: “20260399” is not a date", "2026-03-03 Founding day"),
        (["20260304"], {"mon": "9 to 5"}, "hours look like", "2026-03-03 Founding day\n2026-03-04 Feast"),
    ],
    ids=["bad file", "bad hours"],
)
def test_a_file_that_came_with_something_wrong_loses_nothing(
    boards, page, written, days, changes, sentence, listed
) -> None:
    answer = boards.post(page, written(own_days="2026-03-03 Founding day", holiday_file=feed(*days), **changes))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert f"{listed}</textarea>" in html
    assert not Recalculation.objects.exists()


def test_two_editors_do_not_undo_each_other(boards, page, written, office) -> None:
    mine = written(own_days="2026-03-03 Mine")
    Calendar.objects.filter(pk=office.calendar.pk).update(version=2, name="Theirs")

    answer = boards.post(page, mine)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Meanwhile somebody else changed this calendar" in html
    assert "2026-03-03 Mine" in html
    assert "Theirs" in html


def test_what_was_changed_between_preview_and_decision_is_not_overwritten(boards, page, written, office) -> None:
    boards.post(page, written(own_days="2026-03-03 Mine"))
    found = job()
    Calendar.objects.filter(pk=office.calendar.pk).update(version=2)

    answer = boards.post(f"/desk/recalculations/{found.pk}/decide/", {"decision": "apply"}, follow=True)

    assert "Meanwhile somebody else changed this calendar" in answer.content.decode()
    assert Recalculation.objects.get().state == Recalculation.State.READY
    assert Calendar.objects.get(pk=office.calendar.pk).own_days == {}


def test_todays_agreement_is_applied_by_the_same_way(boards, office, town, reporter, team, monday_noon) -> None:
    incident = factories.open_incident(reporter, impact=1, urgency=2)
    town.agreement = {"restore": ["4 h", "4 h", "3 bd", "5 bd"]}
    town.save()

    boards.post(f"{LIST}agreement/{town.pk}/")
    boards.post(f"/desk/recalculations/{job().pk}/decide/", {"decision": "apply"})
    job()

    assert clock(incident, "restore").due_at == at("Mon 16:00")


def test_while_it_works_the_page_asks_again(boards, page, written) -> None:
    address = boards.post(page, written(own_days="2026-03-03 Mine")).url

    html = boards.get(address, headers=HX).content.decode()
    assert "<html" not in html
    assert f'hx-get="{address}"' in html
    job()
    assert "hx-get" not in boards.get(address, headers=HX).content.decode()


def test_misses_that_would_be_none_are_left_out_of_the_count_on_the_same_page(
    boards, page, written, reporter, team, lead
) -> None:
    with moment.travel(at("2026-02-27 17:40")):
        incident = factories.open_incident(reporter, impact=1, urgency=2)  # the answer was due Mon 08:10
    with moment.travel(at("Mon 12:00")):
        clocks.sweep(now=at("Mon 12:00"))
        address = boards.post(page, written(own_days="2026-03-02 Founding day")).url
        offered = boards.get(f"/desk/recalculations/{job().pk}/").content.decode()
        boards.post(f"{address}decide/", {"decision": "apply", "waive_reason": "A feast <b>we</b> forgot"})
        job()
        done = boards.get(address).content.decode()

    assert "1 miss would be none by these hours" in text(region(offered, "job"))
    assert 'name="waive_reason"' in offered
    assert [waiver.by for waiver in ClockWaiver.objects.filter(clock__incident=incident)] == [lead]
    assert f"Not counted, says {lead.name}: A feast <b>we</b> forgot" in text(region(done, "job"))


def test_a_reason_too_long_is_refused_and_kept(boards, page, written, reporter, team) -> None:
    with moment.travel(at("2026-02-27 17:40")):
        factories.open_incident(reporter, impact=1, urgency=2)
    with moment.travel(at("Mon 12:00")):
        clocks.sweep(now=at("Mon 12:00"))
        address = boards.post(page, written(own_days="2026-03-02 Founding day")).url
        job()
        answer = boards.post(f"{address}decide/", {"decision": "apply", "waive_reason": "too long " * 300})

    assert answer.status_code == 422
    assert "too long too long" in answer.content.decode()
    assert Recalculation.objects.get().state == Recalculation.State.READY


@pytest.mark.parametrize("number", [1, 3, 20])
def test_the_list_asks_the_same_number_of_questions(
    boards, team, office, lead, number, django_assert_num_queries
) -> None:
    for index in range(number):
        calendar = factories.CalendarFactory(name=f"Calendar {index}")
        team.customers.add(factories.CustomerFactory(calendar=calendar))
        recalculation.propose_calendar(calendar, {"spec": calendar.spec}, by=lead)
    boards.get(LIST)

    with django_assert_num_queries(6):
        boards.get(LIST)
