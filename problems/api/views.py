"""The endpoints of problems: the desk reads them; for everybody else there are none."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.serializers import PersonSerializer
from incidents.api.views import NO_BODY_REFUSALS, SHARED
from problems.models import Action, Problem


class ActionSerializer(serializers.ModelSerializer[Action]):
    """Something that was agreed; `state` is to_do, to_check, checked or dropped."""

    owner = PersonSerializer(read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Action
        fields = ["id", "kind", "text", "owner", "due_on", "state", "done_at", "check_on", "effect", "note"]


class ProblemSerializer(serializers.ModelSerializer[Problem]):
    """A problem with its incidents by reference."""

    owner = PersonSerializer(read_only=True)
    incidents: Any = serializers.SlugRelatedField(slug_field="reference", many=True, read_only=True)
    actions = ActionSerializer(many=True, read_only=True)

    class Meta:
        model = Problem
        fields = [
            "reference", "title", "customer", "status", "triggers", "owner", "workaround", "cause", "cause_category",
            "whys", "factors", "close_code", "review_depth", "review_due_at", "report_due_at", "opened_at",
            "resolved_at", "closed_at", "incidents", "actions",
        ]  # fmt: skip


class ProblemFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Problem.Status.choices)
    customer = django_filters.NumberFilter(max_value=2**31 - 1, min_value=0)
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")

    class Meta:
        model = Problem
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(responses={200: ProblemSerializer(many=True), **NO_BODY_REFUSALS}),
    retrieve=extend_schema(responses={200: ProblemSerializer, **NO_BODY_REFUSALS}),
)
class ProblemViewSet(viewsets.ReadOnlyModelViewSet[Problem]):
    """Problems of the customers the caller serves."""

    lookup_field = "reference"
    lookup_value_regex = "PRB-[0-9]{1,12}"
    serializer_class = ProblemSerializer
    filterset_class = ProblemFilter
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend, OrderingFilter)
    ordering_fields = ("opened_at", "reference")
    ordering = ("-opened_at", "-id")

    def get_queryset(self) -> QuerySet[Problem]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made for nobody in particular
            return Problem.objects.none()
        user: Any = self.request.user
        found = Problem.objects.visible_to(user).select_related("owner")
        return found.prefetch_related("incidents", "actions__owner")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = SHARED | set(ProblemFilter.base_filters)
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: ["This parameter is not known."] for name in unknown})
        return super().list(request, *args, **kwargs)
