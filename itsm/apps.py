"""The ground floor as a Django app."""

from django.apps import AppConfig

from itsm import checks

__all__ = ["ItsmConfig", "checks"]


class ItsmConfig(AppConfig):
    name = "itsm"
