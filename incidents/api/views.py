"""The endpoints: each fetches through `visible_to`, reads a serializer and calls one verb."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Customer, Service, Team, User
from incidents import conversation, corrections, later, lifecycle, majors, parking, queries
from incidents.api import serializers as shapes
from incidents.models import Incident

REFUSALS = {
    400: OpenApiResponse(description="Something sent could not be read; the answer names the field."),
    401: OpenApiResponse(description="Nobody is signed in."),
    404: OpenApiResponse(description="There is no such incident among those the caller may see."),
    409: OpenApiResponse(description="Not in this state, or changed meanwhile: the answer has the current version."),
    413: OpenApiResponse(description="The file is too large."),
    415: OpenApiResponse(description="This content type is not read here."),
    422: OpenApiResponse(description="Refused; the answer says why in a sentence."),
}
NO_BODY_REFUSALS = {status: REFUSALS[status] for status in (400, 401, 404)}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", UUID, OpenApiParameter.HEADER, description="A UUID of yours; it makes a retry harmless."
)
SHARED = {"page", "page_size", "ordering", "format"}


class IncidentFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Incident.Status.choices)
    priority = django_filters.ChoiceFilter(choices=[(number, f"P{number}") for number in (1, 2, 3, 4)])
    customer = django_filters.NumberFilter(max_value=2**31 - 1, min_value=0)
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")
    opened_after = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = Incident
        fields: list[str] = []


def _verb(shape: type[serializers.Serializer[Any]], path: str = "", **options: Any) -> Callable[[Any], Any]:
    """An action that reads `shape` and answers with the incident as it is then."""

    def decorate(method: Any) -> Any:
        address = path or method.__name__.replace("_", "-")
        answers = {200: shapes.DeskIncidentSerializer, **REFUSALS}
        described = extend_schema(request=shape, responses=answers)(method)
        verb = action(
            detail=True, methods=["post"], url_path=address, url_name=address, serializer_class=shape, **options
        )
        return verb(described)

    return decorate


@extend_schema_view(
    list=extend_schema(responses={200: shapes.DeskIncidentSerializer(many=True), **NO_BODY_REFUSALS}),
    retrieve=extend_schema(responses={200: shapes.DeskIncidentSerializer, **NO_BODY_REFUSALS}),
)
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Incident]):
    """Incidents the caller may see. What the desk alone works with is missing in the answers to customers."""

    lookup_field = "reference"
    lookup_value_regex = "INC-[0-9]{1,12}"
    serializer_class = shapes.OpenSerializer
    filterset_class = IncidentFilter
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend, OrderingFilter)
    ordering_fields = ("opened_at", "priority", "reference")
    ordering = ("-opened_at", "-id")

    def get_queryset(self) -> QuerySet[Incident]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made for nobody in particular
            return Incident.objects.none()
        return queries.with_clocks(Incident.objects.visible_to(self._user())).select_related("team")

    def get_serializer_class(self) -> Any:
        if self.action in {"list", "retrieve"}:
            return self._side()
        return super().get_serializer_class()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = SHARED | set(IncidentFilter.base_filters)
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: ["This parameter is not known."] for name in unknown})
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        incident = self.get_object()
        whole = self.get_serializer(incident).data
        whole["history"] = shapes.EventSerializer(queries.timeline(incident, self._user()), many=True).data
        if not self._user().is_customer_side:
            whole["clocks"] = shapes.ClockSerializer(incident.clocks.order_by("pk"), many=True).data
            whole["later"] = shapes.DebtSerializer(incident.debts.order_by("pk"), many=True).data
            made = incident.calls.select_related("person").order_by("pk")
            whole["calls"] = shapes.CallSerializer(made, many=True).data
        return Response(whole)

    @extend_schema(
        request=shapes.OpenSerializer,
        responses={200: shapes.DeskIncidentSerializer, 201: shapes.DeskIncidentSerializer, **REFUSALS},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Reports an incident. The same Idempotency-Key (or client_token) gives the first one again, with 200."""
        said = self._in_whose_words(self._read(shapes.OpenSerializer))
        said["client_token"] = said.get("client_token") or self._key(request)
        reporter = self._reporter(said.pop("reporter", ""))
        known = Incident.objects.filter(reporter=reporter, client_token=said["client_token"])
        again = said["client_token"] is not None and known.exists()
        incident = lifecycle.open_incident(by=self._user(), reporter=reporter, origin=Incident.Origin.API, **said)
        return self._answer(incident, status=200 if again else 201)

    @_verb(shapes.TakeSerializer)
    def take(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.TakeSerializer)
        return self._answer(lifecycle.take(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.UpdateSerializer, path="update")
    def say(self, request: Request, reference: str, **_format: str) -> Response:
        """A public update; the next one is promised with it."""
        incident, said = self._asked(shapes.UpdateSerializer)
        if said.pop("is_automatic", False):
            once = {"text": said.get("text", ""), "client_token": said.get("client_token")}
            return self._answer(conversation.report_by_machine(incident, by=self._user(), **once))
        return self._answer(conversation.update(incident, by=self._user(), **_in_parts(_seen(said))))

    @_verb(shapes.ChooseTimeSerializer)
    def choose_time(self, request: Request, reference: str, **_format: str) -> Response:
        """When the customer wants to hear from us next: that is promised then."""
        incident, said = self._asked(shapes.ChooseTimeSerializer)
        return self._answer(conversation.choose_time(incident, by=self._user(), **said))

    @_verb(shapes.NoteSerializer)
    def note(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.NoteSerializer)
        parking.jot(incident, by=self._user(), **said)
        return self._answer(incident)

    @_verb(shapes.NoteSerializer)
    def add(self, request: Request, reference: str, **_format: str) -> Response:
        """The customer's own words; they end the waiting for the customer."""
        incident, said = self._asked(shapes.NoteSerializer)
        return self._answer(conversation.add(incident, by=self._user(), **said))

    @_verb(shapes.AskSerializer)
    def ask(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.AskSerializer)
        return self._answer(lifecycle.ask(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.RestoreSerializer)
    def restore(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.RestoreSerializer)
        return self._answer(lifecycle.restore(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.ResolveSerializer)
    def resolve(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.ResolveSerializer)
        return self._answer(lifecycle.resolve(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.StillBrokenSerializer)
    def still_broken(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.StillBrokenSerializer)
        return self._answer(lifecycle.still_broken(incident, by=self._user(), **said))

    @_verb(shapes.PrioritiseSerializer)
    def prioritise(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.PrioritiseSerializer)
        return self._answer(lifecycle.prioritise(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.CancelSerializer)
    def cancel(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.CancelSerializer)
        return self._answer(lifecycle.cancel(incident, by=self._user(), **said))

    @_verb(shapes.WaitSerializer)
    def wait(self, request: Request, reference: str, **_format: str) -> Response:
        """The next step is a supplier's; no clock stands still."""
        incident, said = self._asked(shapes.WaitSerializer)
        return self._answer(lifecycle.wait_for_supplier(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.GoOnSerializer)
    def go_on(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.GoOnSerializer)
        return self._answer(lifecycle.go_on(incident, by=self._user(), **said))

    @_verb(shapes.DeclareSerializer)
    def declare(self, request: Request, reference: str, **_format: str) -> Response:
        """It is a major incident from now on, and whoever declares it runs it."""
        incident, said = self._asked(shapes.DeclareSerializer)
        majors.declare(incident, by=self._user(), **said)
        return self._answer(incident)

    @_verb(shapes.DowngradeSerializer)
    def downgrade(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.DowngradeSerializer)
        return self._answer(majors.downgrade(incident, by=self._user(), **said))

    @_verb(shapes.HandOverSerializer)
    def hand_over(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.HandOverSerializer)
        said["team"] = self._one(Team.objects.filter(customers=incident.customer, name=said["team"]), "team")
        return self._answer(corrections.hand_over(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.MergeSerializer)
    def merge(self, request: Request, reference: str, **_format: str) -> Response:
        """Answers with the incident that goes on."""
        incident, said = self._asked(shapes.MergeSerializer)
        into = self._one(self.get_queryset().filter(reference=said["into"]), "into")
        return self._answer(corrections.merge(incident, by=self._user(), into=into))

    @_verb(shapes.CorrectCustomerSerializer)
    def correct_customer(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.CorrectCustomerSerializer)
        said["reporter"] = self._reporter(said["reporter"])
        return self._answer(corrections.correct_customer(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.AgreeDeadlineSerializer)
    def agree_deadline(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.AgreeDeadlineSerializer)
        return self._answer(corrections.agree_deadline(incident, by=self._user(), **_seen(said)))

    @_verb(shapes.CompleteSerializer)
    def complete(self, request: Request, reference: str, **_format: str) -> Response:
        """Writes down fields of the record, once it works again; what is left out stays."""
        incident, said = self._asked(shapes.CompleteSerializer)
        version = said.pop("version", None)
        return self._answer(later.complete(incident, by=self._user(), values=said, expected_version=version))

    @_verb(shapes.AttachSerializer, parser_classes=[MultiPartParser])
    def attach(self, request: Request, reference: str, **_format: str) -> Response:
        incident, said = self._asked(shapes.AttachSerializer)
        conversation.attach(incident, by=self._user(), upload=said["file"], is_public=said["is_public"])
        return self._answer(incident)

    def _in_whose_words(self, said: dict[str, Any]) -> dict[str, Any]:
        """What came besides the text as details; impact and urgency are set by the desk, answered by a customer."""
        names = ("since", "evidence", "correlation_id")
        details: dict[str, Any] = {name: said.pop(name) for name in names if name in said}
        if self._user().is_customer_side:
            details |= {"affected": said.pop("impact", None), "working": said.pop("urgency", None)}
        return said | {"details": details}

    def _user(self) -> User:
        assert isinstance(self.request.user, User)  # nobody else gets past the permission class
        return self.request.user

    def _asked(self, shape: type[serializers.Serializer[Any]]) -> tuple[Incident, dict[str, Any]]:
        """First the incident and then the words: who may not see it learns nothing about what could be sent."""
        return self.get_object(), self._read(shape)

    def _read(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        reading = shape(data=self.request.data, context=self.get_serializer_context())
        reading.is_valid(raise_exception=True)
        return dict(reading.validated_data)

    def _answer(self, incident: Incident, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=incident.pk)
        return Response(self._side()(fresh, context=self.get_serializer_context()).data, status=status)

    def _side(self) -> type[shapes.IncidentSerializer]:
        is_customer_side = not getattr(self, "swagger_fake_view", False) and self._user().is_customer_side
        return shapes.IncidentSerializer if is_customer_side else shapes.DeskIncidentSerializer

    def _one(self, found: QuerySet[Any], field: str) -> Any:
        """What a name stands for, or a sentence at the field that named it."""
        one = found.first()
        if one is None:
            raise ValidationError({field: ["There is nothing of this name that you may use here."]})
        return one

    def _reporter(self, email: str) -> User:
        if not email or self._user().is_customer_side:
            return self._user()
        people = User.objects.visible_to(self._user()).filter(is_active=True, customer__isnull=False)
        found = people.filter(email__iexact=email).first()
        if found is None:
            raise ValidationError({"reporter": ["Nobody with this e-mail is at the customers you serve."]})
        return found

    def _key(self, request: Request) -> UUID | None:
        key = request.headers.get("Idempotency-Key")
        try:
            return UUID(key) if key else None
        except ValueError:
            raise ValidationError({"Idempotency-Key": ["Please send a UUID."]}) from None


def _seen(said: dict[str, Any]) -> dict[str, Any]:
    """`version` is what the caller has seen; the verbs call it expected_version."""
    version = said.pop("version", None)
    return said | {"expected_version": version}


def _in_parts(said: dict[str, Any]) -> dict[str, Any]:
    """The parts of an update and the words for others, where some came."""
    parts = {name: said.pop(name) for name in shapes.PARTS if name in said}
    others = {name: said.pop(name) for name in conversation.OTHERS if name in said}
    return said | ({"said": parts} if parts else {}) | {"for_others": others}


class _Visible(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Reference data, to read."""

    filter_backends = ()
    lookup_value_regex = "[0-9]{1,9}"
    model: Any = None

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.visible_to(self.request.user).order_by("pk")

    def get_object(self) -> Any:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])


class CustomerViewSet(_Visible):
    queryset = Customer.objects.none()
    model = Customer
    serializer_class = shapes.CustomerSerializer


class ServiceViewSet(_Visible):
    queryset = Service.objects.none()
    model = Service
    serializer_class = shapes.ServiceSerializer
