"""The dashboards as leads and managers see them."""

import csv
import io

import pytest
from django.test.html import parse_html

from incidents import lifecycle
from itsm import moment, sheets
from tests import factories
from tests.incidents.dashboard.conftest import NOW, ago
from tests.incidents.desk.pages import HX, attribute, elements, region, text

PAGES = ["/dashboards/", "/dashboards/clocks/", "/dashboards/restored/"]


def heading(html: str) -> str:
    return text(next(one for one in elements(parse_html(html)) if one.name == "h1"))


def table(html: str, caption: str) -> list[str]:
    """The rows of the table with this caption, as words."""
    for one in elements(parse_html(html)):
        if one.name == "table" and caption in text(one):
            return [text(row) for row in elements(one) if row.name == "tr"][1:]
    return []


def rows_of_csv(answer) -> list[dict[str, str]]:
    sheet = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(sheet)))


@pytest.mark.parametrize("page", PAGES)
def test_dashboards_are_for_leads_and_managers(as_user, lead, manager, agent, contact, reporter, page) -> None:
    answers = [as_user(person).get(page).status_code for person in (lead, manager, agent, contact, reporter)]

    assert answers == [200, 200, 404, 404, 404]


@pytest.mark.parametrize(
    ("late", "soon", "words"),
    [
        (0, 0, "Nothing needs you now"),
        (0, 1, "1 promise needs you soon"),
        (0, 2, "2 promises need you soon"),
        (1, 0, "1 promise is late"),
        (2, 1, "2 promises are late, 1 more needs you soon"),
    ],
)
def test_the_first_line_says_what_needs_somebody(boards, reporter, team, late, soon, words) -> None:
    for number, minutes in ((late, 16), (soon, 5)):
        with moment.travel(ago(minutes=minutes)):
            for _ in range(number):
                factories.open_incident(reporter, impact=1, urgency=1)

    assert heading(boards.get("/dashboards/").content.decode()) == words


def test_risks_are_shown_with_their_owner(boards, reporter, team) -> None:
    with moment.travel(ago(minutes=16)):
        factories.open_incident(reporter, impact=1, urgency=1)

    (row,) = table(boards.get("/dashboards/").content.decode(), "late or run out")

    assert row == "Priority P1 Documents at counter 2 won't print Town of Ostermoor 1 min late to answer nobody yet"


def test_shares_are_words_and_bars(boards, restored) -> None:
    for hours in (1, 1, 1, 1, 6) * 2:
        restored(ago(days=2), hours=hours)

    html = boards.get("/dashboards/").content.decode()

    (row,) = table(html, "What was kept, By customer")
    assert row == "Town of Ostermoor · Guided 100 % n 10 0 % (below goal) n 10 80 % n 10"
    assert '<rect class="goal" x="80"' in html


def test_few_are_counted_and_not_made_a_share(boards, restored) -> None:
    restored(ago(days=2))

    html = boards.get("/dashboards/").content.decode()

    assert table(html, "What was kept, By level") == ["Guided · 1 1 of 1 n 1 0 of 1 n 1 1 of 1 n 1"]
    assert "n 1, too few to say" in html


def test_every_figure_opens_the_list_it_is_counted_from(boards, restored) -> None:
    for hours in (1, 6):
        restored(ago(days=2), hours=hours)
    html = boards.get("/dashboards/", {"days": 7}).content.decode()

    shares = [one for one in elements(parse_html(html)) if "share" in (attribute(one, "class") or "").split()]
    for one in shares:
        answer = boards.get((attribute(one, "href") or "").replace("&amp;", "&"))
        assert text(one).endswith(f"n {answer.context['page'].paginator.count}"), attribute(one, "href")
    assert len(shares) == 9


def test_the_dashboard_reads_itself_again_without_its_frame(boards) -> None:
    html = boards.get("/dashboards/?days=7", headers=HX).content.decode()

    assert "<html" not in html
    assert attribute(region(html, "now"), "hx-get") == "/dashboards/?days=7"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "query",
    ["days=12", "days=x", "customer=0", "customer=x", "customer=99999999999999999999999", "days=" + "9" * 5000],
)
def test_a_filter_that_cannot_be_read_is_refused(boards, page, query) -> None:
    answer = boards.get(f"{page}?{query}")

    assert answer.status_code == 400
    assert "That filter cannot be read" in answer.content.decode()


