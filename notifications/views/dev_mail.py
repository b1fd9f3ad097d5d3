"""What the demo's mail server caught. These pages exist only where settings.DEMO is set."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications import maildir

# Mail programs know no style sheets, so mails carry their styles inline: allowed here, and nothing else is.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
HEADERS = ("From", "To", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")


@require_safe
@login_not_required  # the demo's mails are nobody's, and the customers of the story have no mail program
def inbox(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "")
    return render(request, "notifications/dev/inbox.html", {"mails": maildir.inbox(to), "to": to})


@require_safe
@login_not_required  # likewise
def mail(request: HttpRequest, name: str) -> HttpResponse:
    found = maildir.find(name)
    if found is None:
        raise Http404
    shown, message = found
    context = {
        "mail": shown,
        "headers": [(header, str(message[header])) for header in HEADERS if message[header]],
        "text": maildir.part(message, "plain"),
        "has_html": bool(maildir.part(message, "html")),
    }
    return render(request, "notifications/dev/mail.html", context)


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
