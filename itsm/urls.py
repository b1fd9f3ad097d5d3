"""Where each floor's pages are; apps are named as strings, so the ground imports no floor above."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from itsm import gallery, health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("customers.urls")),
    path("", include("problems.urls")),
    path("", include("notifications.urls")),
    path("", include("incidents.urls")),
]

if settings.DEMO or settings.DEBUG:
    urlpatterns.append(path("components/", gallery.components, name="components"))
