"""Changing a layer: what is refused, who may let it through, what is written down, and what it moves (nothing)."""

from datetime import timedelta

import pytest

from customers import agreements, policy
from customers.agreements import Meanwhile, Told, Unfair
from customers.models import ContractClass, CustomerEvent, LevelTemplate, PolicyChange
from itsm import moment
from itsm.refusal import Refused
from tests import factories

SOONER = {"restore": ["2 h", "8 h", "3 bd", "5 bd"]}
LATER = {"restore": ["5 h", "8 h", "3 bd", "5 bd"]}
SLOW_WORD = {"update": ["30 min", "2 h", "2 bd", "5 bd"]}  # as level 3, worse than level 1


@pytest.fixture
def administrator(team):
    return factories.UserFactory(administrator=True, member_of=team)


@pytest.fixture
def counter(town):
    return factories.ServiceFactory(customer=town, name="Registry counter")


@pytest.fixture
def contract():
    return ContractClass.objects.create(name="Hospital", knobs={})


def today():
    return moment.now().date()


def test_what_is_agreed_with_a_customer_is_kept_and_written_down(town, lead) -> None:
    changed = agreements.change_customer_agreement(town, by=lead, knobs=SOONER, version=1)

    assert (changed.agreement, changed.version) == (SOONER, 2)
    change = PolicyChange.objects.get()
    assert (change.layer, change.customer, change.before, change.after, change.by) == (
        "customer",
        town,
        {},
        SOONER,
        lead,
    )
    event = CustomerEvent.objects.get()
    assert (event.kind, event.actor, event.customer) == (CustomerEvent.Kind.POLICY_CHANGED, lead, town)
    assert event.data["knobs"] == ["restore"]


def test_saving_the_same_again_is_no_change(town, lead) -> None:
    agreements.change_customer_agreement(town, by=lead, knobs={}, version=1)

    assert not PolicyChange.objects.exists()


def test_each_layer_has_its_verb(town, counter, contract, lead, administrator) -> None:
    agreements.change_level_template(1, by=administrator, knobs={"tone": "summary"}, version=0)
    agreements.change_contract_class(
        contract, by=administrator, name="Hospital 24x7", meaning="Day and night", knobs=SOONER, version=1
    )
    agreements.set_contract(town, by=lead, contract=contract, version=1)
    agreements.change_service_agreement(counter, by=lead, knobs={"review": "full"}, version=2)

    kinds = {(layer.kind, layer.name) for layer in policy.layers(town, counter) if layer.knobs}
    assert kinds == {
        ("shipped", "Guided"), ("level", "Guided"), ("contract", "Hospital 24x7"), ("service", "Registry counter"),
    }  # fmt: skip
    assert [change.layer for change in PolicyChange.objects.order_by("pk")] == [
        "level", "contract", "contract", "service",
    ]  # fmt: skip
    assert CustomerEvent.objects.filter(customer=town).count() == 2


def refused(verb) -> list[str]:
    """The sentences; and nothing was written."""
    with pytest.raises(Unfair) as error:
        verb()
    assert not PolicyChange.objects.exists()
    assert not CustomerEvent.objects.exists()
    return error.value.sentences


def test_less_than_the_floor_is_refused_for_each_layer(town, counter, contract, lead, administrator) -> None:
    floor = "Rule 3: P1 would be restored later than the floor of 4 h allows."

    assert refused(lambda: agreements.change_customer_agreement(town, by=lead, knobs=LATER, version=1)) == [floor]
    assert refused(lambda: agreements.change_service_agreement(counter, by=lead, knobs=LATER, version=1)) == [floor]
    assert floor in refused(lambda: agreements.change_level_template(3, by=administrator, knobs=LATER, version=0))
    assert refused(
        lambda: agreements.create_contract_class(by=administrator, name="Cheap", meaning="", knobs=LATER)
    ) == [floor]  # fmt: skip
    contract.knobs = LATER
    contract.save()
    assert refused(lambda: agreements.set_contract(town, by=lead, contract=contract, version=1)) == [floor]


def test_a_customer_is_owed_no_less_than_higher_levels_are(town, lead) -> None:
    sentences = refused(
        lambda: agreements.change_customer_agreement(town, by=lead, knobs={"auto_close_bd": 2}, version=1)
    )

    assert sentences[0] == "Rule 5: level 1 would have less time to answer or reopen than level 2."


def test_a_contract_is_judged_for_each_customer_that_has_it(town, contract, administrator) -> None:
    # Alone it is above the floor on every level; the town would have less time than customers of level 2.
    town.contract = contract
    town.save()

    def change() -> ContractClass:
        return agreements.change_contract_class(
            contract, by=administrator, name="Hospital", meaning="", knobs={"auto_close_bd": 2}, version=1
        )

    assert refused(change)[0].startswith("Rule 5: level 1")
    town.contract = None
    town.save()
    assert change().knobs == {"auto_close_bd": 2}


def test_the_services_of_a_customer_are_judged_with_it(town, counter, contract, lead) -> None:
    counter.agreement = {"reopen_window_bd": 8}
    counter.save()
    town.contract = ContractClass.objects.create(name="Long", knobs={})
    town.save()

    sentences = refused(
        lambda: agreements.change_customer_agreement(town, by=lead, knobs={"auto_close_bd": 11}, version=1)
    )

    assert sentences == ["Rule 5: level 1 would have less time to answer or reopen than level 2."]


