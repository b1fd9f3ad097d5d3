"""The pages of a customer's people: at the desk, and in the portal for the contact."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import invitations
from customers.models import CustomerEvent, User
from tests import factories


@pytest.fixture
def desk(town) -> str:
    return f"/desk/customers/{town.pk}/people/"


OWN = "/organisation/people/"
NEW = {"name": "Nora New", "email": "nora@town.example", "role": "reporter"}


def test_the_list_finds_pages_and_tells_apart(as_user, lead, town, team, reporter, colleague, desk) -> None:
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    page = as_user(lead).get(desk).content.decode()
    assert "Rosa Reporter" in page
    assert "Carl Colleague" not in page
    assert "Carl Colleague" in as_user(lead).get(desk + "?left=1").content.decode()
    assert "Rosa Reporter" in as_user(lead).get(desk + "?q=rosa+EXAMPLE.com").content.decode()
    assert "Nobody fits this" in as_user(lead).get(desk + "?q=zzz").content.decode()

    for number in range(55):
        factories.UserFactory(name=f"Zoe {number:02}", customer=town, password="!")
    second = as_user(lead).get(desk + "?q=Zoe&page=2").content.decode()
    assert "Zoe 54" in second
    assert "Zoe 49" not in second
    assert "?page=1&amp;q=Zoe&amp;left=0" in second
    for nonsense in ("0", "-1", "999", "x", "9" * 50):
        assert as_user(lead).get(f"{desk}?page={nonsense}").status_code == 200


@pytest.mark.parametrize("where", ["desk", "portal"])
def test_the_list_costs_the_same_whoever_is_in_it(as_user, lead, contact, town, team, desk, where) -> None:
    client, address = (as_user(lead), desk) if where == "desk" else (as_user(contact), OWN)
    counts = []
    for number in (1, 3):
        while town.people.filter(role="reporter").count() < number:
            factories.UserFactory(customer=town)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


def test_one_invites_from_the_list(as_user, lead, contact, town, desk) -> None:
    for person, address, email in ((lead, desk, "a@town.example"), (contact, OWN, "b@town.example")):
        answer = as_user(person).post(f"{address}invite/", NEW | {"email": email}, follow=True)

        assert "Nora New is invited: a mail is on its way." in answer.content.decode()
        assert User.objects.get(email=email).customer == town
        assert CustomerEvent.objects.get(person__email=email).actor == person


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Please write how they are called."),
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"email": "ROSA@Town.Example"}, "Rosa Reporter is here already, with this address."),
        ({"role": "administrator"}, "This role cannot be given here."),
        ({"role": "agent"}, "This role cannot be given here."),
        ({"name": "x" * 100_000}, "This is too long: at most 120 characters."),
        ({"email": "x" * 100_000 + "@x.example"}, "This is too long: at most 254 characters."),
        ({"email": "a\0b@x.example"}, "Null characters are not allowed."),
    ],
)
def test_a_bad_invitation_is_a_sentence_and_nothing_is_lost(as_user, contact, reporter, wrong, sentence) -> None:
    User.objects.filter(pk=reporter.pk).update(email="rosa@town.example")
    sent = NEW | {"email": "typed@town.example"} | wrong

    answer = as_user(contact).post(f"{OWN}invite/", sent)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    kept = [value for name, value in sent.items() if name != "role" and "\0" not in value]
    assert all(f'value="{value.strip()}"' in page for value in kept if value.strip())
    assert User.objects.count() == 2


def test_a_customer_in_the_body_changes_nothing(as_user, contact, stranger, town) -> None:
    body = NEW | {"customer": stranger.customer_id, "is_staff": "1", "teams": stranger.customer.teams.get().pk}
    as_user(contact).post(f"{OWN}invite/", body)

    assert User.objects.get(email="nora@town.example").customer == town
    assert stranger.customer.people.count() == 1


def test_too_many_invitations_an_hour_are_refused(as_user, contact, monkeypatch) -> None:
    monkeypatch.setattr(invitations, "PER_HOUR", 2)
    client = as_user(contact)

    statuses = [client.post(f"{OWN}invite/", NEW | {"email": f"{n}@x.example"}).status_code for n in range(3)]
    answer = client.post(f"{OWN}invite/", NEW)

    assert statuses == [302, 302, 429]
    assert "That were many invitations within an hour" in answer.content.decode()
    assert 'value="Nora New"' in answer.content.decode()


def test_everything_about_a_person_from_their_page(as_user, lead, reporter, colleague, desk) -> None:
    client, one = as_user(lead), f"{desk}{reporter.pk}/"
    assert client.post(f"{one}change/", {"role": "contact", "is_vip": "on"}, follow=True).status_code == 200
    assert client.post(f"{one}deactivate/").status_code == 302
    page = client.get(one).content.decode()
    assert "Give the log-in back" in page
    assert client.post(f"{one}reactivate/").status_code == 302
    assert client.post(f"{one}invite-again/").status_code == 302
    page = client.get(one).content.decode()
    for words in ("End user → Customer contact; very important person", "Log-in ended", "Log-in given back", "Invited"):
        assert words in page

    assert client.post(f"{one}merge/", {"into": colleague.email.upper()}).status_code == 302
    page = client.get(one).content.decode()
    assert "Merged into" in page
    assert f"{desk}{colleague.pk}/" in page


def test_the_file_is_a_download_and_stands_in_the_history(as_user, lead, reporter, desk) -> None:
    answer = as_user(lead).post(f"{desk}{reporter.pk}/export/")

    assert answer["Content-Disposition"] == f'attachment; filename="person-{reporter.pk}.json"'
    assert json.loads(answer.content)["person"]["email"] == reporter.email
    assert "their data was handed out" in as_user(lead).get(f"{desk}{reporter.pk}/").content.decode()


def test_erasing_asks_for_the_name(as_user, lead, reporter, desk) -> None:
    client, one = as_user(lead), f"{desk}{reporter.pk}/"
    for typed in ("", "Rosa", "x" * 100_000):
        answer = client.post(f"{one}erase/", {"typed": typed})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.content.decode() or not typed
    assert client.post(f"{one}erase/", {"typed": "Rosa Reporter"}).status_code == 302

    page = client.get(one).content.decode()
    assert f"Former user {reporter.pk}" in page
    assert "Rosa" not in page
    assert "erased.invalid" not in page


@pytest.mark.parametrize(
    ("verb", "data", "sentence"),
    [
        ("merge", {"into": "nobody@x.example"}, "Nobody here has this address."),
        ("merge", {"into": ""}, "Please write the address of the other entry."),
        ("invite-again", {}, "has a log-in already."),
        ("change", {"role": "lead"}, "This role cannot be given here."),
        ("change", {}, "This field is required."),
    ],
)
def test_what_is_refused_is_a_sentence(as_user, lead, reporter, desk, verb, data, sentence) -> None:
    answer = as_user(lead).post(f"{desk}{reporter.pk}/{verb}/", data)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_strangers_address_is_nobody_to_merge_with(as_user, lead, reporter, stranger, desk) -> None:
    answer = as_user(lead).post(f"{desk}{reporter.pk}/merge/", {"into": stranger.email})

    assert "Nobody here has this address." in answer.content.decode()


def test_strangers_are_not_there(as_user, lead, agent, contact, stranger, town) -> None:
    theirs = f"/desk/customers/{stranger.customer_id}/people/"
    for person in (lead, agent):
        for address in (theirs, f"{theirs}{stranger.pk}/", f"/desk/customers/{town.pk}/people/{stranger.pk}/"):
            assert as_user(person).get(address).status_code == 404
    for verb in ("change", "deactivate", "merge", "export", "erase", "nonsense"):
        assert as_user(lead).post(f"/desk/customers/{town.pk}/people/{stranger.pk}/{verb}/").status_code == 404
        assert as_user(contact).post(f"{OWN}{stranger.pk}/{verb}/").status_code == 404
    assert as_user(contact).get(f"{OWN}{stranger.pk}/").status_code == 404
    for address in (f"/desk/customers/{town.pk}/people/?q=Sam", f"/desk/customers/{town.pk}/people/?q=Sam&left=1"):
        assert "Sam Stranger" not in as_user(lead).get(address).content.decode()
    assert "Sam Stranger" not in as_user(contact).get(f"{OWN}?q=Sam").content.decode()


def test_nobody_is_offered_to_end_their_own_log_in(as_user, contact, reporter) -> None:
    client = as_user(contact)

    assert "End the log-in" in client.get(f"{OWN}{reporter.pk}/").content.decode()
    assert "End the log-in" not in client.get(f"{OWN}{contact.pk}/").content.decode()


def test_agents_read_and_do_not_decide(as_user, agent, reporter, desk) -> None:
    page = as_user(agent).get(f"{desk}{reporter.pk}/").content.decode()

    assert reporter.email in page
    assert "End the log-in" not in page
    assert "Invite somebody" not in as_user(agent).get(desk).content.decode()
    for verb in ("change", "deactivate", "merge", "export", "erase"):
        assert as_user(agent).post(f"{desk}{reporter.pk}/{verb}/").status_code == 404


def test_what_is_the_desks_is_not_in_the_portal(as_user, contact, reporter) -> None:
    User.objects.filter(pk=reporter.pk).update(is_vip=True)
    page = as_user(contact).get(f"{OWN}{reporter.pk}/").content.decode()

    assert "ery important" not in page
    assert "Erase" not in page
    as_user(contact).post(f"{OWN}{reporter.pk}/change/", {"role": "contact", "is_vip": ""})
    reporter.refresh_from_db()
    assert (reporter.role, reporter.is_vip) == ("contact", True)
    for verb in ("merge", "export", "erase"):
        assert as_user(contact).post(f"{OWN}{reporter.pk}/{verb}/").status_code == 404
    assert as_user(reporter).get("/account/profile/").status_code == 200


def test_each_form_carries_its_token(as_user, lead, town, team, reporter, desk) -> None:
    """A fragment that is included with nothing but its own words would be refused by the browser's first click."""
    reporter.set_unusable_password()
    reporter.save()
    for address in (desk, f"{desk}{reporter.pk}/"):
        page = as_user(lead).get(address).content.decode()
        assert page.count('method="post"') == page.count('name="csrfmiddlewaretoken"')
    assert page.count('method="post"') == 8, "signing out twice, and six verbs"
