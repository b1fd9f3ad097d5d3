"""The gallery: every component with its states, light and dark. Shown in a debug or demo run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from itsm import moment

ICONS = [
    "inbox",
    "user",
    "wrench",
    "pause",
    "check",
    "check-check",
    "clock",
    "clock-alert",
    "triangle-alert",
    "phone",
    "paperclip",
    "lock",
    "search",
    "send",
]


TONES = [
    ("calm", "clock", _("Working on it")),
    ("attention", "hourglass", _("Needs you soon")),
    ("late", "clock-alert", _("Late")),
    ("done", "check", _("Works again")),
    ("plain", "lock", _("Closed")),
]


@dataclass(frozen=True)
class SampleFace:
    """A clock as `incidents.queries` would hand it over."""

    kind: str
    state: str
    due_at: datetime | None
    remaining_s: float
    share_left: float
    is_late: bool = False
    paused_reason: str = ""


class SampleForm(forms.Form):
    text = forms.CharField(
        label=_("What is not working?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence is enough."),
    )
    service = forms.ChoiceField(label=_("Service"), choices=[("", _("Not sure")), ("mail", _("Mail"))], required=False)
    impact = forms.ChoiceField(
        label=_("How many are affected?"), choices=[("1", _("only me")), ("2", _("my team"))], widget=forms.RadioSelect
    )
    told = forms.BooleanField(label=_("I have told the caller"), required=False)
    photo = forms.FileField(label=_("Photo"), required=False)


@require_GET
@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    now = moment.now()
    panels = [(mode, SampleForm(auto_id=f"{mode}_%s"), _wrong_form(mode)) for mode in ("light", "dark")]
    context = {
        "panels": [{"mode": mode, "form": form, "wrong": wrong} for mode, form, wrong in panels],
        "faces": sample_faces(now),
        "promise": SampleFace("update", "running", now + timedelta(minutes=35), 2100, 0.6),
        "broken_promise": SampleFace("update", "running", now - timedelta(minutes=3), 0, 0, is_late=True),
        "statuses": ["new", "assigned", "in_progress", "pending", "restored", "resolved", "closed", "cancelled"],
        "tones": TONES,
        "icons": ICONS,
        "page": Paginator(range(60), 20).page(2),
        "refusal": _("Somebody else has it: Tomas took it at 09:12."),
    }
    return render(request, "components/gallery.html", context)


def _wrong_form(mode: str) -> SampleForm:
    form = SampleForm({"text": "", "impact": "7"}, auto_id=f"{mode}_wrong_%s")
    form.add_error(None, _("Somebody was faster: Tomas took this incident at 09:12."))
    return form


def sample_faces(now: datetime) -> list[SampleFace]:
    def running(kind: str, minutes: float, share: float) -> SampleFace:
        late = minutes < 0
        return SampleFace(
            kind, "running", now + timedelta(minutes=minutes, seconds=20), max(minutes * 60, 0), share, late
        )

    return [
        running("restore", 170, 0.71),
        running("update", 6, 0.12),
        running("response", -3.5, 0),
        SampleFace("update", "running", now + timedelta(hours=26), 3600, 0.8),
        SampleFace("restore", "running", now + timedelta(days=3), 40000, 0.5),
        SampleFace("restore", "paused", None, 3900, 0.5, paused_reason=gettext("waiting for the customer's photo")),
        SampleFace("response", "finished", now - timedelta(minutes=50), 0, 0),
        SampleFace("response", "finished", now - timedelta(minutes=50), 0, 0, is_late=True),
        SampleFace("restore", "cancelled", None, 0, 0),
    ]
