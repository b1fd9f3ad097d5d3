"""The desk's tray: what waits, and what an agent decides."""

import pytest
from django.urls import reverse

from customers.models import User
from incidents.models import Incident
from notifications import loops
from notifications.inbound import work
from notifications.models import Address, InboundMail
from tests import factories
from tests.notifications.inbound.writing import mail

UNKNOWN = "Sue Smith <sue@nowhere.example>"


@pytest.fixture
def waiting(team, receive):
    """A mail of somebody nobody knows, in HTML, with files."""
    message = mail(UNKNOWN, "The till is dead.", subject="Till <b>2</b>")
    message.add_alternative("<p>The <b>till</b> is dead.<script>x()</script><img src='http://spy/x.png'></p>", "html")
    message.add_attachment(b"10:02 error", maintype="text", subtype="plain", filename="till.log")
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="run.exe")
    return receive(message)


def url(name: str, row: InboundMail | None = None) -> str:
    return reverse(f"notifications:{name}", args=[row.pk] if row else [])


def decide(client, name: str, row: InboundMail, **fields: str):
    answer = client.post(url(name, row), fields)
    work.read_due()
    row.refresh_from_db()
    return answer


def test_the_tray_shows_what_waits_and_counts_it(waiting, agent, as_user) -> None:
    client = as_user(agent)
    page = client.get(url("tray")).content.decode()

    assert "Till &lt;b&gt;2&lt;/b&gt;" in page
    assert "Sue Smith" in page
    assert client.get(url("tray_count")).content == b"1"
    for view in ("filed", "kept", "aside", "no-such-view"):
        assert client.get(url("tray"), {"view": view, "page": "x"}).status_code == 200


def test_one_mail_is_shown_without_what_would_run_or_be_fetched(waiting, agent, as_user) -> None:
    client = as_user(agent)
    page, shown = client.get(url("mail", waiting)).content.decode(), client.get(url("mail_html", waiting))

    assert "The till is dead." in page
    assert "till.log" in page
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page
    assert "<script" not in shown.content.decode()
    assert "http://spy" not in shown.content.decode()
    assert "sandbox" in shown["Content-Security-Policy"]


def test_the_bytes_are_for_leads_and_only_to_be_downloaded(waiting, agent, lead, as_user) -> None:
    assert as_user(agent).get(url("mail_raw", waiting)).status_code == 404
    answer = as_user(lead).get(url("mail_raw", waiting))

    assert b"".join(answer.streaming_content).startswith(b"From: Sue Smith")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_assigning_opens_an_incident_with_words_and_files(waiting, agent, reporter, as_user) -> None:
    answer = decide(as_user(agent), "mail_assign", waiting, who=reporter.email)

    opened = Incident.objects.get()
    assert answer.status_code == 302
    assert (waiting.state, waiting.incident, waiting.settled_by) == ("opened", opened, agent)
    assert (opened.reporter, opened.origin, opened.title) == (reporter, "email", "Till <b>2</b>")
    body = opened.messages.get().body
    assert body.startswith("From a mail by sue@nowhere.example:\n\nThe till is dead.")
    assert "Files like “run.exe” cannot be kept." in body
    assert [file.name for file in opened.attachments.all()] == ["till.log"]


def test_joining_adds_it_there_in_the_agents_name(waiting, agent, incident, as_user) -> None:
    decide(as_user(agent), "mail_join", waiting, reference=incident.reference.lower())

    said = incident.messages.last()
    assert (waiting.state, waiting.incident, said.author) == ("joined", incident, agent)
    assert "From a mail by sue@nowhere.example:" in said.body


