"""Plays the events of a worked case on ledgers alone, and answers in the words of the case.

Only the pure core: what the verbs and the sweep do with it is tested by running the same file through the product.
"""

from datetime import datetime, timedelta

from customers.working_hours import parse
from incidents.sla import hours, ledger

METRICS = ("first_response", "next_response", "resolution")
SILENT = {"auto_reply", "agent_internal_note", "customer_auto_reply", "worker_run", "maturity_changed"}


class Ticket:
    def __init__(self, at, policy, calendar):
        self.created, self.policy = at, dict(policy)
        self.key, self.calendars = "0", {"0": parse(calendar)}
        self.clocks, self.olas, self.cancelled = {}, [], set()
        for metric in ("first_response", "resolution"):
            self.start(metric, at)

    def start(self, metric, at, agreed_at=None):
        if target := self.policy.get(f"{metric}_min"):
            self.clocks[metric] = ledger.begin(at, target * 60, self.key, agreed_at=agreed_at)

    def is_open(self, metric):
        return metric in self.clocks and self.clocks[metric].state != ledger.State.STOPPED

    def stop(self, at, *metrics):
        for metric in filter(self.is_open, metrics):
            self.clocks[metric] = ledger.stop(self.clocks[metric], at)

    def agent_public_reply(self, at, event):
        self.stop(at, "first_response", "next_response")

    def status_resolved(self, at, event):
        self.stop(at, *METRICS)

    def status_pending(self, at, event):
        if event.get("pauses", True):
            for metric in filter(self.is_open, self.policy["pause_metrics"]):
                self.clocks[metric] = ledger.pause(self.clocks[metric], at, event.get("reason", "customer"))

    def status_open(self, at, event):
        for metric in METRICS:  # a first answer stays given; what was restored may be broken again
            if self.is_open(metric) or (metric == "resolution" and metric in self.clocks):
                self.clocks[metric] = ledger.resume(self.clocks[metric], at, event.get("reason"))

    def customer_message(self, at, event):
        if "opens_ticket" not in event:
            self.status_open(at, {})
            if not self.is_open("first_response") and not self.is_open("next_response"):
                self.start("next_response", at)

    def policy_changed(self, at, event):
        self.policy |= event["policy"]
        if "calendar" in event:
            self.key = str(len(self.calendars))
            self.calendars[self.key] = parse(event["calendar"])
        for metric in ("first_response", "resolution"):
            target = self.policy.get(f"{metric}_min")
            if target and metric not in self.clocks:
                self.start(metric, self.created, agreed_at=at)
            elif target and self.is_open(metric):
                self.clocks[metric] = ledger.retarget(self.clocks[metric], at, target * 60, self.key)

    customer_moved = policy_changed

    def calendar_edited(self, at, event):
        self.calendars[self.key] = parse(event["calendar"])

    def due_override(self, at, event):
        book = self.clocks[event["metric"]]
        self.clocks[event["metric"]] = ledger.fix_due(book, datetime.fromisoformat(event["due_at"]), at)

    def group_assigned(self, at, event):
        if self.olas:
            self.olas[-1][1] = ledger.stop(self.olas[-1][1], at)
        self.olas.append([event["group"], ledger.begin(at, event["ola_min"] * 60, self.key)])

    def merged_into(self, at, event):
        self.cancelled = set(filter(self.is_open, METRICS))
        self.stop(at, *METRICS)

    def answer(self, metric, now):
        if metric == "ola":
            return [{"group": group} | self.describe(book, now) for group, book in self.olas]
        if metric not in self.clocks:
            return None
        answer = self.describe(self.clocks[metric], now)
        return answer | {"state": "cancelled", "due_at": None} if metric in self.cancelled else answer

    def describe(self, book, now):
        due, breached = ledger.deadline(book, self.calendars), ledger.breach(book, now, self.calendars)
        warned = book.target_s - self.policy.get("warn_before_min", 0) * 60
        reminded = breached and breached + timedelta(hours=self.policy.get("remind_every_wall_h", 0))
        return {
            "due_at": due,
            "completed_at": book.stopped_at,
            "elapsed_s": ledger.elapsed(book, now, self.calendars),
            "remaining_s": ledger.remaining(book, now, self.calendars),
            "breached": breached is not None,
            "breached_at": breached,
            "state": book.state.value,
            "warn_at": ledger.reach(book, warned, self.calendars),
            "next_reminder_at": reminded and hours.next_open(self.calendars[self.key], reminded),
        }


def play(case):
    """The tickets of a case after its events, by name; the only ticket of most cases is called None."""
    tickets = {}
    for event in case["events"]:
        name, at = event.get("ticket"), datetime.fromisoformat(event["at"])
        if new := "created" if event["event"] == "created" else event.get("opens_ticket"):
            policy = case["policy"] | event.get("policy", {})
            tickets[name if new == "created" else new] = Ticket(at, policy, case["calendar"])
        if event["event"] not in SILENT | {"created"}:
            # Through the stored form each time, as the product does.
            ticket = tickets[name]
            ticket.clocks = {key: ledger.from_json(ledger.to_json(book)) for key, book in ticket.clocks.items()}
            getattr(ticket, event["event"])(at, event)
    return tickets


def compare(expected, actual, path=""):
    """The differences between what a case expects and what came out, one line each."""
    if isinstance(expected, dict) and actual is not None:
        keys = [key for key in expected if not key.endswith("_local")]
        return [line for key in keys for line in compare(expected[key], actual[key], f"{path}.{key}")]
    if isinstance(expected, list):
        same = len(expected) == len(actual)
        pairs = [compare(*pair, f"{path}[]") for pair in zip(expected, actual, strict=same)] if same else []
        return (
            [line for pair in pairs for line in pair]
            if same
            else [f"{path}: {len(expected)} expected, {len(actual)} came"]
        )
    if isinstance(actual, datetime) and isinstance(expected, str):
        expected = datetime.fromisoformat(expected)
    return [] if expected == actual else [f"{path}: expected {expected}, came {actual}"]
