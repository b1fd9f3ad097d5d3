"""Where incidents are: the portal, the desk, the dashboards and the API."""

from django.urls import include, path, register_converter

from incidents import api
from incidents.views import (
    afterwards,
    calendars,
    calls,
    children,
    clocks,
    composer,
    corrections,
    dashboard,
    desk,
    duties,
    files,
    joining,
    log,
    majors,
    maturity,
    parking,
    portal,
    said,
    similar,
    surveys,
    tracking,
    verbs,
)

app_name = "incidents"


class ReferenceConverter:
    """ "INC-1042" and nothing else."""

    regex = "INC-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "incident")

portal_paths = [
    path("", portal.home, name="portal_home"),
    path("report/", portal.report, name="portal_report"),
    path("call-back/", portal.call_me, name="portal_call_me"),
    path("incidents/<incident:reference>/", portal.incident, name="portal_incident"),
    path("incidents/<incident:reference>/add/", portal.add, name="portal_add"),
    path("incidents/<incident:reference>/attach/", portal.attach, name="portal_attach"),
    path("incidents/<incident:reference>/still-broken/", portal.still_broken, name="portal_still_broken"),
    path("incidents/<incident:reference>/tell/", portal.tell, name="portal_tell"),
    path("incidents/<incident:reference>/call-back/", portal.call_back, name="portal_call_back"),
    path("incidents/<incident:reference>/join/", joining.join, name="portal_join"),
    path("incidents/<incident:reference>/how-often/", joining.how_often, name="portal_how_often"),
    path("incidents/<incident:reference>/leave/", joining.leave, name="portal_leave"),
    path("incidents/<incident:reference>/choose-time/", portal.choose_time, name="portal_choose_time"),
    path("majors/<incident:reference>/i-have-this-too/", children.i_have_this_too, name="portal_i_have_this_too"),
    path("incidents/<incident:reference>/same/<incident:other>/", children.same_trouble, name="portal_same_trouble"),
    path("t/<str:token>/", tracking.incident, name="tracking"),
    path("t/<str:token>/add/", tracking.add, name="tracking_add"),
    path("t/<str:token>/attach/", tracking.attach, name="tracking_attach"),
    path("t/<str:token>/still-broken/", tracking.still_broken, name="tracking_still_broken"),
    path("t/<str:token>/tell/", tracking.tell, name="tracking_tell"),
    path("t/<str:token>/call-back/", tracking.call_back, name="tracking_call_back"),
    path("t/<str:token>/choose-time/", tracking.choose_time, name="tracking_choose_time"),
    path("t/<str:token>/files/<uuid:file>/", files.by_link, name="tracking_file"),
    path("files/<uuid:file>/", files.file, name="file"),
    path("surveys/", surveys.mine, name="portal_surveys"),
    path("s/<uuid:survey>/", surveys.survey, name="survey"),
]

desk_paths = [
    path("desk/", desk.queue, name="desk_queue"),
    path("desk/log/", log.log, name="desk_log"),
    path("desk/calls/", calls.listed, name="desk_calls"),
    path("desk/said/", said.own, name="desk_said"),
    path("desk/incidents/<incident:reference>/", desk.incident, name="desk_incident"),
    path("desk/incidents/<incident:reference>/take/", verbs.take, name="desk_take"),
    path("desk/incidents/<incident:reference>/update/", verbs.update, name="desk_update"),
    path("desk/incidents/<incident:reference>/note/", verbs.note, name="desk_note"),
    path("desk/incidents/<incident:reference>/ask/", verbs.ask, name="desk_ask"),
    path("desk/incidents/<incident:reference>/restore/", verbs.restore, name="desk_restore"),
    path("desk/incidents/<incident:reference>/resolve/", verbs.resolve, name="desk_resolve"),
    path("desk/incidents/<incident:reference>/prioritise/", verbs.prioritise, name="desk_prioritise"),
    path("desk/incidents/<incident:reference>/cancel/", verbs.cancel, name="desk_cancel"),
    path("desk/incidents/<incident:reference>/attach/", verbs.attach, name="desk_attach"),
    path("desk/incidents/<incident:reference>/wait/", corrections.wait, name="desk_wait"),
    path("desk/incidents/<incident:reference>/go-on/", corrections.go_on, name="desk_go_on"),
    path("desk/incidents/<incident:reference>/hand-over/", corrections.hand_over, name="desk_hand_over"),
    path("desk/incidents/<incident:reference>/merge/", corrections.merge, name="desk_merge"),
    path(
        "desk/incidents/<incident:reference>/correct-customer/",
        corrections.correct_customer,
        name="desk_correct_customer",
    ),
    path("desk/incidents/<incident:reference>/clocks/", clocks.clocks, name="desk_clocks"),
    path("desk/incidents/<incident:reference>/clocks/<int:clock>/waive/", clocks.waive, name="desk_waive"),
    path("desk/incidents/<incident:reference>/clocks/<int:clock>/deadline/", clocks.deadline, name="desk_deadline"),
    path("desk/incidents/<incident:reference>/followers/", joining.followers, name="desk_followers"),
    path("desk/incidents/<incident:reference>/followers/<int:follow>/end/", joining.end, name="desk_follower_end"),
    path("desk/incidents/<incident:reference>/children/", children.panel, name="desk_children"),
    path("desk/incidents/<incident:reference>/revoke-links/", verbs.revoke_links, name="desk_revoke_links"),
]

