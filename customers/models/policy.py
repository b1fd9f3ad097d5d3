"""What is owed and asked: the layers it is made of, and the result that incidents are held to."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.agreement import validate_agreement
from customers.models.people import Customer, Level, Service, User


class LevelTemplate(models.Model):
    """What the provider changed about a level; what is not here is as shipped in `levels.toml`."""

    level = models.PositiveSmallIntegerField(choices=Level, unique=True)
    knobs = models.JSONField(default=dict, blank=True, validators=[validate_agreement])
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(Level(self.level).label)


class ContractClass(models.Model):
    """What customers of one kind of contract have agreed: Bronze, Hospital, 24x7."""

    name = models.CharField(max_length=80, unique=True)
    meaning = models.CharField(max_length=200, blank=True)
    knobs = models.JSONField(default=dict, blank=True, validators=[validate_agreement])
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Policy(models.Model):
    """What is agreed, fully resolved; stored once by the digest of its content and never changed."""

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Policy {self.digest[:8]}"


class PolicyChangeQuerySet(models.QuerySet["PolicyChange"]):
    def visible_to(self, user: User) -> Self:
        """Levels and contracts are the provider's; what one customer agreed is seen by whoever serves it."""
        if user.is_customer_side:
            return self.none()
        return self.filter(Q(customer__isnull=True) | Q(customer__in=Customer.objects.visible_to(user)))


class PolicyChange(models.Model):
    """One layer was changed: by whom, from what to what, and why where it breaks a rule of fairness."""

    class Layer(models.TextChoices):
        LEVEL = "level", _("Level")
        CONTRACT = "contract", _("Contract class")
        CUSTOMER = "customer", _("Customer")
        SERVICE = "service", _("Service")

    layer = models.CharField(max_length=10, choices=Layer)
    level = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)
    contract = models.ForeignKey(ContractClass, on_delete=models.PROTECT, null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    broken = models.JSONField(default=list, blank=True)  # the sentences of the rules it breaks
    exception_reason = models.TextField(blank=True)  # why an administrator let it through all the same
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PolicyChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(broken=[]) | ~Q(exception_reason=""), name="policychange_exception_has_a_reason"
            )
        ]
        indexes = [models.Index(fields=["customer", "-at"], name="policychange_customer")]

    def __str__(self) -> str:
        return f"{self.layer} {self.at:%Y-%m-%d}"
