"""The Celery app and the beat's schedule; tasks are named as strings, so the ground imports no floor above."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

app = Celery("itsm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(task: str, seconds: float) -> dict[str, object]:
    # A beat that catches up after an outage must not pile up work: what is older than its period expires.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app.conf.beat_scheduler = "itsm.beat:Scheduler"
app.conf.beat_max_loop_interval = 1
app.conf.beat_schedule = {
    # Clocks: a missed promise must be an event within 5 s.
    "sweep-clocks": _every("incidents.tasks.sweep_clocks", 2),
    # What a killed worker left of reports that follow a major incident.
    "keep-up": _every("incidents.tasks.keep_up", 5),
    "remind-of-time-boxes": _every("incidents.tasks.remind_of_time_boxes", 15),
    "ask-for-successors": _every("incidents.tasks.ask_for_successors", 60),
    # What was written goes out when the seconds in which it could be taken back are over.
    "say-outgoing": _every("incidents.tasks.say_outgoing", 2),
    "tidy-outgoing": _every("incidents.tasks.tidy_outgoing", 3600),
    # The guarantee behind the wake-ups: whatever a lost wake-up left behind is found here.
    "relay-events": _every("itsm.tasks.relay_events", 2),
    "send-mail": _every("notifications.tasks.send_due", 2),
    "send-sms": _every("notifications.tasks.send_sms", 2),
    "send-webhooks": _every("notifications.tasks.send_webhooks", 2),
    "send-chat": _every("notifications.tasks.send_chat", 2),
    # What a killed worker left of words that go on to many reports.
    "fan-out": _every("notifications.tasks.fan_out", 5),
    # Behind the wake-up of each text message that came in.
    "read-texts": _every("notifications.tasks.read_texts", 10),
    # What a killed worker left of a recalculation is taken up again.
    "go-on-recalculating": _every("incidents.tasks.go_on_recalculating", 10),
    # The same for a file of customers or people.
    "go-on-importing": _every("customers.tasks.go_on_importing", 10),
    # The words of older incidents: once, after an upgrade; then there is nothing to do.
    "index-older": _every("incidents.tasks.index_older", 60),
    # What recurs takes weeks to do so; an hour is soon enough.
    "propose-recurring": _every("problems.tasks.propose_recurring", 3600),
    # What a killed worker left of passing a workaround on to many.
    "go-on-communicating": _every("problems.tasks.go_on_communicating", 10),
    # Whether a workaround has held is known after days.
    "settle-uses": _every("problems.tasks.settle_uses", 3600),
    # Closing is a courtesy of days; minutes are soon enough.
    "close-resolved": _every("incidents.tasks.close_resolved", 300),
    # A late call is brought up within seconds, like a late promise.
    "sweep-calls": _every("incidents.tasks.sweep_calls", 5),
    # Reports that customers owe others are due by the hour.
    "remind-of-duties": _every("incidents.tasks.remind_of_duties", 15),
    # What a killed worker left of a pack of evidence is made again.
    "go-on-packing": _every("incidents.tasks.go_on_packing", 10),
    "tidy-packs": _every("incidents.tasks.tidy_packs", 3600),
    # Asked hours after it was solved: a minute is soon enough.
    "ask-how-it-went": _every("incidents.tasks.ask_how_it_went", 60),
    # Goals take quarters; an hour is soon enough.
    "measure-goals": _every("incidents.tasks.measure_goals", 3600),
    # A level begins on a day; whoever accepts for today should still see it within minutes.
    "come-into-force": _every("customers.tasks.come_into_force", 60),
    # Due by the day: an hour is soon enough.
    "offer-assessments": _every("customers.tasks.offer_assessments", 3600),
    # What a killed worker left of telling many reporters that a cause is gone.
    "go-on-telling": _every("problems.tasks.go_on_telling", 10),
    # Sixty days: an hour is soon enough.
    "ask-untouched-problems": _every("problems.tasks.ask_untouched", 3600),
    # Due by the day: an hour is soon enough.
    "ask-effects": _every("problems.tasks.ask_effects", 3600),
    # /readyz calls a worker dead after 60 s without this.
    "worker-heartbeat": _every("itsm.tasks.beat_heart", 10),
    # Expired sessions and tokens.
    "tidy": _every("itsm.tasks.tidy", 3600),
}
