"""What programs send and get; every field is listed, and each side of the house gets its own keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import Customer, Service, User
from incidents import majors, queries
from incidents.conversation import MAX_TEXT
from incidents.corrections import BY_HAND
from incidents.models import (
    CallTask,
    CauseCategory,
    Clock,
    Detection,
    Incident,
    IncidentEvent,
    Message,
    ProcessDebt,
    ResolutionCode,
)
from itsm import moment

PARTS = ("notice", "affected", "doing", "meanwhile")  # of an update, besides its news


class PersonSerializer(serializers.Serializer[User]):
    name = serializers.CharField()
    email = serializers.EmailField()


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    support_model = serializers.CharField(read_only=True)

    class Meta:
        model = Customer
        fields = ["id", "name", "support_model", "hotline", "time_zone"]


class ServiceSerializer(serializers.ModelSerializer[Service]):
    class Meta:
        model = Service
        fields = ["id", "name", "customer", "is_critical"]


class ClockSerializer(serializers.ModelSerializer[Clock]):
    class Meta:
        model = Clock
        fields = ["kind", "cycle", "state", "target_s", "started_at", "due_at", "stopped_at", "breached_at"]


class EventSerializer(serializers.ModelSerializer[IncidentEvent]):
    """One line of the history; `text` is what was said, `internal` whether only the desk reads it."""

    by = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    class Meta:
        model = IncidentEvent
        fields = ["kind", "occurred_at", "by", "text", "file"]

    def get_by(self, event: IncidentEvent) -> str | None:
        return event.actor.name if event.actor else None

    def get_text(self, event: IncidentEvent) -> str | None:
        return event.message.body if event.message else None

    def get_file(self, event: IncidentEvent) -> str | None:
        return event.attachment.name if event.attachment else None


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as its customer's people get it."""

    customer = serializers.CharField(source="customer.name")
    service = serializers.CharField(source="service.name", default=None)
    reporter = PersonSerializer()
    owner = serializers.SerializerMethodField()
    next_update_due_at = serializers.SerializerMethodField()
    next_update_is_late = serializers.SerializerMethodField()
    lead_has_been_told = serializers.SerializerMethodField()
    restore_due_at = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "reference", "version", "title", "status", "priority", "is_major", "customer", "service", "reporter",
            "owner", "question", "restored_by", "outcome", "opened_at", "restored_at", "resolved_at", "closed_at",
            "next_update_due_at", "next_update_is_late", "lead_has_been_told", "restore_due_at",
        ]  # fmt: skip

    def get_owner(self, incident: Incident) -> str | None:
        return incident.owner.name if incident.owner else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_update_due_at(self, incident: Incident) -> Any:
        row = queries.row(incident, moment.now())
        return _iso(row.promise)

    def get_next_update_is_late(self, incident: Incident) -> bool:
        """A word was promised for `next_update_due_at`, and has not come."""
        promise = queries.row(incident, moment.now()).promise
        return bool(promise and promise.is_late)

    def get_lead_has_been_told(self, incident: Incident) -> bool:
        """It is late, and a lead of the team knows it."""
        promise = queries.row(incident, moment.now()).promise
        return bool(promise and promise.is_late and promise.lead_told)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_restore_due_at(self, incident: Incident) -> Any:
        row = queries.row(incident, moment.now())
        return _iso(row.restore)


def _iso(face: queries.ClockFace | None) -> str | None:
    return serializers.DateTimeField().to_representation(face.due_at) if face and face.due_at else None


class DeskIncidentSerializer(IncidentSerializer):
    """The same with what the desk works with."""

    support_model = serializers.CharField(source="customer.support_model")
    team = serializers.CharField(source="team.name")

    class Meta(IncidentSerializer.Meta):
        fields = [
            *IncidentSerializer.Meta.fields, "support_model", "team", "origin", "impact", "urgency", "priority_basis",
            "details", "reopened", "resolution_code", "cause_category", "configuration_item", "known_error",
            "detection", "change",
        ]  # fmt: skip


class DebtSerializer(serializers.ModelSerializer[ProcessDebt]):
    """A field of the record that is wanted later."""

    class Meta:
        model = ProcessDebt
        fields = ["rule", "state", "reason", "due_at", "settled_at"]


class CallSerializer(serializers.ModelSerializer[CallTask]):
    class Meta:
        model = CallTask
        fields = ["called", "number", "why", "due_at", "outcome", "tries", "done_at"]


class Words(serializers.CharField):
    """Somebody's words: bounded, without NUL."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_TEXT, **kwargs)


class Moment(serializers.DateTimeField):
    """A point in time that can be said in every time zone."""

    def enforce_timezone(self, value: datetime) -> datetime:
        try:
            return super().enforce_timezone(value)
        except OverflowError:  # the first day of the year 1, east of Greenwich
            self.fail("overflow")


class VerbSerializer(serializers.Serializer[Any]):
    """What each verb may carry: the version the caller has seen, and a token that makes a retry harmless."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    client_token = serializers.UUIDField(required=False)