@pytest.mark.parametrize("query", ["level=9", "priority=x", "kind=coffee", "show=all"])
def test_a_list_refuses_filters_it_does_not_know(boards, query) -> None:
    assert boards.get(f"/dashboards/clocks/?{query}").status_code == 400


def test_another_desks_customer_is_no_filter(boards, stranger) -> None:
    assert boards.get(f"/dashboards/?customer={stranger.customer.pk}").status_code == 400


def test_clocks_are_listed_with_their_verdict(boards, restored, reporter) -> None:
    restored(ago(days=2), hours=6)
    restored(ago(days=3), hours=1)
    with moment.travel(ago(hours=9)):
        factories.open_incident(reporter, impact=1, urgency=1)
    lifecycle.clocks.sweep(NOW)

    rows = table(boards.get("/dashboards/clocks/?kind=restore").content.decode(), "the youngest first")

    assert [row.rsplit(" ", 1)[1] for row in rows] == ["owed", "missed", "kept"]


@pytest.mark.parametrize(("query", "found"), [("level=1", 3), ("level=2", 0), ("priority=1", 3), ("priority=4", 0)])
def test_the_list_is_narrowed(boards, restored, query, found) -> None:
    restored(ago(days=2))

    assert boards.get(f"/dashboards/clocks/?{query}").context["page"].paginator.count == found


def test_restored_incidents_are_listed_with_what_people_felt(boards, restored, reporter) -> None:
    back = restored(ago(days=1), hours=2)
    restored(ago(days=2), hours=2)
    with moment.travel(ago(hours=10)):
        lifecycle.still_broken(back, by=reporter, text="No.")

    rows = table(boards.get("/dashboards/restored/?level=1").content.decode(), "the youngest first")

    assert rows[0].endswith("1 day nothing yet came back")
    assert rows[1].endswith("2 h 00 Fixed it held")


def test_pages_of_a_list_keep_the_filters(boards, restored) -> None:
    for _ in range(18):
        restored(ago(days=1))

    html = boards.get("/dashboards/clocks/?days=7&page=2").content.decode()

    assert "Page 2 of 2" in text(parse_html(html))
    assert 'href="?page=1&amp;days=7"' in html or 'href="?page=1&days=7"' in html


def test_clocks_come_as_a_spreadsheet(boards, restored) -> None:
    incident = restored(ago(days=2), hours=6)

    answer = boards.get("/dashboards/clocks/?format=csv&kind=restore")

    (row,) = rows_of_csv(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="promises.csv"'
    assert (row["reference"], row["verdict"], row["priority"]) == (incident.reference, "missed", "P1")
    assert row["stopped_at"].startswith(f"{incident.restored_at:%Y-%m-%dT%H:%M:%S}")


def test_restored_incidents_come_as_a_spreadsheet(boards, restored) -> None:
    restored(ago(days=2), hours=2)

    (row,) = rows_of_csv(boards.get("/dashboards/restored/?format=csv"))

    assert (row["seconds_waited"], row["came_back"], row["level"]) == ("7200", "no", "1")


@pytest.mark.parametrize("title", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(title) -> None:
    assert sheets.cell(title) == f"'{title}"


def test_a_spreadsheet_keeps_commas_quotes_and_umlauts(boards, reporter, agent, lead) -> None:
    incident = factories.open_incident(reporter, text='=Drucker "3", Straße')
    factories.restored(incident, agent)
    with moment.travel(NOW.replace(year=NOW.year + 1)):
        answer = boards.get("/dashboards/restored/?format=csv&days=90")
        assert rows_of_csv(answer) == []
    with moment.travel(ago(seconds=-1)):
        (row,) = rows_of_csv(boards.get("/dashboards/restored/?format=csv"))
    assert row["title"] == '\'=Drucker "3", Straße'