def test_putting_aside_ends_the_waiting(waiting, agent, as_user) -> None:
    client = as_user(agent)
    decide(client, "mail_dismiss", waiting)

    assert (waiting.state, waiting.settled_by) == ("dismissed", agent)
    assert client.get(url("tray_count")).content == b""


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("mail_assign", {"who": ""}, "This field is required."),
        ("mail_assign", {"who": "Nobody At All"}, "Nobody of that name is at the customers you serve."),
        ("mail_assign", {"who": "\0" * 5}, ""),
        ("mail_join", {"reference": "soon"}, "Please give the number of an incident"),
        ("mail_join", {"reference": "INC-1"}, "There is no such incident at a customer you serve."),
        ("mail_join", {"reference": "INC-" + "9" * 12}, "There is no such incident"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_typed_is_lost(name, fields, words, waiting, agent, as_user) -> None:
    answer = as_user(agent).post(url(name, waiting), fields)

    waiting.refresh_from_db()
    assert answer.status_code in (400, 422)
    assert words in answer.content.decode()
    assert waiting.state == "tray"


def test_others_people_and_incidents_are_not_there(waiting, agent, stranger, as_user) -> None:
    theirs = factories.open_incident(stranger)
    client = as_user(agent)

    assert client.post(url("mail_assign", waiting), {"who": stranger.email}).status_code == 422
    assert client.post(url("mail_join", waiting), {"reference": theirs.reference}).status_code == 422


def test_the_second_of_two_agents_is_told(waiting, agent, lead, reporter, as_user) -> None:
    as_user(agent).post(url("mail_assign", waiting), {"who": reporter.email})
    answer = as_user(lead).post(url("mail_dismiss", waiting))

    assert answer.status_code == 409
    assert "Meanwhile somebody else decided" in answer.content.decode()


def test_a_mail_that_may_belong_somewhere_says_where(incident, team, agent, receive, as_user) -> None:
    row = receive(mail(UNKNOWN, subject=f"Re: [{incident.reference}] x"))
    page = as_user(agent).get(url("mail", row)).content.decode()

    assert row.state == "tray"
    assert f'value="{incident.reference}"' in page


def test_where_it_may_belong_is_not_told_to_who_may_not_see_it(incident, other_agent, receive, as_user) -> None:
    row = receive(mail(UNKNOWN, subject=f"Re: [{incident.reference}] x"))
    page = as_user(other_agent).get(url("mail", row)).content.decode()

    assert incident.title not in page


@pytest.mark.parametrize("who", ["reporter", "contact"])
def test_customers_find_no_tray(who, waiting, request, as_user) -> None:
    client = as_user(request.getfixturevalue(who))

    for name, row in (("tray", None), ("tray_count", None), ("mail", waiting), ("mail_raw", waiting)):
        assert client.get(url(name, row)).status_code == 404


class TestAFlood:
    @pytest.fixture
    def flood(self, reporter, team, receive, monkeypatch):
        monkeypatch.setattr(work, "CAP", 2)
        return [receive(mail(reporter, f"Trouble {n}", subject=f"Trouble {n}")) for n in range(5)]

    def test_it_is_one_line(self, flood, agent, other_agent, as_user) -> None:
        page = as_user(agent).get(url("tray")).content.decode()

        assert [row.state for row in flood] == ["opened", "opened", "tray", "tray", "tray"]
        assert "3 mails of" in page
        assert "Trouble 4" not in page
        assert "mails of" not in as_user(other_agent).get(url("tray")).content.decode()

    def test_all_are_read_after_all(self, flood, agent, as_user) -> None:
        as_user(agent).post(url("flood"), {"sender": flood[0].sender, "do": "read"})
        work.read_due()

        assert Incident.objects.count() == 5

    def test_or_put_aside(self, flood, agent, other_agent, as_user) -> None:
        as_user(other_agent).post(url("flood"), {"sender": flood[0].sender, "do": "aside"})
        assert not InboundMail.objects.filter(state="dismissed").exists()
        as_user(agent).post(url("flood"), {"sender": flood[0].sender, "do": "aside"})

        assert InboundMail.objects.filter(state="dismissed").count() == 3


def test_what_nobody_can_read_waits_is_counted_and_can_be_tried_again(agent, team, receive, as_user) -> None:
    row = receive(mail(UNKNOWN))
    row.raw.delete()
    InboundMail.objects.update(state="stored", raw="inbound/gone.eml")
    work.read_due()
    row.refresh_from_db()

    assert (row.state, row.why) == ("quarantined", "The file of this mail is not there any more.")
    assert work.given_up() == 1
    assert "Read it again" in as_user(agent).get(url("mail", row)).content.decode()
    decide(as_user(agent), "mail_read_again", row)
    assert row.state == "quarantined"


def test_suspended_addresses_can_be_used_again(reporter, agent, as_user) -> None:
    loops.suspend(reporter, "It answers by machine.")
    client = as_user(agent)

    assert reporter.email in client.get(url("tray")).content.decode()
    client.post(url("use_again", Address.objects.get()))
    assert reporter.email not in client.get(url("tray")).content.decode()


def test_the_tray_asks_as_much_for_many_as_for_few(
    team, agent, receive, as_user, django_assert_max_num_queries
) -> None:
    for number in range(12):
        receive(mail(f"x{number}@nowhere.example", f"Trouble {number}"))
    client = as_user(agent)

    with django_assert_max_num_queries(10):
        client.get(url("tray"))
    assert User.objects.exists()
