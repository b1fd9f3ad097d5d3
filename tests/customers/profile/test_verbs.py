"""The verbs of the profile: what is recorded, who is not overwritten, whose things are refused."""

import pytest

from customers import profile
from customers.models import ContactRole, CustomerEvent, ExternalDeadline, Service, User
from customers.profile import Stale
from customers.regimes import REGIMES
from itsm.refusal import Refused
from tests import factories


def facts() -> list[tuple[str, str, str, list]]:
    events = CustomerEvent.objects.order_by("pk")
    assert {event.kind for event in events} <= {CustomerEvent.Kind.PROFILE_CHANGED}
    return [(e.data["part"], e.data["name"], e.data["did"], e.data["changes"]) for e in events]


def test_a_change_is_saved_and_recorded_with_what_stood_there(town, lead) -> None:
    seen = profile.fingerprint(town, ["objective"])

    profile.save(town, by=lead, values={"objective": "The counter is open"}, seen=seen)

    town.refresh_from_db()
    assert town.objective == "The counter is open"
    assert facts() == [("customer", "Town of Ostermoor", "changed", [["objective", "", "The counter is open"]])]
    assert CustomerEvent.objects.get().actor == lead


def test_nothing_changed_is_nothing_recorded(town, lead) -> None:
    profile.save(town, by=lead, values={"objective": ""}, seen=profile.fingerprint(town, ["objective"]))

    assert facts() == []


def test_two_who_change_the_same_do_not_undo_each_other(town, lead, manager) -> None:
    service = factories.ServiceFactory(customer=town, name="Mail")
    seen = profile.fingerprint(service, ["purpose"])
    profile.save(service, by=lead, values={"purpose": "Letters"}, seen=seen)

    with pytest.raises(Stale) as refused:
        profile.save(service, by=manager, values={"purpose": "Meetings"}, seen=seen)

    assert refused.value.status == 409
    assert Service.objects.get().purpose == "Letters"


def test_two_who_change_different_things_are_not_in_each_others_way(town, lead, manager) -> None:
    service = factories.ServiceFactory(customer=town, name="Mail")
    purpose, users = (profile.fingerprint(service, [name]) for name in ("purpose", "users"))

    profile.save(service, by=lead, values={"purpose": "Letters"}, seen=purpose)
    profile.save(service, by=manager, values={"users": 60}, seen=users)

    service.refresh_from_db()
    assert (service.purpose, service.users) == ("Letters", 60)


def test_what_was_removed_meanwhile_is_not_written_to(town, lead, manager) -> None:
    contact = ContactRole.objects.create(customer=town, kind="deputy", name="Karl")
    seen = profile.fingerprint(contact, ["note"])
    profile.remove(ContactRole.objects.get(), by=manager)

    with pytest.raises(Stale, match="removed"):
        profile.save(contact, by=lead, values={"note": "mobile"}, seen=seen)


def test_somebody_to_reach_comes_and_goes(town, lead) -> None:
    values = {"kind": "deputy", "person": None, "name": "Karl", "out_of_band": "555 0160"}
    contact = profile.save(ContactRole(customer=town), by=lead, values=values)
    profile.remove(contact, by=lead)
    profile.remove(contact, by=lead)

    assert not ContactRole.objects.exists()
    assert [fact[:3] for fact in facts()] == [("contactrole", "Karl", "added"), ("contactrole", "Karl", "removed")]


def test_people_and_services_of_others_are_refused(town, lead, stranger) -> None:
    service = factories.ServiceFactory(customer=town)
    seen = profile.fingerprint(service, ["owner"])

    with pytest.raises(Refused, match="people and services of Town of Ostermoor"):
        profile.save(service, by=lead, values={"owner": stranger}, seen=seen)
    foreign = factories.ServiceFactory(customer=stranger.customer)
    with pytest.raises(Refused):
        profile.save(ContactRole(customer=town), by=lead, values={"name": "Karl", "service": foreign})
    assert facts() == []


def test_a_name_is_there_once(town, lead) -> None:
    factories.ServiceFactory(customer=town, name="Mail")

    with pytest.raises(Refused, match="“Mail” is in the list already"):
        profile.save(Service(customer=town), by=lead, values={"name": "Mail"})


@pytest.mark.parametrize(
    ("regime", "due"),
    [
        ("nis2", [(1, 24, "aware"), (2, 72, "aware"), (3, 720, "previous")]),
        ("dora", [(1, 4, "classified"), (1, 24, "aware"), (2, 72, "previous"), (3, 720, "previous")]),
        ("gdpr", [(1, 72, "aware")]),
    ],
)
def test_a_regime_brings_its_clocks_once(town, lead, regime, due) -> None:
    profile.add_regime(town, by=lead, regime=regime)

    rows = ExternalDeadline.objects.order_by("position", "hours").values_list("position", "hours", "base")
    assert list(rows) == due
    with pytest.raises(Refused, match="in the list already"):
        profile.add_regime(town, by=lead, regime=regime)
    assert [fact[:3] for fact in facts()] == [("externaldeadline", REGIMES[regime].name, "added")]


def test_a_regime_fills_up_what_is_missing(town, lead) -> None:
    profile.add_regime(town, by=lead, regime="nis2")
    ExternalDeadline.objects.filter(position=2).delete()

    profile.add_regime(town, by=lead, regime="nis2")

    assert ExternalDeadline.objects.count() == 3


def test_vip_is_marked_once_and_taken_back(reporter, lead) -> None:
    profile.mark_vip(reporter, by=lead, is_vip=True)
    profile.mark_vip(reporter, by=lead, is_vip=True)
    assert User.objects.get(pk=reporter.pk).is_vip

    profile.mark_vip(reporter, by=lead, is_vip=False)

    assert not User.objects.get(pk=reporter.pk).is_vip
    assert [fact[:3] for fact in facts()] == [("vip", reporter.name, "added"), ("vip", reporter.name, "removed")]
    assert set(CustomerEvent.objects.values_list("person", flat=True)) == {reporter.pk}
