"""Where one sees what was sent."""

from django.conf import settings
from django.urls import include, path

from notifications import api
from notifications.views import (
    bell,
    desk,
    dev_mail,
    dev_sms,
    endpoints,
    given_up,
    inbound,
    preferences,
    sms_hook,
    texts,
    told,
    unsubscribe,
)

app_name = "notifications"

DESK, PORTAL = "desk/customers/<int:pk>/endpoints/", "organisation/endpoints/"

endpoint_paths = [
    path(DESK, endpoints.desk_list, name="desk_endpoints"),
    path(f"{DESK}<int:endpoint>/", endpoints.desk_one, name="desk_endpoint"),
    path(f"{DESK}<int:endpoint>/<slug:verb>/", endpoints.desk_act, name="desk_endpoint_act"),
    path(f"{DESK}<int:endpoint>/again/<int:delivery>/", endpoints.desk_again, name="desk_endpoint_again"),
    path(PORTAL, endpoints.portal_list, name="portal_endpoints"),
    path(f"{PORTAL}<int:endpoint>/", endpoints.portal_one, name="portal_endpoint"),
    path(f"{PORTAL}<int:endpoint>/<slug:verb>/", endpoints.portal_act, name="portal_endpoint_act"),
    path(f"{PORTAL}<int:endpoint>/again/<int:delivery>/", endpoints.portal_again, name="portal_endpoint_again"),
    path("api/v1/", include((api.router.urls, "api"))),
]

urlpatterns = [
    *endpoint_paths,
    path("desk/texts/", texts.tray, name="texts"),
    path("desk/texts/<int:pk>/settle/", texts.settle, name="text_settle"),
    path("hooks/sms/<str:token>", sms_hook.sms_hook, name="sms_hook"),
    path("news/", bell.news, name="news"),
    path("news/bell/", bell.bell_of, name="bell"),
    path("news/read/", bell.read_all, name="read_all"),
    path("news/<int:pk>/", bell.open_line, name="open_line"),
    path("account/notifications/", preferences.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("desk/incidents/<str:reference>/deliveries/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/again/", desk.send_again, name="send_again"),
    path("desk/incidents/<str:reference>/audience/", told.incident_audience, name="incident_audience"),
    path("desk/given-up/", given_up.listed, name="given_up"),
    path("desk/given-up/strip/", given_up.strip, name="given_up_strip"),
    path("desk/given-up/<int:pk>/", given_up.settle, name="given_up_settle"),
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
    path("desk/incidents/<str:reference>/deliveries/<int:pk>/works/", desk.works_again, name="works_again"),
]

if settings.DEMO:
    urlpatterns += [
        path("dev/sms/", dev_sms.inbox, name="dev_sms"),
        path("dev/sms/reply/", dev_sms.reply, name="dev_sms_reply"),
        path("dev/mail/", dev_mail.inbox, name="dev_mail"),
        path("dev/mail/write/", dev_mail.write, name="dev_mail_write"),
        path("dev/mail/<str:name>/answer/", dev_mail.answer, name="dev_mail_answer"),
        path("dev/mail/<str:name>/", dev_mail.mail, name="dev_mail_one"),
        path("dev/mail/<str:name>/html/", dev_mail.html, name="dev_mail_html"),
    ]
