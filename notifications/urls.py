"""Where one sees what was sent."""

from django.conf import settings
from django.urls import path

from notifications.views import bell, desk, dev_mail, preferences, unsubscribe

app_name = "notifications"

urlpatterns = [
    path("news/", bell.news, name="news"),
    path("news/bell/", bell.bell_of, name="bell"),
    path("news/read/", bell.read_all, name="read_all"),
    path("news/<int:pk>/", bell.open_line, name="open_line"),
    path("account/notifications/", preferences.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("desk/incidents/<str:reference>/deliveries/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/again/", desk.send_again, name="send_again"),
]

if settings.DEMO:
    urlpatterns += [
        path("dev/mail/", dev_mail.inbox, name="dev_mail"),
        path("dev/mail/<str:name>/", dev_mail.mail, name="dev_mail_one"),
        path("dev/mail/<str:name>/html/", dev_mail.html, name="dev_mail_html"),
    ]