composer_paths = [
    path("desk/incidents/<incident:reference>/preview/", composer.preview, name="desk_preview"),
    path("desk/incidents/<incident:reference>/outgoing/", composer.on_its_way, name="desk_outgoing"),
    path("desk/incidents/<incident:reference>/outgoing/<int:outgoing_pk>/undo/", composer.undo, name="desk_undo"),
    path(
        "desk/incidents/<incident:reference>/outgoing/<int:outgoing_pk>/now/", composer.send_now, name="desk_send_now"
    ),
    path("desk/incidents/<incident:reference>/outgoing/<int:outgoing_pk>/drop/", composer.drop_draft, name="desk_drop"),
]

major_paths = [
    path("desk/incidents/<incident:reference>/declare/", majors.declare, name="desk_declare"),
    path("desk/incidents/<incident:reference>/downgrade/", majors.downgrade, name="desk_downgrade"),
    path("desk/incidents/<incident:reference>/relapse/", majors.relapse, name="desk_relapse"),
    path("desk/incidents/<incident:reference>/war-room/", majors.war_room, name="desk_war_room"),
    path("desk/incidents/<incident:reference>/war-room/roles/", majors.give_role, name="desk_give_role"),
    path("desk/incidents/<incident:reference>/war-room/successor/", majors.hand_over, name="desk_successor"),
    path("desk/incidents/<incident:reference>/war-room/call/", majors.call_link, name="desk_call_link"),
]

likeness_paths = [
    path("desk/bursts/", similar.burst_list, name="desk_bursts"),
    path("desk/bursts/<int:burst>/dismiss/", similar.dismiss, name="desk_dismiss_burst"),
    path("desk/incidents/<incident:reference>/similar/", similar.likes, name="desk_similar"),
    path("desk/incidents/<incident:reference>/similar/<incident:other>/", similar.pair, name="desk_pair"),
]

afterwards_paths = [
    path("desk/later/", afterwards.later, name="desk_later"),
    path("desk/incidents/<incident:reference>/complete/", afterwards.complete, name="desk_complete"),
    path("desk/incidents/<incident:reference>/later/<int:debt>/", afterwards.write_off, name="desk_write_off"),
    path("desk/incidents/<incident:reference>/promise-call/", afterwards.promise_call, name="desk_promise_call"),
    path("desk/incidents/<incident:reference>/calls/<int:call>/", calls.call, name="desk_call"),
]

parking_paths = [
    path("desk/incidents/<incident:reference>/parking/", parking.panel, name="desk_parking"),
    path("desk/incidents/<incident:reference>/investigate/", parking.investigate, name="desk_investigate"),
    path("desk/incidents/<incident:reference>/capture/", parking.capture, name="desk_capture"),
    path("desk/incidents/<incident:reference>/parking/close/", parking.close, name="desk_close_lot"),
    path("desk/incidents/<incident:reference>/parking/suspect/", parking.suspect, name="desk_suspect"),
    path("desk/incidents/<incident:reference>/parking/cards/<int:card>/", parking.judge, name="desk_judge"),
    path(
        "desk/incidents/<incident:reference>/parking/evidence/<int:capture>/",
        parking.decide,
        name="desk_decide_capture",
    ),
    path(
        "desk/incidents/<incident:reference>/parking/searches/<int:search>/", parking.search, name="desk_investigation"
    ),
]

duty_paths = [
    path("desk/incidents/<incident:reference>/duties/", duties.panel, name="desk_duties"),
    path("desk/incidents/<incident:reference>/duties/<int:duty>/", duties.act, name="desk_duty"),
    path("desk/incidents/<incident:reference>/evidence-pack/", duties.make, name="desk_make_pack"),
    path("desk/incidents/<incident:reference>/evidence-pack/<int:pack>/", duties.pack, name="desk_pack"),
]

calendar_paths = [
    path("desk/calendars/", calendars.calendar_list, name="desk_calendars"),
    path("desk/calendars/<int:pk>/", calendars.calendar, name="desk_calendar"),
    path("desk/calendars/agreement/<int:pk>/", calendars.apply_agreement, name="desk_apply_agreement"),
    path("desk/recalculations/<int:pk>/", calendars.job, name="desk_recalculation"),
    path("desk/recalculations/<int:pk>/decide/", calendars.decide, name="desk_decide_recalculation"),
    path("desk/customers/<int:pk>/maturity/hints/", maturity.hints, name="maturity_hints"),
]

dashboard_paths = [
    path("dashboards/", dashboard.now, name="dashboard_now"),
    path("dashboards/clocks/", dashboard.clocks, name="dashboard_clocks"),
    path("dashboards/restored/", dashboard.restored, name="dashboard_restored"),
    path("dashboards/surveys/", said.trend, name="dashboard_surveys"),
]

urlpatterns = [
    *portal_paths,
    *desk_paths,
    *composer_paths,
    *major_paths,
    *likeness_paths,
    *afterwards_paths,
    *parking_paths,
    *duty_paths,
    *calendar_paths,
    *dashboard_paths,
    path("api/v1/", include((api.urlpatterns, "api"), namespace="api")),
]
