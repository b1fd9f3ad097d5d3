"""Where one sees what was sent."""

from django.conf import settings
from django.urls import path

from notifications.views import desk, dev_mail, inbound

app_name = "notifications"

urlpatterns = [
    path("desk/incidents/<str:reference>/deliveries/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/again/", desk.send_again, name="send_again"),
    path("desk/mail/", inbound.tray, name="tray"),
    path("desk/mail/count/", inbound.count, name="tray_count"),
    path("desk/mail/flood/", inbound.flood, name="flood"),
    path("desk/mail/addresses/<int:pk>/use-again/", inbound.use_again, name="use_again"),
    path("desk/mail/<int:pk>/", inbound.mail, name="mail"),
    path("desk/mail/<int:pk>/html/", inbound.html, name="mail_html"),
    path("desk/mail/<int:pk>/raw/", inbound.raw, name="mail_raw"),
    path("desk/mail/<int:pk>/assign/", inbound.assign, name="mail_assign"),
    path("desk/mail/<int:pk>/join/", inbound.join, name="mail_join"),
    path("desk/mail/<int:pk>/dismiss/", inbound.dismiss, name="mail_dismiss"),
    path("desk/mail/<int:pk>/read-again/", inbound.read_again, name="mail_read_again"),
]

if settings.DEMO:
    urlpatterns += [
        path("dev/mail/", dev_mail.inbox, name="dev_mail"),
        path("dev/mail/write/", dev_mail.write, name="dev_mail_write"),
        path("dev/mail/<str:name>/answer/", dev_mail.answer, name="dev_mail_answer"),
        path("dev/mail/<str:name>/", dev_mail.mail, name="dev_mail_one"),
        path("dev/mail/<str:name>/html/", dev_mail.html, name="dev_mail_html"),
    ]
