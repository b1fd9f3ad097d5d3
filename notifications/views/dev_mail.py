"""What the demo's mail server caught. These pages exist only where settings.DEMO is set."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notifications import maildir
from notifications.forms.mail import AnswerForm, MailForm

# Mail programs know no style sheets, so mails carry their styles inline: allowed here, and nothing else is.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
HEADERS = ("From", "To", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")


@require_safe
@login_not_required  # the demo's mails are nobody's, and the customers of the story have no mail program
def inbox(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "")
    context = {"mails": maildir.inbox(to), "to": to, "can_write": maildir.takes_answers()}
    return render(request, "notifications/dev/inbox.html", context)


@require_safe
@login_not_required  # likewise
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return _show(request, name, AnswerForm())


@require_POST
@login_not_required  # likewise
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Answers a mail as the person who got it, over real SMTP, as a mail program would."""
    form, found = AnswerForm(request.POST), maildir.find(name)
    if found is None or not maildir.takes_answers():
        raise Http404
    if not form.is_valid():
        return _show(request, name, form, status=422)
    maildir.answer(found[1], form.cleaned_data["text"])
    messages.success(request, _("The answer is on its way to the desk."))
    return redirect("notifications:dev_mail_one", name=name)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required  # likewise
def write(request: HttpRequest) -> HttpResponse:
    """A mail to the desk, as anybody."""
    if not maildir.takes_answers():
        raise Http404
    form = MailForm(request.POST) if request.method == "POST" else MailForm()
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "notifications/dev/write.html", {"form": form}, status=status)
    said = form.cleaned_data
    maildir.write(said["sender"], said["subject"], said["text"])
    messages.success(request, _("The mail is on its way to the desk."))
    return redirect("notifications:dev_mail")


def _show(request: HttpRequest, name: str, form: AnswerForm, status: int = 200) -> HttpResponse:
    found = maildir.find(name)
    if found is None:
        raise Http404
    shown, message = found
    context = {
        "mail": shown,
        "headers": [(header, str(message[header])) for header in HEADERS if message[header]],
        "text": maildir.part(message, "plain"),
        "has_html": bool(maildir.part(message, "html")),
        "form": form if maildir.takes_answers() and not maildir.is_to_the_desk(message) else None,
    }
    return render(request, "notifications/dev/mail.html", context, status=status)


@require_safe
@login_not_required  # likewise
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail as a mail program shows it, shut in a sandbox: no script, no form, nothing from elsewhere."""
    found = maildir.find(name)
    content = maildir.part(found[1], "html") if found else ""
    if not content:
        raise Http404
    response = HttpResponse(content)
    response["Content-Security-Policy"] = SANDBOX
    return response
