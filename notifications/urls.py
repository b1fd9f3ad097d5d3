"""Where one sees what was sent."""

from django.conf import settings
from django.urls import path

from notifications.views import desk, dev_mail

app_name = "notifications"

urlpatterns = [
    path("desk/incidents/<str:reference>/deliveries/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/again/", desk.send_again, name="send_again"),
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/works/", desk.works_again, name="works_again"),
]

if settings.DEMO:
    urlpatterns += [
        path("dev/mail/", dev_mail.inbox, name="dev_mail"),
        path("dev/mail/<str:name>/", dev_mail.mail, name="dev_mail_one"),
        path("dev/mail/<str:name>/html/", dev_mail.html, name="dev_mail_html"),
    ]