def _visible_service(context: Mapping[str, Any]) -> dict[str, Any]:
    """The field `service`, which knows what the caller may see; for the schema, which nobody calls, none."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return {}
    services = Service.objects.visible_to(request.user)
    return {"service": serializers.PrimaryKeyRelatedField(queryset=services, required=False, allow_null=True)}


class OpenSerializer(serializers.Serializer[Any]):
    text = Words(help_text="What is not working? One sentence is enough.")
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.none(), required=False, allow_null=True)
    reporter = serializers.EmailField(required=False, help_text="For the desk: on whose behalf. Default: the caller.")
    impact = serializers.ChoiceField(
        choices=Incident.Scale.choices,
        required=False,
        help_text="Who is affected. Said by the desk it is set; said by the customer, the policy decides what it sets.",
    )
    urgency = serializers.ChoiceField(
        choices=Incident.Scale.choices, required=False, help_text="Whether people can work; likewise."
    )
    since = serializers.CharField(required=False, allow_blank=True, max_length=120, help_text="Since when.")
    evidence = Words(required=False, allow_blank=True, help_text="Steps, messages, names of machines.")
    correlation_id = serializers.CharField(required=False, allow_blank=True, max_length=100)
    client_token = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | _visible_service(self.context)


class TakeSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class UpdateSerializer(VerbSerializer):
    """A text alone, or the parts of an update; what people notice and who is affected is carried over when left out."""

    text = Words(required=False, allow_blank=True, help_text="What is new. Alone, it is all that is read.")
    notice = Words(required=False, help_text="What people notice.")
    affected = Words(required=False, help_text="Who is affected, and what still works.")
    doing = Words(required=False, allow_blank=True)
    meanwhile = Words(required=False, allow_blank=True, help_text="What people can do until then.")
    phase = serializers.ChoiceField(choices=Message.Phase.choices, required=False, help_text="Default: by the state.")
    stakeholders = Words(required=False, allow_blank=True, help_text="The same in the words of stakeholders.")
    executives = Words(required=False, allow_blank=True)
    next_update_at = Moment(required=False, help_text="At the latest what the policy says.")
    longer_because = Words(
        required=False,
        allow_blank=True,
        help_text="By a lead: why it is later than the policy says. Customers read it.",
    )
    customer_chose = serializers.BooleanField(
        required=False, help_text="The customer wants to hear from us at next_update_at, not before."
    )
    is_automatic = serializers.BooleanField(
        required=False, help_text="Written by a program: customers read the text, and it keeps no promise."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("text", *PARTS)):
            raise serializers.ValidationError({"text": ["Please write at least one sentence."]})
        return attrs


class ChooseTimeSerializer(serializers.Serializer[Any]):
    contact_at = Moment(help_text="When the customer wants to hear from us next; not before.")
    text = Words(required=False, allow_blank=True)
    client_token = serializers.UUIDField(required=False)


class NoteSerializer(serializers.Serializer[Any]):
    text = Words()
    client_token = serializers.UUIDField(required=False)


class AskSerializer(VerbSerializer):
    question = Words()
    next_update_at = Moment(required=False)


class RestoreSerializer(VerbSerializer):
    outcome = Words(help_text="What works again, and how.")
    restored_by = serializers.ChoiceField(choices=Incident.RestoredBy.choices)
    next_update_at = Moment(required=False)


class ResolveSerializer(TakeSerializer):
    note = Words(required=False, allow_blank=True)


class StillBrokenSerializer(serializers.Serializer[Any]):
    text = Words(required=False, allow_blank=True)
    client_token = serializers.UUIDField(required=False)


class PrioritiseSerializer(TakeSerializer):
    impact = serializers.ChoiceField(choices=Incident.Scale.choices)
    urgency = serializers.ChoiceField(choices=Incident.Scale.choices)


class CancelSerializer(serializers.Serializer[Any]):
    reason = Words()


class AttachSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text=f"At most {settings.ATTACHMENT_MAX_BYTES // 1024**2} MB.")
    is_public = serializers.BooleanField(required=False, default=True)


class DeclareSerializer(serializers.Serializer[Any]):
    """Nobody has to approve it; declared twice it is one."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=majors.MOST_REASON)
    call_url = serializers.URLField(
        required=False, allow_blank=True, max_length=majors.MOST_URL, help_text="Where those who work on it talk."
    )


class DowngradeSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=majors.MOST_REASON, help_text="One sentence; what was promised stands.")


class WaitSerializer(VerbSerializer):
    text = Words(help_text="What we wait for, and from whom; the customer reads it.")
    next_update_at = Moment(required=False)


class GoOnSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(
        choices=Incident.PendingReason.choices, required=False, help_text="Which waiting is over. Default: all."
    )


class HandOverSerializer(TakeSerializer):
    team = serializers.CharField(max_length=80, help_text="The name of a team that serves the customer.")


class MergeSerializer(serializers.Serializer[Any]):
    into = serializers.CharField(max_length=20, help_text="The reference of the incident that goes on.")


class CorrectCustomerSerializer(TakeSerializer):
    reporter = serializers.EmailField(help_text="Who reported it really, at a customer you serve.")


class AgreeDeadlineSerializer(TakeSerializer):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in BY_HAND])
    due_at = Moment(allow_null=True, help_text="null takes the deadline away again.")
    reason = Words(help_text="With whom it was agreed, and why.")


class CompleteSerializer(TakeSerializer):
    """The record; what is left out stays as it is."""

    resolution_code = serializers.ChoiceField(choices=ResolutionCode.choices, required=False, allow_blank=True)
    outcome = Words(required=False)
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.none(), required=False, allow_null=True)
    cause_category = serializers.ChoiceField(choices=CauseCategory.choices, required=False, allow_blank=True)
    configuration_item = serializers.CharField(max_length=120, required=False, allow_blank=True)
    known_error = serializers.CharField(max_length=200, required=False, allow_blank=True)
    detection = serializers.ChoiceField(choices=Detection.choices, required=False, allow_blank=True)
    change = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | _visible_service(self.context)
