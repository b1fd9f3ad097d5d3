"""What is said: to whom it shows, what it promises, and what it ends."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import conversation, lifecycle
from incidents.models import Incident, IncidentEvent, Message
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, clock, history, states

Status = Incident.Status


def photo():
    return SimpleUploadedFile("printer.png", b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 40)


def test_update_takes_the_incident_and_starts_the_work(incident, agent):
    incident = conversation.update(incident, by=agent, text="We are looking at it.")

    assert (incident.status, incident.owner) == (Status.IN_PROGRESS, agent)
    assert incident.messages.last().is_public


def test_update_leaves_the_owner_and_a_working_service_as_they_are(in_state, agent, lead):
    incident = conversation.update(in_state(Status.RESTORED), by=lead, text="The new driver comes at 14:00.")

    assert (incident.status, incident.owner) == (Status.RESTORED, agent)


def test_update_while_waiting_keeps_the_question(in_state, agent):
    incident = conversation.update(in_state(Status.PENDING), by=agent, text="Meanwhile we ordered a toner.")

    assert (incident.status, incident.question) == (Status.PENDING, "Which printer is it?")
    assert states(incident)["restore"] == "paused"


@pytest.mark.parametrize("promised", ["Mon 09:59", "Mon 10:00"])
def test_promise_for_the_past_is_refused(promised, incident, agent, monday):
    with pytest.raises(Refused, match="passed"):
        conversation.update(incident, by=agent, text="Soon", next_update_at=at(promised))

    assert history(incident) == ["opened"]


@pytest.mark.parametrize("text", ["", " \n", "\0", "\x07"])
def test_saying_nothing_is_refused(text, incident, agent):
    for say in (conversation.update, conversation.note, conversation.add):
        with pytest.raises(conversation.TextRefused):
            say(incident, by=agent, text=text)

    assert history(incident) == ["opened"]


def test_too_long_a_text_is_refused_with_its_length(incident, agent):
    with pytest.raises(conversation.TextRefused, match="20001"):
        conversation.update(incident, by=agent, text="a" * 20_001)


@pytest.mark.parametrize("verb", ["update", "note", "add"])
def test_words_sent_twice_are_said_once(verb, incident, agent):
    token = uuid.uuid4()

    for _ in range(2):
        getattr(conversation, verb)(incident, by=agent, text="Once.", client_token=token)

    assert incident.messages.filter(body="Once.").count() == 1
    assert len(history(incident)) == 2


def test_a_retry_counts_before_it_counts_as_stale(incident, agent):
    token, seen = uuid.uuid4(), incident.version
    conversation.update(incident, by=agent, text="Once.", expected_version=seen, client_token=token)

    again = conversation.update(incident, by=agent, text="Once.", expected_version=seen, client_token=token)

    assert again.version == seen + 1


def test_two_people_may_use_the_same_token(incident, agent, lead):
    token = uuid.uuid4()

    conversation.note(incident, by=agent, text="One.", client_token=token)
    conversation.note(incident, by=lead, text="Two.", client_token=token)

    assert Message.objects.filter(client_token=token).count() == 2


def test_note_stays_at_the_desk_and_ages_no_form(incident, agent, reporter):
    seen = incident.version

    incident = conversation.note(incident, by=agent, text="He says it every week.")

    assert incident.version == seen
    assert not IncidentEvent.objects.visible_to(reporter).filter(kind="noted").exists()
    assert not Message.objects.visible_to(reporter).filter(is_public=False).exists()


def test_note_is_possible_to_the_end(in_state, agent):
    incident = conversation.note(in_state(Status.CLOSED), by=agent, text="Seen again at the branch office.")

    assert history(incident)[-1] == "noted"


def test_customers_words_end_the_waiting(in_state, reporter):
    incident = conversation.add(in_state(Status.PENDING), by=reporter, text="The left one.")

    assert (incident.status, incident.pending_reason, incident.question) == (Status.IN_PROGRESS, "", "")


def test_customers_words_written_down_by_an_agent_end_the_waiting_too(in_state, agent):
    incident = conversation.add(in_state(Status.PENDING), by=agent, text="She says: the left one.")

    assert incident.status == Status.IN_PROGRESS


@pytest.mark.parametrize("status", [Status.RESTORED, Status.RESOLVED])
def test_customers_words_alone_open_nothing_again(status, in_state, reporter):
    assert conversation.add(in_state(status), by=reporter, text="Thank you!").status == status


def test_customers_file_is_an_answer_too(in_state, reporter):
    with moment.travel(at("Mon 10:00")):
        incident = in_state(Status.PENDING)
    with moment.travel(at("Mon 11:00")):
        conversation.attach(incident, by=reporter, upload=photo())

    incident.refresh_from_db()
    assert (incident.status, incident.question) == (Status.IN_PROGRESS, "")
    assert states(incident)["restore"] == "running"
    assert history(incident)[-1] == "attached"


def test_agents_file_ends_no_waiting(in_state, agent):
    incident = in_state(Status.PENDING)

    conversation.attach(incident, by=agent, upload=photo())

    incident.refresh_from_db()
    assert incident.status == Status.PENDING


def test_internal_file_ages_no_form_and_stays_at_the_desk(incident, agent, reporter):
    conversation.attach(incident, by=agent, upload=photo(), is_public=False)

    assert Incident.objects.get(pk=incident.pk).version == incident.version
    assert not IncidentEvent.objects.visible_to(reporter).filter(kind="attached").exists()


def test_customers_file_is_never_internal(incident, reporter):
    assert conversation.attach(incident, by=reporter, upload=photo(), is_public=False).is_public


def test_asking_promises_the_time_agreed(in_state, agent, monday):
    incident = lifecycle.ask(in_state(Status.IN_PROGRESS), by=agent, question="Which?", next_update_at=at("Mon 16:00"))

    assert clock(incident, "update").due_at == at("Mon 16:00")
    assert incident.events.last().next_update_at == at("Mon 16:00")


def test_asking_again_asks_the_new_question(in_state, agent):
    incident = lifecycle.ask(in_state(Status.PENDING), by=agent, question="And which tray?")

    assert incident.question == "And which tray?"
    assert states(incident)["restore"] == "paused"


def test_text_is_kept_clean(reporter, team):
    incident = factories.open_incident(reporter, "Café\r\n\0closed\u200e")

    assert incident.messages.get().body == "Café\nclosed\u200e"
