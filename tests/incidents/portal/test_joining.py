"""The buttons "This hits me too" and "Follow" in the portal, and what a follower gets to see."""

import pytest

from incidents import conversation, following, intake
from itsm.templatetags.evenkeel import tel
from tests import factories


@pytest.fixture
def shared(town):
    """A customer whose people see each other's incidents."""
    town.shares_incidents = True
    town.save()
    return town


@pytest.fixture
def page(incident):
    return f"/incidents/{incident.reference}/"


def html_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("why", "words"), [("me_too", "it hits you too"), ("follows", "You follow it")])
def test_one_click_and_another(shared, as_user, colleague, incident, page, why, words) -> None:
    browser = as_user(colleague)
    assert "This hits me too" in html_of(browser, page)

    answer = browser.post(f"{page}join/", {"why": why}, follow=True)

    assert answer.redirect_chain == [(page, 302)]
    assert words in answer.content.decode()
    assert incident.followers.get().why == why

    answer = browser.post(f"{page}leave/", follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "This hits me too" in answer.content.decode()


def test_how_often_one_is_told_of_this_one(shared, as_user, colleague, incident, page) -> None:
    following.join(incident, by=colleague)
    browser = as_user(colleague)
    assert '<option value="" selected>As everything I follow</option>' in html_of(browser, page)

    answer = browser.post(f"{page}how-often/", {"mode": "daily"}, follow=True)

    assert answer.redirect_chain == [(page, 302)]
    assert '<option value="daily" selected>' in answer.content.decode()
    assert incident.followers.get().mode == "daily"
    for mode in ("", "none"):
        browser.post(f"{page}how-often/", {"mode": mode})
        assert incident.followers.get().mode == mode


@pytest.mark.parametrize("mode", ["hourly", "\0", "x" * 500])
def test_how_often_is_one_of_the_choices(shared, as_user, colleague, incident, page, mode) -> None:
    following.join(incident, by=colleague)

    answer = as_user(colleague).post(f"{page}how-often/", {"mode": mode}, follow=True)

    assert answer.status_code in {200, 400}
    assert incident.followers.get().mode == ""


def test_who_does_not_follow_chooses_nothing(shared, as_user, colleague, incident, page) -> None:
    answer = as_user(colleague).post(f"{page}how-often/", {"mode": "daily"}, follow=True)

    assert "You do not follow it any more." in answer.content.decode()
    assert "How often by mail" not in answer.content.decode()


def test_how_many_it_hits_is_shown(shared, as_user, reporter, colleague, contact, incident, page) -> None:
    assert "that we know of" not in html_of(as_user(reporter), page)
    following.join(incident, by=colleague)
    following.join(incident, by=contact, why="follows")

    assert "It hits 2 people that we know of." in html_of(as_user(reporter), page)


def test_ones_own_report_has_no_such_buttons(as_user, reporter, page) -> None:
    html = html_of(as_user(reporter), page)

    assert "This hits me too" not in html
    assert as_user(reporter).post(f"{page}join/", {"why": "me_too"}, follow=True).status_code == 200


def test_what_is_over_is_not_followed(shared, as_user, colleague, agent, incident, page) -> None:
    factories.resolved(incident, agent)
    browser = as_user(colleague)
    assert "This hits me too" not in html_of(browser, page)

    answer = browser.post(f"{page}join/", {"why": "me_too"}, follow=True)

    assert "Not possible now" in answer.content.decode()
    assert not incident.followers.exists()


@pytest.mark.parametrize("why", ["", "curious", "\0"])
def test_bad_input_is_a_sentence(shared, as_user, colleague, incident, page, why) -> None:
    answer = as_user(colleague).post(f"{page}join/", {"why": why}, follow=True)

    assert answer.status_code == 200
    assert "Please say whether it hits you too" in answer.content.decode()
    assert not incident.followers.exists()


def test_what_one_may_not_see_is_not_there(as_user, colleague, stranger, agent, page) -> None:
    for person in (colleague, stranger, agent):
        for verb in ("join", "leave", "how-often"):
            assert as_user(person).post(f"{page}{verb}/", {"why": "me_too"}).status_code == 404


def test_who_leaves_what_only_followers_see_goes_home(as_user, colleague, agent, incident, page) -> None:
    following.join(incident, by=agent, person=colleague)
    browser = as_user(colleague)
    assert "Stop following" in html_of(browser, page)

    answer = browser.post(f"{page}leave/", follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert browser.get(page).status_code == 404


def test_a_get_changes_nothing(shared, as_user, colleague, incident, page) -> None:
    assert as_user(colleague).get(f"{page}join/?why=me_too").status_code == 302
    assert not incident.followers.exists()


def test_a_follower_reads_public_words_and_no_numbers(as_user, colleague, reporter, agent, incident, page) -> None:
    """What a customer shares among its people, and not under which number somebody wants to be called."""
    intake.want_call(incident, by=reporter, call_back={"number": "+49 160 1112223"}, text="Please call me")
    conversation.note(incident, by=agent, text="They forgot to pay.")
    conversation.update(incident, by=agent, text="We look at the printer.")
    following.join(incident, by=agent, person=colleague)

    html = html_of(as_user(colleague), page)

    assert "We look at the printer." in html
    assert "forgot to pay" not in html
    assert reporter.email not in html
    assert tel("+49 160 1112223") not in html
    assert "1112223" not in html
    assert "1112223" in html_of(as_user(reporter), page)
