"""The REST API of programs that are told: the same verbs under the same rules as the pages."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from customers.models import Customer, User
from itsm.outbound import LONGEST_URL
from notifications import endpoints
from notifications.models import Attempt, Delivery, Endpoint

REFUSALS = {
    400: OpenApiResponse(description="Something sent could not be read; the answer names the field."),
    401: OpenApiResponse(description="Nobody is signed in."),
    404: OpenApiResponse(description="There is no such endpoint among those the caller may see."),
    422: OpenApiResponse(description="Refused; the answer says why in a sentence."),
}


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    """An endpoint. Of its address only the host and the end are shown."""

    customer = serializers.CharField(source="customer.name", read_only=True)
    address = serializers.SerializerMethodField()

    class Meta:
        model = Endpoint
        fields = ["id", "customer", "kind", "name", "address", "up_to_priority", "is_active", "failing_since",
                  "rest_until", "switched_off_at", "created_at"]  # fmt: skip

    def get_address(self, endpoint: Endpoint) -> str:
        return endpoints.shown(endpoint)


class NewEndpointSerializer(EndpointSerializer):
    """The same with its secret, which no other answer shows."""

    secret = serializers.CharField()

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]


class AddEndpointSerializer(serializers.Serializer[Any]):
    """`customer` (its id) is needed at the desk; a contact adds to their own organisation."""

    customer = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    kind = serializers.ChoiceField(choices=Endpoint.Kind.choices, default=Endpoint.Kind.WEBHOOK)
    name = serializers.CharField(max_length=endpoints.LONGEST_NAME)
    url = serializers.CharField(max_length=LONGEST_URL)
    up_to_priority = serializers.IntegerField(min_value=1, max_value=4, default=4)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ["number", "outcome", "code", "answer", "took_ms", "at"]


class CallSerializer(serializers.ModelSerializer[Delivery]):
    """One message to an endpoint; `id` is its webhook-id."""

    id = serializers.UUIDField(source="public_id")
    type = serializers.CharField(source="kind")
    incident = serializers.CharField(source="incident.reference", default=None)
    attempts = AttemptSerializer(source="tries", many=True)

    class Meta:
        model = Delivery
        fields = ["id", "type", "incident", "state", "created_at", "sent_at", "attempts"]


def _verb(answer: type[serializers.Serializer[Any]]) -> Callable[[Any], Any]:
    def decorate(method: Any) -> Any:
        described = extend_schema(request=None, responses={200: answer, **REFUSALS})(method)
        name = method.__name__.replace("_", "-")
        return action(detail=True, methods=["post"], url_path=name, url_name=name)(described)

    return decorate


@extend_schema_view(
    list=extend_schema(responses={200: EndpointSerializer(many=True), **REFUSALS}),
    retrieve=extend_schema(responses={200: EndpointSerializer, **REFUSALS}),
)
class EndpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Endpoint]):
    """Webhooks and rooms of a chat that hear of a customer's incidents."""

    queryset = Endpoint.objects.none()
    serializer_class = EndpointSerializer
    filter_backends = ()
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> Any:
        return Endpoint.objects.visible_to(self._user()).select_related("customer").order_by("pk")

    def get_object(self) -> Endpoint:
        found: Endpoint = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return found

    @extend_schema(request=AddEndpointSerializer, responses={201: NewEndpointSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Adds one. Its secret stands in this answer and in no other."""
        reading = AddEndpointSerializer(data=request.data)
        reading.is_valid(raise_exception=True)
        said = dict(reading.validated_data)
        customer = self._customer(said.pop("customer", None))
        return self._with_secret(endpoints.add(customer, by=self._user(), **said), status=201)

    @_verb(EndpointSerializer)
    def test(self, request: Request, pk: str, **_format: str) -> Response:
        """Asks for a call of the type endpoint.test."""
        endpoint = self.get_object()
        endpoints.test(endpoint, by=self._user())
        return Response(self.get_serializer(endpoint).data)

    @_verb(EndpointSerializer)
    def switch_on(self, request: Request, pk: str, **_format: str) -> Response:
        return Response(self.get_serializer(endpoints.switch(self.get_object(), by=self._user(), on=True)).data)

    @_verb(EndpointSerializer)
    def switch_off(self, request: Request, pk: str, **_format: str) -> Response:
        return Response(self.get_serializer(endpoints.switch(self.get_object(), by=self._user(), on=False)).data)

    @_verb(NewEndpointSerializer)
    def rotate(self, request: Request, pk: str, **_format: str) -> Response:
        """A new secret; for a day calls are signed with the one before as well."""
        return self._with_secret(endpoints.rotate(self.get_object(), by=self._user()))

    @extend_schema(responses={200: CallSerializer(many=True), **REFUSALS})
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str, **_format: str) -> Response:
        """What was sent to it, the latest first, with each try."""
        log: Any = self.get_object().deliveries.select_related("incident").prefetch_related("tries").order_by("-pk")
        return self.get_paginated_response(CallSerializer(self.paginate_queryset(log), many=True).data)

    def _user(self) -> User:
        assert isinstance(self.request.user, User)  # nobody else gets past the permission class
        return self.request.user

    def _customer(self, number: int | None) -> Customer:
        mine = Customer.objects.visible_to(self._user())
        if self._user().role == User.Role.REPORTER:
            mine = mine.none()
        found = mine.filter(pk=self._user().customer_id or number or 0).first()
        if found is None or number not in (None, found.pk):
            raise ValidationError({"customer": ["There is no customer of this number for whom you may do this."]})
        return found

    def _with_secret(self, made: endpoints.Made, status: int = 200) -> Response:
        return Response(self.get_serializer(made.endpoint).data | {"secret": made.secret}, status=status)


router = SimpleRouter()
router.register("endpoints", EndpointViewSet, basename="endpoints")
