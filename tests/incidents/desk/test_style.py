"""The knobs `tone` and `update_words` in the composer: pointed out, never in the way."""

import pytest

from incidents.models import Message
from tests import factories
from tests.incidents.desk.pages import attribute, elements, region, text
from tests.incidents.levels import person_at

LONG = "The spooler is being replaced. " + "word " * 100


@pytest.fixture
def at(as_user):
    """at(level) -> the browser of an agent, and the page of an incident of a customer of that level."""

    def open_page(level: int):
        incident = factories.open_incident(person_at(level))
        agent = factories.UserFactory(agent=True, member_of=incident.team)
        return as_user(agent), f"/desk/incidents/{incident.reference}/"

    return open_page


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (1, "Tone: plain words, what you can do first, no jargon · up to 80 words"),
        (5, "Tone: structured data and a summary · up to 400 words"),
    ],
)
def test_the_composer_says_how_this_customer_is_written_to(at, level, words) -> None:
    client, page = at(level)

    assert words in text(region(client.get(page).content.decode(), "composer"))


@pytest.mark.parametrize(("level", "watches"), [(1, True), (2, True), (3, False), (5, False)])
def test_the_script_gets_the_words_it_looks_for(at, level, watches) -> None:
    client, page = at(level)

    composer = region(client.get(page).content.decode(), "composer")

    (instead,) = [attribute(one, "data-instead") for one in elements(composer) if attribute(one, "data-instead")]
    assert ("spooler" in instead) is watches


@pytest.mark.parametrize(("level", "remarks"), [(1, 2), (5, 0)])
def test_what_was_sent_is_kept_and_remarked_on(at, level, remarks) -> None:
    client, page = at(level)

    answer = client.post(page + "update/", {"text": LONG, "promise": "latest"}, follow=True)

    shown = text(region(answer.content.decode(), "messages"))
    assert Message.objects.filter(body=LONG.strip()).exists()
    assert "Sent. The next update is due" in shown
    assert shown.count("For next time") == remarks


def test_a_question_is_looked_at_too_and_a_note_is_not(at) -> None:
    client, page = at(1)

    asked = client.post(page + "ask/", {"question": "Does the VPN work?"}, follow=True).content.decode()
    noted = client.post(page + "note/", {"text": "VPN gateway?"}, follow=True).content.decode()

    assert "“VPN” (the secure connection)" in text(region(asked, "messages"))
    assert "For next time" not in text(region(noted, "messages"))
    assert "Tone:" not in client.get(page + "?do=note").content.decode()


def test_other_verbs_say_nothing_about_style(at) -> None:
    client, page = at(1)

    answer = client.post(page + "prioritise/", {"impact": "1", "urgency": "1"}, follow=True).content.decode()

    assert "For next time" not in answer


def test_an_update_with_few_plain_words_gets_no_remark(at) -> None:
    client, page = at(1)

    answer = client.post(page + "update/", {"text": "Please use printer 2 for now."}, follow=True).content.decode()

    assert "For next time" not in answer
