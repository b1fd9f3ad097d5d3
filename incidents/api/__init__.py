"""The REST API: the same verbs under the same rules as the pages."""

from incidents.api.routes import urlpatterns

__all__ = ["urlpatterns"]
