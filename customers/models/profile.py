"""What we know of a customer besides its people: whom to reach in which role, and what clocks others set it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.people import Customer, Service, User


class OfCustomerQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The profile is the customer's and ours: contacts and staff see it, end users do not."""
        if user.role == User.Role.REPORTER:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))


class ContactRole(models.Model):
    """Somebody who speaks for the customer in one matter, and how they are reached when its own channels are down."""

    class Kind(models.TextChoices):
        NAMED_CONTACT = "named_contact", _("Named contact")
        DEPUTY = "deputy", _("Deputy")
        DUTY_MANAGER = "duty_manager", _("Duty manager")
        SITE_LEAD = "site_lead", _("Site lead")
        SERVICE_OWNER = "service_owner", _("Service owner")
        SAFETY_LEAD = "safety_lead", _("Safety lead")
        STAKEHOLDER = "stakeholder", _("Stakeholder")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_roles")
    kind = models.CharField(max_length=20, choices=Kind)
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="contact_roles")
    name = models.CharField(max_length=120, blank=True)  # of somebody who has no log-in
    phone = models.CharField(max_length=40, blank=True)
    out_of_band = models.CharField(max_length=80, blank=True)  # works when mail and network do not: a mobile, a radio
    service = models.ForeignKey(Service, on_delete=models.CASCADE, null=True, blank=True, related_name="contact_roles")
    note = models.CharField(max_length=200, blank=True)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(name=""),
                name="contactrole_is_somebody",
                violation_error_message=_("Please choose a person or write a name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.called}"

    @property
    def called(self) -> str:
        return self.person.name if self.person else self.name

    @property
    def number(self) -> str:
        """The usual number: the one of this role, else the person's own."""
        return self.phone or (self.person.phone if self.person else "")


class ExternalDeadline(models.Model):
    """A duty to report that the customer has towards others; we deliver the evidence in time for it."""

    class Base(models.TextChoices):
        AWARE = "aware", _("after it became known")
        CLASSIFIED = "classified", _("after it was classified as major")
        PREVIOUS = "previous", _("after the report before")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="external_deadlines")
    regime = models.CharField(max_length=20, blank=True)  # a key of the templates: nis2, dora, gdpr; empty: its own
    name = models.CharField(max_length=120)
    hours = models.PositiveIntegerField()
    base = models.CharField(max_length=12, choices=Base, default=Base.AWARE)
    position = models.PositiveSmallIntegerField(default=1)  # within its regime: 1 is the first report

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "name"], name="externaldeadline_name_once"),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=8760), name="externaldeadline_within_a_year"),
        ]

    def __str__(self) -> str:
        return self.name
