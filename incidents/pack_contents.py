"""What a pack of evidence says: of one incident, to its customer or to ourselves.

For the customer: what they could read, in how many messages it went out, the times promised and kept, the evidence.
Left out are notes, guesses, our own targets, and the names of those of us whom the customer has not read. All of it
comes out of what is stored and ends with the last event, so that the same incident makes the same files.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from customers.models import User
from incidents import explanation
from incidents.journal import Kind
from incidents.models import Attachment, Clock, Incident, IncidentEvent, MajorIncident, ParkedNote
from incidents.pack_files import CHUNK, Row, Writer, as_page, in_lines, safe_name
from itsm.middleware import zone

OF_A_PACK = "pack"  # an event about a pack itself: no pack holds those, or none would be like the one before
BATCH = 200
CARD = ParkedNote.Kind
Columns = list[tuple[str, str]]


@dataclass
class Told:
    """One incident, as it is told in a pack: up to which event, in whose clock, to whom."""

    incident: Incident
    is_internal: bool
    zone: tzinfo
    zone_name: str
    language: str

    @cached_property
    def events(self) -> Any:
        """What goes into the timeline, in the order in which it happened."""
        rows = self.incident.events.exclude(kind=Kind.DUTY, data__did=OF_A_PACK).filter(pk__lte=self.last)
        if not self.is_internal:
            shown = Q(attachment__isnull=True) | Q(attachment__is_public=True)
            rows = rows.filter(shown, kind__in=IncidentEvent.PUBLIC_KINDS)
        return rows.select_related("actor", "message", "attachment").order_by("occurred_at", "pk")

    @cached_property
    def last(self) -> int:
        latest = self.incident.events.exclude(kind=Kind.DUTY, data__did=OF_A_PACK).order_by("-pk").first()
        return latest.pk if latest else 0

    @cached_property
    def as_of(self) -> datetime:
        """The instant of the last thing that happened: what still runs is told up to there."""
        rows = self.incident.events.filter(pk__lte=self.last).exclude(kind=Kind.DUTY, data__did=OF_A_PACK)
        latest = rows.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
        return latest or self.incident.opened_at

    @cached_property
    def known(self) -> set[int]:
        """Those of us whom the customer has read: who wrote to them, took it in their sight, or has it."""
        spoke = self.events.filter(actor__isnull=False).order_by().values_list("actor", flat=True).distinct()
        return set(spoke) | ({self.incident.owner_id} if self.incident.owner_id else set())

    def name(self, person: User | None) -> str:
        if person is None:
            return ""
        if person.is_customer_side or self.is_internal or person.pk in self.known:
            return str(person.name)
        return _("our desk")

    def when(self, name: str, at: datetime | None) -> Row:
        """An instant, twice: in UTC and on the customer's clock."""
        if at is None:
            return {f"{name}_utc": None, f"{name}_local": None}
        utc = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {f"{name}_utc": utc, f"{name}_local": at.astimezone(self.zone).isoformat(timespec="seconds")}


@dataclass(frozen=True)
class Part:
    """One table of the pack: a file for machines, and a page for people with these columns."""

    key: str
    title: str
    columns: Columns
    rows: Callable[[Told], Iterable[Row]]


def write(writer: Writer, incident: Incident, *, is_internal: bool) -> Row:
    """Writes all files of the incident, in the customer's language and clock; returns what the manifest says of it."""
    customer = incident.customer
    told = Told(incident, is_internal, zone(customer.time_zone), customer.time_zone, customer.language)
    with translation.override(told.language), timezone.override(told.zone):
        writer.add("README.txt", [_read_me(told).encode()])
        evidence = list(_evidence(told, writer))
        for part in _parts(evidence):
            intro = _("%(reference)s, %(customer)s. Local times are those of %(zone)s.") % {
                "reference": incident.reference, "customer": customer.name, "zone": told.zone_name,
            }  # fmt: skip
            writer.add(f"{part.key}.jsonl", in_lines(part.rows(told)))
            writer.add(f"{part.key}.html", as_page(part.title, intro, part.columns, part.rows(told), told.language))
        return _about(told)


