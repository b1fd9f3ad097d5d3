"""How a person wants to be told."""

from datetime import time
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from notifications.models.delivery import Delivery


class OfThemselvesQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """Everybody's own."""
        return self.filter(person=user)


class Preference(models.Model):
    """How often, and when not. Without a row: every update, and the quiet hours of the customer."""

    class Mode(models.TextChoices):
        EVERY = "every", _("Every update")
        PHASES = "phases", _("Only when something changes: begun, works again, solved")
        DAILY = "daily", _("Once a day, all together")

    class Quiet(models.TextChoices):
        CUSTOMER = "customer", _("As my organisation")
        OWN = "own", _("My own hours")
        NEVER = "never", _("None")

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.EVERY)
    digest_at = models.TimeField(default=time(8))  # in the person's own zone, as the rest
    quiet = models.CharField(max_length=10, choices=Quiet, default=Quiet.CUSTOMER)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    objects = OfThemselvesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(quiet="own") | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="preference_own_hours_are_hours",
                violation_error_message=_("Please say from when until when."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.mode}"


class ChannelWish(models.Model):
    """Whether a person wants one kind of news by one channel; without a row the policy decides."""

    class About(models.TextChoices):
        OWN = "own", _("What I reported")
        FOLLOWED = "followed", _("What I follow or what affects me too")
        ROLE = "role", _("What I am told because of my role")
        WORK = "work", _("My work at the desk")
        SURVEYS = "surveys", _("How it went")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_wishes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=10, choices=About)
    channel = models.CharField(max_length=10, choices=Delivery.Channel)
    is_wanted = models.BooleanField()

    objects = OfThemselvesQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "about", "channel"], name="channelwish_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.about} by {self.channel}"


class AddressQuerySet(models.QuerySet["Address"]):
    def visible_to(self, user: User) -> Self:
        """The desk's: customers see in their account that their own address does not work."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Address(models.Model):
    """What we know of an address: that it refuses what we send, answers by machine, or wants no more of it."""

    class State(models.TextChoices):
        FINE = "fine", _("in use")
        REFUSES = "refuses", _("refuses what we send")
        SUSPENDED = "suspended", _("suspended: it answers by machine, again and again")
        STOPPED = "stopped", _("wants no more text messages, except urgent ones")

    channel = models.CharField(max_length=10, choices=Delivery.Channel)
    address = models.CharField(max_length=254)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # null: until a person says that it works again

    objects = AddressQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("channel", Lower("address"), name="address_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.state}"
