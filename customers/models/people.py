"""People, the customers they belong to, and the services those need."""

from collections.abc import Collection
from datetime import time
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.agreement import validate_agreement
from customers.working_hours import HoursError, WorkingHours, parse


def validate_hours(spec: Any) -> None:
    """A calendar that cannot be read, or in which nobody ever works, is refused with a sentence."""
    try:
        parse(spec)
    except HoursError as error:
        # Without its code: "invalid" would make Django put a sentence of its own in the place of ours.
        raise ValidationError(gettext(error.template) % error.parts) from error


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def visible_to(self, user: "User") -> Self:
        """For those who decide about all customers that work by it: a calendar may be shared by several."""
        if not user.is_lead:
            return self.none()
        mine = Customer.objects.visible_to(user)
        return self.filter(customer__in=mine).exclude(customer__in=Customer.objects.exclude(pk__in=mine)).distinct()


class Calendar(models.Model):
    """When somebody works: a time zone, hours, holidays and single days that differ.

    `spec` is what the clocks count by; the rest is what an editor comes back to, out of which it is made.
    """

    name = models.CharField(max_length=80, unique=True)
    spec = models.JSONField(validators=[validate_hours])  # its form: customers.working_hours.parse
    country = models.CharField(max_length=2, blank=True)  # ISO 3166: its public holidays are in `spec`
    region = models.CharField(max_length=20, blank=True)
    own_days = models.JSONField(default=dict, blank=True)  # date -> name: closed on top of that
    version = models.PositiveIntegerField(default=1)  # two people who edit at once do not undo each other

    objects = CalendarQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def hours(self) -> WorkingHours:
        return parse(self.spec)


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: "User") -> Self:
        """Staff see the customers their teams serve; everybody else sees their own."""
        if user.is_customer_side:
            return self.filter(pk=user.customer_id)
        return self.filter(
            pk__in=Team.customers.through.objects.filter(team__memberships__user=user).values("customer")
        )


class Level(models.IntegerChoices):
    """The support model as the customer reads it; the number is for managers."""

    GUIDED = 1, _("Guided")
    SUPPORTED = 2, _("Supported")
    STRUCTURED = 3, _("Structured")
    PARTNERED = 4, _("Partnered")
    INTEGRATED = 5, _("Integrated")


class Customer(models.Model):
    """A customer organisation we look after."""

    name = models.CharField(max_length=120, unique=True)
    level = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)  # null: not assessed yet
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT)
    language = models.CharField(max_length=10, default="en-gb")
    time_zone = models.CharField(max_length=64, default="Europe/London")
    hotline = models.CharField(max_length=40, blank=True)
    hotline_hours = models.CharField(max_length=80, blank=True)
    objective = models.CharField(max_length=200, blank=True)
    shares_incidents = models.BooleanField(default=False)  # may everybody there see all of its incidents?
    contract = models.ForeignKey("customers.ContractClass", on_delete=models.PROTECT, null=True, blank=True)
    # What is agreed apart from level and contract: knobs of customers.knobs.
    agreement = models.JSONField(default=dict, blank=True, validators=[validate_agreement])
    quiet_from = models.TimeField(default=time(20), null=True, blank=True)  # nobody is woken for a P3 or P4
    quiet_until = models.TimeField(default=time(7), null=True, blank=True)
    vip_manners = models.CharField(max_length=300, blank=True)  # how we treat people marked so; never their rank
    version = models.PositiveIntegerField(default=1)  # two people who edit the profile at once do not undo each other
    created_at = models.DateTimeField(default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(1, 5)), name="customer_level_1_to_5"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def works_at(self) -> Level:
        """Not assessed means the most help and the least asked: never a worse promise."""
        return Level(self.level or Level.GUIDED)

    @property
    def support_model(self) -> str:
        return str(self.works_at.label)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=User.Role.ADMINISTRATOR, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def visible_to(self, user: "User") -> "models.QuerySet[User]":
        """The people of the customers one may see, and for staff their colleagues."""
        people = Q(customer__in=Customer.objects.visible_to(user))
        if user.is_customer_side:
            own = Q(pk=user.pk)
            return self.filter(people if user.role == User.Role.CONTACT else own)
        return self.filter(people | Q(customer__isnull=True))

    def kept_by(self, user: "User") -> "models.QuerySet[User]":
        """The people who help, for those who keep them: administrators all, managers those of their own teams."""
        staff = self.filter(customer__isnull=True)
        if user.role == User.Role.ADMINISTRATOR:
            return staff
        if user.role != User.Role.MANAGER:
            return staff.none()
        own_teams = Membership.objects.filter(team__memberships__user=user).values("user")
        return staff.filter(pk__in=own_teams).exclude(role=User.Role.ADMINISTRATOR)