def _parts(evidence: list[Row]) -> list[Part]:
    local, utc = ("at_local", _("When")), ("at_utc", "UTC")
    return [
        Part("timeline", _("What happened"), [local, utc, ("what", _("What")), ("who", _("Who")), ("said", _("Words")),
             ("facts", _("Details"))], _timeline),
        Part("updates", _("What was said to the customer"), [local, utc, ("what", _("What")), ("who", _("Who")),
             ("said", _("Words")), ("for_others", _("In other words")), ("told", _("To how many, and how"))], _updates),
        Part("clocks", _("Times promised, and what became of them"), [("what", _("What")), ("rule", _("Rule")),
             ("started_local", _("Began")), ("due_local", _("Due")), ("stopped_local", _("Ended")),
             ("verdict_words", _("Kept?")), ("stretches", _("Stretches"))], _clocks),
        Part("evidence", _("Evidence"), [local, ("what", _("What")), ("text", _("Words")), ("who", _("Who")),
             ("file", _("File")), ("sha256", "SHA-256"), ("file_state_words", _("As it was uploaded?")),
             ("is_lost_on_restart", _("Lost on restart"))], lambda _told: evidence),
        Part("checklists", _("Saved before restarts"), [local, ("what", _("What")), ("on", _("On")),
             ("decision_words", _("Decision")), ("who", _("Who")), ("saved", _("Saved")),
             ("not_saved", _("Not saved"))], _checklists),
        Part("reports", _("Reports of the same trouble"), [("reference", _("Report")), ("opened_local", _("Reported")),
             ("joined_local", _("Joined")), ("restored_local", _("Works again"))], _reports),
        Part("roles", _("Who ran it"), [("what", _("Role")), ("who", _("Who")), ("since_local", _("From")),
             ("until_local", _("Until"))], _roles),
        Part("duties", _("To report to others"), [("name", _("What")), ("counted_from_local", _("Counted from")),
             ("due_local", _("Due")), ("sent_local", _("Sent")), ("not_needed", _("Not needed, because"))], _duties),
    ]  # fmt: skip


def _about(told: Told) -> Row:
    incident = told.incident
    return {
        "incident": incident.reference,
        "title": incident.title,
        "customer": incident.customer.name,
        "service": incident.service.name if incident.service else "",
        "time_zone": told.zone_name,
        "scope": "own use" if told.is_internal else "customer",
        **told.when("as_of", told.as_of),
        **told.when("opened", incident.opened_at),
        **told.when("restored", incident.restored_at),
        **told.when("resolved", incident.resolved_at),
    }


def _timeline(told: Told) -> Iterator[Row]:
    for event in told.events.iterator(chunk_size=BATCH):
        message = event.message if event.message and (told.is_internal or event.message.is_public) else None
        yield {
            **told.when("at", event.occurred_at),
            "kind": event.kind,
            "what": str(event.get_kind_display()),
            "who": told.name(event.actor),
            "side": "" if event.actor is None else "customer" if event.actor.is_customer_side else "desk",
            "is_public": event.kind in IncidentEvent.PUBLIC_KINDS,
            "said": message.body if message else "",
            "facts": _facts(event, told),
        }


def _facts(event: IncidentEvent, told: Told) -> Row:
    """What else the line says: to customers no more than their own page does."""
    facts: Row = dict(event.data) if told.is_internal else {}
    facts.pop("version", None)
    facts |= {name: event.data[name] for name in ("restored_by", "next_update_at") if event.data.get(name)}
    if event.attachment:
        facts |= {"file": event.attachment.name, "sha256": event.attachment.sha256}
    return facts


