"""Where the API's endpoints are."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from incidents.api import views
from itsm import api_docs

router = SimpleRouter()
router.register("incidents", views.IncidentViewSet, basename="incidents")
router.register("customers", views.CustomerViewSet, basename="customers")
router.register("services", views.ServiceViewSet, basename="services")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api_docs.docs, name="docs"),
    *router.urls,
]