def former(number: int) -> Any:
    """The pseudonym of an erased person: words that become text only where they are read."""
    return format_lazy(_("Former user {number}"), number=number)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: somebody at a customer, or somebody who helps."""

    class Role(models.TextChoices):
        REPORTER = "reporter", _("End user")
        CONTACT = "contact", _("Customer contact")
        AGENT = "agent", _("Agent")
        LEAD = "lead", _("Team lead")
        MANAGER = "manager", _("Service delivery manager")
        ADMINISTRATOR = "administrator", _("Administrator")

    CUSTOMER_SIDE = (Role.REPORTER, Role.CONTACT)
    STAFF = (Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR)

    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role, default=Role.REPORTER)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)  # empty: the customer's
    time_zone = models.CharField(max_length=64, blank=True)  # empty: the customer's
    is_vip = models.BooleanField(default=False)  # changes manners, never the rank
    is_active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the person is gone; the history keeps a pseudonym
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, role__in=["reporter", "contact"])
                | Q(customer__isnull=True, role__in=["agent", "lead", "manager", "administrator"]),
                name="user_customer_fits_role",
                violation_error_message=_("End users and contacts belong to a customer; staff belong to none."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """Who is erased has no name: each reader reads a pseudonym, in their own language."""
        person = super().from_db(db, field_names, values, **more)
        if {"name", "erased_at"} <= person.__dict__.keys() and person.erased_at:
            person.name = former(person.pk)
        return person

    @property
    def is_customer_side(self) -> bool:
        return self.role in self.CUSTOMER_SIDE

    @property
    def is_agent(self) -> bool:
        """May work at the desk."""
        return self.role in (self.Role.AGENT, self.Role.LEAD, self.Role.MANAGER)

    @property
    def is_lead(self) -> bool:
        """May see dashboards and decide for a team."""
        return self.role in (self.Role.LEAD, self.Role.MANAGER)

    @property
    def is_staff(self) -> bool:
        """Django's word for: may enter the admin area."""
        return self.role == self.Role.ADMINISTRATOR

    @property
    def first_name(self) -> str:
        """How colleagues and customers call them."""
        return str(self.name) if self.erased_at else self.name.split(" ")[0]

    @property
    def is_invited(self) -> bool:
        """Asked in and not yet here: there is no password so far."""
        return self.is_active and not self.has_usable_password()

    def speaks(self) -> str:
        return self.language or (self.customer.language if self.customer else "en-gb")

    def reads_clocks_in(self) -> str:
        return self.time_zone or (self.customer.time_zone if self.customer else "UTC")


class TeamQuerySet(models.QuerySet["Team"]):
    def kept_by(self, user: User) -> Self:
        """Administrators decide about all teams, managers about those they are in."""
        if user.role == User.Role.ADMINISTRATOR:
            return self
        return self.filter(memberships__user=user) if user.role == User.Role.MANAGER else self.none()


class Team(models.Model):
    """Agents who serve customers together."""

    name = models.CharField(max_length=80, unique=True)
    customers = models.ManyToManyField(Customer, related_name="teams", blank=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True)
    own_target_min = models.PositiveIntegerField(null=True, blank=True)  # working minutes the team gives itself

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def leads(self) -> "models.QuerySet[User]":
        return User.objects.filter(memberships__team=self, memberships__is_lead=True, is_active=True)

    def coordinator(self) -> User | None:
        """Who looks after problems: who is marked so, else who leads; nobody where there is neither."""
        people = User.objects.filter(memberships__team=self, is_active=True)
        marked = people.filter(memberships__team=self, memberships__is_coordinator=True)
        return marked.order_by("pk").first() or self.leads().order_by("pk").first()


class Membership(models.Model):
    """Somebody's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)
    is_coordinator = models.BooleanField(default=False, db_default=False)  # new problems of the team are theirs

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Service(models.Model):
    """Something the customer needs to work, in the customer's own words."""

    class Channel(models.TextChoices):
        """What people cannot be reached by while this service is down."""

        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephony")
        NETWORK = "network", _("Network")
        SIGN_IN = "sign_in", _("Sign-in")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=200, blank=True)  # in business words: who does what with it
    is_critical = models.BooleanField(default=False)
    tolerable_min = models.PositiveIntegerField(null=True, blank=True)  # minutes the customer can live without it
    hours = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True)  # empty: the customer's
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_services")
    # Who of us looks after its problems; empty: the coordinator of the team.
    coordinator = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="coordinated_services"
    )
    users = models.PositiveIntegerField(null=True, blank=True)  # about how many people use it
    is_channel = models.CharField(max_length=10, choices=Channel, blank=True)  # is it itself a way to reach people?
    capture_first = models.JSONField(default=list, blank=True)  # what to save before it is restarted: lines of text
    # What is agreed for this service alone: knobs of customers.knobs.
    agreement = models.JSONField(default=dict, blank=True, validators=[validate_agreement])
    is_active = models.BooleanField(default=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "name"], name="service_name_once_per_customer")]

    def __str__(self) -> str:
        return self.name
