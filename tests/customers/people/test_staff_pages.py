"""The people who help and their teams."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Membership, User
from tests import factories

STAFF = "/desk/people/"


def test_administrators_see_all_managers_their_own_teams(as_user, administrator, manager, agent, other_agent) -> None:
    page = as_user(administrator).get(STAFF).content.decode()
    assert "Ines Keller" in page
    assert "Otto Other" in page
    assert "Quillpay" in page

    page = as_user(manager).get(STAFF).content.decode()
    assert "Ines Keller" in page
    for foreign in ("Otto Other", "Quillpay", "Ada Admin"):
        assert foreign not in page


@pytest.mark.parametrize("who", ["reporter", "contact", "agent", "lead"])
def test_it_is_not_there_for_others(request, as_user, team, who) -> None:
    assert as_user(request.getfixturevalue(who)).get(STAFF).status_code == 404


def test_colleagues_of_other_teams_are_not_there_for_a_manager(as_user, manager, other_agent, administrator) -> None:
    team = other_agent.memberships.get().team
    addresses = [f"{STAFF}{other_agent.pk}/", f"{STAFF}{administrator.pk}/", f"/desk/teams/{team.pk}/"]

    assert [as_user(manager).get(address).status_code for address in addresses] == [404, 404, 404]
    for verb in ("change", "deactivate", "export", "erase"):
        assert as_user(manager).post(f"{STAFF}{other_agent.pk}/{verb}/", {"role": "agent"}).status_code == 404


def test_a_team_leads_to_its_people_and_stands_under_people(as_user, manager, administrator, team, agent) -> None:
    Membership.objects.create(team=team, user=administrator)
    pages = [as_user(who).get(f"/desk/teams/{team.pk}/").content.decode() for who in (manager, administrator)]

    assert [f'href="{STAFF}{agent.pk}/"' in page for page in pages] == [True, True]
    assert [f'href="{STAFF}{administrator.pk}/"' in page for page in pages] == [False, True]
    for page in pages:
        assert set(re.findall(r'aria-current="page">([^<]+)<', page)) == {"People"}


def test_an_administrator_keeps_people_and_sees_no_incident(as_user, administrator, agent, incident) -> None:
    client = as_user(administrator)

    page = client.get(f"{STAFF}{agent.pk}/").content.decode()
    assert "Ines Keller" in page
    assert "/desk/problems/" not in page, "no way to where nothing is for them"
    assert client.get(f"/desk/incidents/{incident.reference}/").status_code == 404
    assert client.get(f"{STAFF}{incident.reporter.pk}/").status_code == 404


def test_one_is_invited_into_teams(as_user, manager, team, administrator) -> None:
    new = {"name": "Nils New", "email": "nils@desk.example", "role": "lead", "teams": [team.pk]}
    answer = as_user(manager).post(f"{STAFF}invite/", new, follow=True)
    assert "Nils New is invited" in answer.content.decode()
    member = Membership.objects.get(user__email="nils@desk.example")
    assert (member.team, member.is_lead) == (team, True)

    as_user(administrator).post(f"{STAFF}invite/", new | {"email": "a@desk.example", "role": "administrator"})
    assert User.objects.get(email="a@desk.example").role == "administrator"


def test_bad_invitations_are_sentences(as_user, manager, team, stranger) -> None:
    foreign = stranger.customer.teams.get()
    new = {"name": "Nils New", "email": "nils@desk.example", "role": "agent", "teams": [team.pk]}
    for wrong, sentence in [
        ({"teams": []}, "Please choose at least one team"),
        ({"teams": [foreign.pk]}, "This team is not yours to choose."),
        ({"teams": ["x"]}, "This team is not yours to choose."),
        ({"role": "administrator"}, "This role cannot be given here."),
        ({"role": "reporter"}, "This role cannot be given here."),
    ]:
        answer = as_user(manager).post(f"{STAFF}invite/", new | wrong)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True), wrong
        assert 'value="Nils New"' in answer.content.decode()
    assert not User.objects.filter(email="nils@desk.example").exists()


def test_the_list_costs_the_same_whoever_is_in_it(as_user, administrator, team, agent) -> None:
    counts = []
    for extra in (0, 3):
        for _ in range(extra):
            factories.UserFactory(agent=True, member_of=factories.TeamFactory(customers=[factories.CustomerFactory()]))
        with CaptureQueriesContext(connection) as queries:
            as_user(administrator).get(STAFF)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_team_serves_a_customer_and_ends_it(as_user, administrator, team, town, stranger) -> None:
    client, page = as_user(administrator), f"/desk/teams/{team.pk}/"
    assert "serves Quillpay now" in client.post(f"{page}serve/", {"customer": "quill"}, follow=True).content.decode()
    assert set(team.customers.all()) == {town, stranger.customer}

    assert client.post(f"{page}customers/{stranger.customer_id}/end/").status_code == 302
    answer = client.post(f"{page}customers/{town.pk}/end/")
    assert answer.status_code == 422
    assert "Nobody but Town desk serves Town of Ostermoor" in answer.content.decode()
    assert set(team.customers.all()) == {town}


def test_a_manager_gives_only_what_they_see(as_user, manager, team, town, stranger) -> None:
    page = f"/desk/teams/{team.pk}/"
    factories.TeamFactory(name="Elsewhere")

    answer = as_user(manager).post(f"{page}serve/", {"customer": "Quillpay"})

    assert answer.status_code == 422
    assert "No customer of this name" in answer.content.decode()
    assert 'value="Quillpay"' in answer.content.decode()
    assert as_user(manager).post(f"{page}customers/{stranger.customer_id}/end/").status_code == 404
    for typed in ("", "x" * 100_000):
        assert as_user(manager).post(f"{page}serve/", {"customer": typed}).status_code == 422


def test_several_customers_that_fit_are_named(as_user, administrator, team) -> None:
    for name in ("Port A", "Port B"):
        factories.CustomerFactory(name=name)

    answer = as_user(administrator).post(f"/desk/teams/{team.pk}/serve/", {"customer": "port"})

    assert "Several customers fit: Port A, Port B." in answer.content.decode()


def test_changing_and_ending_a_colleague(as_user, manager, team, agent) -> None:
    client, one = as_user(manager), f"{STAFF}{agent.pk}/"
    assert client.post(f"{one}change/", {"role": "lead", "teams": [team.pk]}).status_code == 302
    assert client.post(f"{one}deactivate/").status_code == 302

    page = client.get(one).content.decode()
    assert "Agent → Team lead" in page
    assert "Log-in ended" in page
    assert "Ines Keller" in client.get(f"{STAFF}?left=1").content.decode()
    answer = client.post(f"{STAFF}{manager.pk}/deactivate/")
    assert (answer.status_code, "own log-in" in answer.content.decode()) == (422, True)