def _updates(told: Told) -> Iterator[Row]:
    """What we said in public, and how it was told."""
    counts: Callable[[Iterable[int]], dict[int, list[Row]]] = import_string(settings.TOLD_OF_EVENTS)
    said = told.events.filter(message__is_public=True, kind__in=IncidentEvent.PUBLIC_KINDS)
    ours = said.exclude(actor__role__in=User.CUSTOMER_SIDE)
    line = ours.iterator(chunk_size=BATCH)
    while events := list(islice(line, BATCH)):
        told_of = counts([event.pk for event in events])
        for event in events:
            yield {
                **told.when("at", event.occurred_at),
                **told.when("recorded", event.recorded_at),
                **told.when("next_update", event.next_update_at),
                "kind": event.kind,
                "what": str(event.get_kind_display()),
                "phase": event.message.phase,
                "who": told.name(event.actor),
                "said": event.message.body,
                "for_others": event.message.for_others,
                "told": [_way(row, told) for row in told_of.get(event.pk, [])],
            }


def _way(row: Row, told: Told) -> Row:
    sent = told.when("first_sent", row["first_sent"]) | told.when("last_sent", row["last_sent"])
    return {name: value for name, value in row.items() if name not in ("first_sent", "last_sent")} | sent


def _clocks(told: Told) -> Iterator[Row]:
    """Each promise with its target, when it was due, and when it ran and stood still; our own targets are ours."""
    verdicts = {
        "met": _("kept"), "missed": _("missed"), "late": _("missed, and still owed"), "running": _("runs"),
        "paused": _("stands still"), "waived": _("missed, agreed not to count"), "cancelled": _("no longer needed"),
    }  # fmt: skip
    found = explanation.explain(told.incident, told.as_of)
    for one in sorted(found, key=lambda each: (each.clock.started_at, each.clock.pk)):
        clock = one.clock
        if clock.kind == Clock.Kind.TEAM and not told.is_internal:
            continue
        yield {
            "kind": clock.kind, "cycle": clock.cycle, "what": str(clock.get_kind_display()), "rule": one.rule,
            "state": clock.state, "verdict": one.verdict, "verdict_words": verdicts.get(one.verdict, one.verdict),
            "target_s": clock.target_s, "used_s": one.used_s, **told.when("started", clock.started_at),
            **told.when("due", clock.due_at), **told.when("stopped", clock.stopped_at),
            **told.when("missed", clock.breached_at),
            "waived_because": one.waiver.reason if one.waiver and told.is_internal else "",
            "stretches": [
                {**told.when("from", each.start), **told.when("until", each.end), "runs": each.runs, "why": each.why,
                 "used_s": each.used_s}
                for each in one.stretches
            ],
        }  # fmt: skip


def _evidence(told: Told, writer: Writer) -> Iterator[Row]:
    """Writes the files of the evidence into the pack, and says of each whether it is as it was uploaded."""
    cards = told.incident.parked_notes.select_related("by", "attachment__uploaded_by").order_by("pk")
    for card in cards if told.is_internal else cards.filter(kind=CARD.EVIDENCE):
        yield {
            **told.when("at", card.at), "what": str(card.get_kind_display()), "kind": card.kind, "text": card.text,
            "who": told.name(card.by), "link": card.link, "is_lost_on_restart": card.is_lost_on_restart,
            "status": card.status if card.kind == CARD.HYPOTHESIS else "",
            "confidence": card.confidence, **_file(card.attachment, told, writer),
        }  # fmt: skip
    others = told.incident.attachments.filter(parked_note__isnull=True).select_related("uploaded_by").order_by("pk")
    for attachment in others if told.is_internal else others.filter(is_public=True):
        yield {
            **told.when("at", attachment.added_at), "what": _("File"), "kind": "file", "text": attachment.name,
            "who": told.name(attachment.uploaded_by), **_file(attachment, told, writer),
        }  # fmt: skip


