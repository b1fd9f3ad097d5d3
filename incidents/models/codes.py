"""What is written down about an incident once it works again: what was done, why it happened, who noticed it first."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ResolutionCode(models.TextChoices):
    """What was done. At most a dozen: a longer list is not read, and most of it ends in the last entry."""

    FIXED = "fixed", _("Repaired")
    WORKAROUND_APPLIED = "workaround_applied", _("Workaround applied")
    RESTARTED = "restarted", _("Restarted")
    CONFIGURATION = "configuration", _("Configuration changed")
    REPLACED = "replaced", _("Replaced")
    USER_GUIDANCE = "user_guidance", _("Showed how it works")
    NO_FAULT_FOUND = "no_fault_found", _("No fault found")
    SELF_RECOVERED = "self_recovered", _("Recovered by itself")
    SUPPLIER_FIXED = "supplier_fixed", _("Repaired by a supplier")
    KNOWN_ERROR = "known_error", _("Known error")
    DUPLICATE = "duplicate", _("Duplicate")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CauseCategory(models.TextChoices):
    """Why it happened, as far as anybody knows."""

    CHANGE = "change", _("A change")
    CAPACITY = "capacity", _("Capacity")
    HARDWARE = "hardware", _("Hardware")
    SOFTWARE_DEFECT = "software_defect", _("Software defect")
    CONFIGURATION = "configuration", _("Configuration")
    EXPIRY = "expiry", _("Certificate or licence ran out")
    SUPPLIER = "supplier", _("Supplier")
    POWER_NETWORK = "power_network", _("Power or network")
    SECURITY = "security", _("Security")
    HUMAN_SLIP = "human_slip", _("A slip")
    DATA = "data", _("Data")
    UNKNOWN = "unknown", _("Not known")


class Detection(models.TextChoices):
    """Who noticed it first."""

    USER = "user", _("An end user")
    CUSTOMER_IT = "customer_it", _("The customer's IT")
    PROVIDER_AGENT = "provider_agent", _("Somebody at the desk")
    MONITORING = "monitoring", _("Monitoring")
