"""The look's own rules: all is in the gallery, colours are readable in both modes, parts are linked for listeners."""

import re
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import make_password
from django.template.loader import render_to_string
from django.urls import reverse

from customers.models import User
from itsm.gallery import SampleForm

ROOT = Path(__file__).parent.parent.parent
SHEET = (ROOT / "static/css/tokens.css").read_text()
PAIRS = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "raised", "sunken")]
PAIRS += [("accent", ground) for ground in ("paper", "raised", "sunken", "accent-soft")]
PAIRS += [
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-late", "late"),
]
PAIRS += [
    (tone, ground) for tone in ("calm", "attention", "late", "done") for ground in ("paper", "raised", f"{tone}-soft")
]
PAIRS += [("attention", "internal-soft")]
PAIRS += [
    (ink, f"{tone}-soft") for tone in ("calm", "attention", "late", "done", "internal") for ink in ("ink", "ink-2")
]


def tokens(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\}", SHEET, re.S).group(1)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_are_readable(mode):
    colours = tokens(f'[data-bs-theme="{mode}"]')
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in PAIRS}
    edges = [contrast(colours["edge"], colours[ground]) for ground in ("paper", "raised")]

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    assert min(edges) >= 3, "the edge of a control must be seen"


def test_dark_is_the_same_by_choice_and_by_device():
    assert tokens('[data-bs-theme="dark"]') == tokens(':root:not([data-bs-theme="light"])')


def test_no_size_says_a_colour_twice():
    assert tokens('[data-bs-theme="dark"]').keys() == tokens('[data-bs-theme="light"]').keys()


def test_gallery_shows_every_component(client):
    response = client.get(reverse("components"))
    page = response.content.decode()
    used = set(
        re.findall(r"components/(_\w+)\.html", "".join(p.read_text() for p in (ROOT / "templates").rglob("*.html")))
    )
    frames = {path.stem for path in (ROOT / "templates/components").glob("_*.html")}

    assert response.status_code == 200
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page
    assert frames <= used
    assert page.count('data-bs-theme="dark"') == 1


def test_every_icon_named_is_in_the_sprite():
    sprite = (ROOT / "static/vendor/icons.svg").read_text()
    sources = [*(ROOT / "templates").rglob("*.html"), ROOT / "itsm/wording.py", ROOT / "itsm/gallery.py"]
    text = "".join(path.read_text() for path in sources)
    named = set(re.findall(r'_icon\.html" with name="([\w-]+)"', text)) | set(re.findall(r' icon="([\w-]+)"', text))
    named |= set(re.findall(r'StatusWords\("\w+", "([\w-]+)"', text))

    assert sorted(name for name in named if f'id="{name}"' not in sprite) == []


def test_field_links_its_help_and_its_error():
    form = SampleForm({"impact": "7"}, auto_id="%s")

    html = render_to_string("components/_field.html", {"field": form["text"]})

    assert 'aria-describedby="text_helptext text_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="text_helptext"' in html
    assert 'id="text_error"' in html


def test_refused_button_says_why_and_does_not_submit():
    html = render_to_string("components/_button.html", {"label": "Take it", "refusal": "Tomas has it."})

    assert 'type="button"' in html
    assert 'aria-disabled="true"' in html
    assert "Tomas has it." in html
    assert 'type="submit"' not in html


def test_clock_keeps_its_sign_and_its_time_on_one_line(client):
    page = client.get(reverse("components")).content.decode()

    signed = re.findall(r'<span class="nowrap"><svg class="icon".*?</svg>\s*(?:<time[^>]*>)?<b', page)
    assert len(signed) == len(re.findall(r'<rect width="\d+" height="4"/></svg><span>(?:<span[^>]*>)?<svg', page)) > 0


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf"])
def test_error_page_stands_without_a_request(name):
    html = render_to_string(f"{name}.html")

    assert "<h1>" in html
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in html


def test_login_page_offers_the_demo_people(client, agent):
    User.objects.filter(pk=agent.pk).update(email="ines.keller@evenkeel.example")

    page = client.get(reverse("account_login")).content.decode()

    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page
    assert '{"id_login": "ines.keller@evenkeel.example"' in page


@pytest.mark.parametrize("name", ["account_reset_password", "account_reset_password_done", "account_signup"])
def test_page_before_one_is_inside_is_whole(client, name):
    page = client.get(reverse(name)).content.decode()

    assert 'class="entrance"' in page
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page


@pytest.mark.parametrize("name", ["account_change_password", "account_email", "mfa_index", "account_logout"])
def test_page_of_ones_account_is_whole(client, reporter, name):
    client.force_login(reporter)

    page = client.get(reverse(name), follow=True).content.decode()

    assert "<h1>" in page
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page


def test_second_factor_is_set_up_shown_and_asked_for(client, reporter):
    User.objects.filter(pk=reporter.pk).update(password=make_password("calm-seas-ahead"))
    client.post(reverse("account_login"), {"login": reporter.email, "password": "calm-seas-ahead"})
    client.post(reverse("account_reauthenticate"), {"password": "calm-seas-ahead"})

    setup = client.get(reverse("mfa_activate_totp"))
    secret = setup.context["form"].secret
    client.post(
        reverse("mfa_activate_totp"),
        {"code": format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))},
    )
    pages = [setup, *(client.get(reverse(n)) for n in ("mfa_index", "mfa_view_recovery_codes", "mfa_deactivate_totp"))]
    client.logout()
    asked = client.post(reverse("account_login"), {"login": reporter.email, "password": "calm-seas-ahead"}, follow=True)

    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    assert b"And the code from your phone" in asked.content
    assert not any(b"UNKNOWN_TEMPLATE_VARIABLE" in page.content for page in [*pages, asked])
