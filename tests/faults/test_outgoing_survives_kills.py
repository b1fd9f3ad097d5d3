"""Workers die by `kill -9` while they say what was written; each word is said once."""

from datetime import timedelta

from incidents import outgoing
from incidents.models import IncidentEvent, Outgoing
from itsm import moment
from tests import factories
from tests.faults.stack import Stack, stack, wait_for

WORDS, KILLS = 60, 5


def write_words(settings) -> None:
    settings.UNDO_SECONDS = 10
    customer = factories.CustomerFactory(served=True)
    agent = factories.UserFactory(agent=True, member_of=customer.teams.get())
    reporter = factories.UserFactory(customer=customer)
    for n in range(WORDS):
        incident = factories.open_incident(reporter, f"Report {n}")
        outgoing.send(incident, by=agent, verb="update", said={"text": f"Word {n}."}, typed={},
                      expected_version=incident.version, client_token=None)  # fmt: skip
    Outgoing.objects.update(send_at=moment.now() - timedelta(seconds=1))


def said() -> int:
    return Outgoing.objects.filter(state="said").count()


def kill_while_they_speak(running: Stack) -> None:
    worker = running.work("one", queues="sweep")
    for kill in range(KILLS):
        enough = min(WORDS, said() + 3)

        def nudged(enough=enough) -> bool:
            running.nudge("incidents.tasks.say_outgoing")
            return said() >= enough

        wait_for(nudged, 40, each=0.02)
        worker.kill()
        worker = running.work(f"again{kill}", queues="sweep")

    def done() -> bool:
        running.nudge("incidents.tasks.say_outgoing")
        return said() == WORDS

    wait_for(done, 40, each=0.2)


def test_words_survive_kills_and_are_said_once(settings) -> None:
    write_words(settings)

    with stack() as running:
        kill_while_they_speak(running)

    events = IncidentEvent.objects.filter(kind="updated")
    assert sorted(events.values_list("message__body", flat=True)) == sorted(f"Word {n}." for n in range(WORDS))