def test_a_level_is_judged_beside_the_others(administrator) -> None:
    def change(knobs):
        return agreements.change_level_template(5, by=administrator, knobs=knobs, version=0)

    assert refused(lambda: change({"response": ["15 min", "20 min", "4 h", "8 h"]})) == [
        f"Rule 1: level {low} would wait longer than level 5 for the first answer to a P1 or P2."
        for low in (1, 2, 3, 4)
    ]
    assert change({"restore": ["30 min", "4 h", "2 bd", "5 bd"]}).knobs


def test_an_administrator_lets_it_through_with_a_reason_that_stays(town, administrator) -> None:
    agreements.change_customer_agreement(
        town, by=administrator, knobs=LATER, version=1, told=Told(reason="The town asked for it; the old line is slow.")
    )

    change = PolicyChange.objects.get()
    assert change.broken == ["Rule 3: P1 would be restored later than the floor of 4 h allows."]
    assert change.exception_reason.startswith("The town asked")
    assert CustomerEvent.objects.get().data["reason"] == change.exception_reason


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_an_administrator_is_refused_too(town, administrator, reason) -> None:
    refused(
        lambda: agreements.change_customer_agreement(
            town, by=administrator, knobs=LATER, version=1, told=Told(reason=reason)
        )
    )


def test_nobody_else_lets_it_through_whatever_they_write(town, lead, manager) -> None:
    for person in (lead, manager):
        refused(
            lambda by=person: agreements.change_customer_agreement(
                town, by=by, knobs=LATER, version=1, told=Told(reason="Please")
            )
        )


def test_what_was_let_through_does_not_stop_other_changes(town, administrator, lead) -> None:
    told = Told(reason="Agreed in writing.")
    agreements.change_customer_agreement(town, by=administrator, knobs=LATER, version=1, told=told)

    agreements.change_customer_agreement(town, by=lead, knobs=LATER | {"tone": "summary"}, version=2)
    with pytest.raises(Unfair):
        agreements.change_customer_agreement(
            town, by=lead, knobs={"restore": ["6 h", "8 h", "3 bd", "5 bd"]}, version=3
        )

    assert PolicyChange.objects.order_by("-pk")[0].broken == []


FEWER = {"channels": ["hotline", "call_back", "sms", "link", "portal"]}


def test_no_channel_goes_without_notice(town, lead) -> None:
    late = Told(told_on=today() - timedelta(days=29))

    for told in (Told(), late):
        assert refused(
            lambda told=told: agreements.change_customer_agreement(town, by=lead, knobs=FEWER, version=1, told=told)
        ) == ["Rule 9: no channel goes without 30 days' notice, and here would go: e-mail."]


def test_with_notice_a_channel_goes_and_the_day_is_written_down(town, lead) -> None:
    day = today() - timedelta(days=30)

    agreements.change_customer_agreement(town, by=lead, knobs=FEWER, version=1, told=Told(told_on=day))

    change = PolicyChange.objects.get()
    assert change.broken == []
    assert str(day.year) in change.exception_reason
    assert change.exception_reason.startswith("Told on")


def test_giving_up_a_contract_takes_no_channel_away_unnoticed(town, contract, lead) -> None:
    contract.knobs = {"channels": ["hotline", "portal", "email", "call_back", "sms", "link", "chat"]}
    contract.save()
    agreements.set_contract(town, by=lead, contract=contract, version=1)

    with pytest.raises(Unfair, match="here would go: chat"):
        agreements.set_contract(town, by=lead, contract=None, version=2)


def test_somebody_faster_is_not_undone(town, counter, contract, lead, administrator) -> None:
    agreements.change_customer_agreement(town, by=lead, knobs=SOONER, version=1)
    agreements.change_level_template(1, by=administrator, knobs={"tone": "summary"}, version=0)

    for verb in (
        lambda: agreements.change_customer_agreement(town, by=lead, knobs={}, version=1),
        lambda: agreements.change_service_agreement(counter, by=lead, knobs=SOONER, version=1),
        lambda: agreements.set_contract(town, by=lead, contract=contract, version=1),
        lambda: agreements.change_level_template(1, by=administrator, knobs={}, version=0),
        lambda: agreements.change_contract_class(contract, by=administrator, name="H", meaning="", knobs={}, version=7),
    ):
        with pytest.raises(Meanwhile):
            verb()
    town.refresh_from_db()
    assert town.agreement == SOONER


def test_what_is_no_knob_or_no_value_is_refused(town, lead, administrator) -> None:
    with pytest.raises(Refused, match="nothing that can be agreed"):
        agreements.change_customer_agreement(town, by=lead, knobs={"speed": 1}, version=1)
    with pytest.raises(Refused, match="leaves no time"):
        agreements.change_level_template(1, by=administrator, knobs={"restore": ["0 h"] * 4}, version=0)
    assert not LevelTemplate.objects.exists()


def test_two_contract_classes_do_not_share_a_name(contract, administrator) -> None:
    with pytest.raises(Refused, match="has this name"):
        agreements.create_contract_class(by=administrator, name="Hospital", meaning="", knobs={})


def test_open_incidents_keep_their_policy_whatever_layer_changes(town, reporter, lead, administrator) -> None:
    incident = factories.open_incident(reporter)
    due = dict(incident.clocks.values_list("kind", "due_at"))

    agreements.change_level_template(
        1, by=administrator, knobs={"update": ["20 min", "60 min", "1 bd", "3 bd"]}, version=0
    )
    agreements.change_customer_agreement(town, by=lead, knobs=SOONER, version=1)

    policy_then = incident.policy_id
    incident.refresh_from_db()
    assert incident.policy_id == policy_then
    assert dict(incident.clocks.values_list("kind", "due_at")) == due
    assert factories.open_incident(reporter).policy_id != policy_then
