"""Signed links to the tracking page."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from customers.models import User
from incidents import lifecycle, links
from incidents.links import LinkRefused
from incidents.models import Incident


def test_read_gives_back_incident_and_person(incident, reporter) -> None:
    assert links.read(links.make(incident, reporter)) == (incident, reporter)


def test_url_is_absolute_and_from_the_settings(incident, reporter, settings) -> None:
    settings.BASE_URL = "https://help.example"

    assert links.url(incident, reporter).startswith("https://help.example/t/")


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "1" + t, lambda t: "", lambda t: "::", lambda t: "é\0"])
def test_read_refuses_what_was_tampered_with(incident, reporter, spoil) -> None:
    with pytest.raises(LinkRefused):
        links.read(spoil(links.make(incident, reporter)))


@pytest.mark.parametrize("content", ["", "1", "a.b.c", "1.2.3.4", "-1.-1.0", f"1.{10**30}.0"])
def test_read_refuses_what_was_signed_for_something_else(content) -> None:
    with pytest.raises(LinkRefused):
        links.read(signing.TimestampSigner(salt=links.SALT).sign(content))


def test_read_refuses_another_purpose(incident, reporter) -> None:
    signed = signing.TimestampSigner(salt="other").sign(f"{incident.pk}.{reporter.pk}.0")

    with pytest.raises(LinkRefused):
        links.read(signed)


@pytest.mark.parametrize(("age", "works"), [(timedelta(days=89, hours=23), True), (timedelta(days=90, hours=1), False)])
def test_read_refuses_links_of_old_age(incident, reporter, age, works) -> None:
    token = links.make(incident, reporter)

    with time_machine.travel(timezone.now() + age, tick=False):
        if works:
            assert links.read(token)[0] == incident
        else:
            with pytest.raises(LinkRefused):
                links.read(token)


def test_read_refuses_revoked_links_and_takes_new_ones(incident, reporter, agent) -> None:
    token = links.make(incident, reporter)

    incident = lifecycle.revoke_links(incident, by=agent)

    with pytest.raises(LinkRefused):
        links.read(token)
    assert links.read(links.make(incident, reporter))[0] == incident


def test_read_refuses_people_who_left(incident, reporter) -> None:
    User.objects.filter(pk=reporter.pk).update(is_active=False)

    with pytest.raises(LinkRefused):
        links.read(links.make(incident, reporter))


@pytest.mark.parametrize("who", ["colleague", "stranger", "other_agent"])
def test_read_refuses_people_who_may_not_see_the_incident(incident, who, request) -> None:
    token = links.make(incident, request.getfixturevalue(who))

    with pytest.raises(LinkRefused):
        links.read(token)


def test_a_refused_link_does_not_tell_why(incident, stranger) -> None:
    with pytest.raises(LinkRefused) as foreign:
        links.read(links.make(incident, stranger))
    with pytest.raises(LinkRefused) as missing:
        links.read(links.make(Incident(pk=10**9), stranger))

    assert foreign.value.status == 404
    assert foreign.value.sentence == missing.value.sentence