def _file(attachment: Attachment | None, told: Told, writer: Writer) -> Row:
    if attachment is None:
        return {"file": "", "sha256": ""}
    states = {"same": _("yes"), "changed": _("no: it was changed since"), "missing": _("the file is lost")}
    path = safe_name(len(writer.entries), attachment.name)
    state = "missing"
    if attachment.file.storage.exists(str(attachment.file.name)):
        with attachment.file.open("rb") as content:
            entry = writer.add(path, iter(lambda: content.read(CHUNK), b""), attachment.size)
        state = "same" if entry.sha256 == attachment.sha256 else "changed"
    return {
        "file": "" if state == "missing" else path, "file_name": attachment.name, "size": attachment.size,
        "sha256": attachment.sha256, "content_type": attachment.content_type, "file_state": state,
        "file_state_words": states[state], "uploaded_by": told.name(attachment.uploaded_by),
        **told.when("uploaded", attachment.added_at),
    }  # fmt: skip


def _checklists(told: Told) -> Iterator[Row]:
    rows = told.incident.destructive_actions.select_related("asked_by", "decided_by").order_by("pk")
    for action in rows.iterator(chunk_size=BATCH):
        yield {
            **told.when("at", action.asked_at), **told.when("decided", action.decided_at),
            "what": str(action.get_what_display()),
            "on": action.on, "decision": action.decision, "decision_words": str(action.get_decision_display()),
            "who": told.name(action.decided_by or action.asked_by),
            "saved": [entry["item"] for entry in action.checklist if entry["done"]],
            "not_saved": [entry["item"] for entry in action.checklist if not entry["done"]],
        }  # fmt: skip


def _reports(told: Told) -> Iterator[Row]:
    """References and times only; of this customer, whoever else it hit."""
    rows = told.incident.children.filter(customer=told.incident.customer_id).order_by("opened_at", "pk")
    for child in rows.iterator(chunk_size=BATCH):
        yield {
            "reference": child.reference, **told.when("opened", child.opened_at),
            **told.when("joined", child.joined_at), **told.when("restored", child.restored_at),
        }  # fmt: skip


def _roles(told: Told) -> Iterator[Row]:
    """Who declared it, and who had which role; a name that somebody typed is for ourselves."""
    for major in MajorIncident.objects.filter(incident=told.incident).select_related("declared_by"):
        yield {
            "what": _("Declared major"), "who": told.name(major.declared_by), **told.when("since", major.declared_at),
            **told.when("until", major.downgraded_at), "reason": major.reason if told.is_internal else "",
        }  # fmt: skip
    for seat in told.incident.major_roles.select_related("person").order_by("since", "pk"):
        typed = seat.name if told.is_internal else _("our desk")
        yield {
            "what": str(seat.get_kind_display()), "who": told.name(seat.person) if seat.person else typed,
            **told.when("since", seat.since), **told.when("until", seat.until),
        }  # fmt: skip


def _duties(told: Told) -> Iterator[Row]:
    for duty in told.incident.external_duties.order_by("regime", "position", "due_at", "pk"):
        yield {
            "name": duty.name, "regime": duty.regime, "hours": duty.hours, "base": duty.base,
            **told.when("counted_from", duty.counted_from), **told.when("due", duty.due_at),
            **told.when("sent", duty.done_at), "was_late": duty.was_late, "not_needed": duty.not_needed,
        }  # fmt: skip


def _read_me(told: Told) -> str:
    incident = told.incident
    whose = (
        _("For our own use: this pack holds what was said at the desk. Do not pass it on.")
        if told.is_internal
        else _("For %(customer)s, for reports to others. It holds what you could read, and the evidence.")
        % {"customer": incident.customer.name}
    )
    lines = [
        _("Evidence on %(reference)s: %(title)s") % {"reference": incident.reference, "title": incident.title},
        "",
        whose,
        _("What you report, to whom and when is for you to decide. This is evidence and no legal advice."),
        "",
        _("Each .html file is for people; the .jsonl file beside it says the same for machines."),
        _("Times are in UTC and on the clock of %(zone)s.") % {"zone": told.zone_name},
        "",
        _("To check that nothing was changed:"),
        "    sha256sum -c SHA256SUMS",
        "    python3 manage.py verify_pack FILE.zip",
        _("made.json says when it was made, and holds the hash of manifest.json. All else is the same each time."),
        "",
    ]
    return "\n".join(lines)
