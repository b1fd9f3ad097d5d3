"""The administrators' area: reference data only. Incidents are never edited here; they have verbs."""

from typing import Any, ClassVar, cast

from allauth.account.decorators import secure_admin_login
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import ManyToManyField, Model
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import people
from customers.fields import zone_names
from customers.models import Calendar, Customer, Membership, Service, Team, User
from itsm import moment

# One way in for all: rate limits and the second factor hold here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way
admin.site.site_header = admin.site.site_title = _("Evenkeel administration")
admin.site.index_title = _("Reference data")

A_YEAR_MIN = 525_600
HOURS_HELP = _(
    "A time zone and the hours of a week, for instance "
    '{"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "18:00"]]}, "holidays": ["2026-12-25"]}; '
    'or {"tz": "Europe/Berlin", "always_open": true}.'
)


class _ByRole:
    """Who is an administrator may, by role; no tables of permissions."""

    def _may(self, request: HttpRequest, _subject: Any = None) -> bool:
        user = request.user
        return user.is_active and isinstance(user, User) and user.is_staff

    has_module_permission = has_add_permission = has_view_permission = has_change_permission = _may

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People and customers are part of a history: they end by being inactive, not by being deleted."""
        return self._may(request) and getattr(self, "model", None) not in (Customer, User)


def _zones(*, may_be_empty: bool) -> forms.ChoiceField:
    choices = [("", _("the customer's"))] * may_be_empty + [(name, name) for name in zone_names()]
    return forms.ChoiceField(choices=choices, required=not may_be_empty, label=_("Time zone"))


def _languages(*, may_be_empty: bool) -> forms.ChoiceField:
    choices = [("", _("the customer's"))] * may_be_empty + list(settings.LANGUAGES)
    return forms.ChoiceField(choices=choices, required=not may_be_empty, label=_("Language"))


class _AddressForm(forms.ModelForm):
    """One person per address, however it is written."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("Somebody has this address already."))
        return email


class PersonForm(_AddressForm, UserChangeForm):
    time_zone = _zones(may_be_empty=True)
    language = _languages(may_be_empty=True)


class NewPersonForm(_AddressForm, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "customer")


class CustomerForm(forms.ModelForm):
    time_zone = _zones(may_be_empty=False)
    language = _languages(may_be_empty=False)


class TeamForm(forms.ModelForm):
    own_target_min = forms.IntegerField(
        label=_("Own target, in working minutes"),
        required=False,
        min_value=0,
        max_value=A_YEAR_MIN,
        help_text=_("How long the team gives itself for what it is handed; empty or 0 is no target."),
        error_messages={
            "min_value": _("A target cannot be negative."), "max_value": _("This is more than a year."),
        },
    )  # fmt: skip


class MembershipInline(_ByRole, admin.StackedInline):
    """Stacked, as in a table Django gives its controls no label; and a list, as its search box has no name."""

    model = Membership
    extra = 1
    fields = (("user", "is_lead", "is_coordinator"),)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.exclude(role__in=User.CUSTOMER_SIDE).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ServiceInline(_ByRole, admin.StackedInline):
    model = Service
    readonly_fields = ("agreement",)
    extra = 1
    fields = (("name", "is_critical", "is_active"),)


@admin.register(Calendar)
class CalendarAdmin(_ByRole, admin.ModelAdmin):
    search_fields = ("name",)
    fields = ("name", "spec")

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> tuple[str, ...]:
        """Hours in use are changed at the desk, where it is shown first what that does to open clocks."""
        return ("spec",) if obj and obj.customer_set.exists() else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "spec":
            kwargs |= {"help_text": HOURS_HELP, "label": _("Hours")}
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Customer)
class CustomerAdmin(_ByRole, admin.ModelAdmin):
    form = CustomerForm
    list_display = ("name", "level", "calendar", "hotline")
    list_filter = ("level",)
    search_fields = ("name",)
    # Level, contract and agreement have pages of their own, which ask for fairness and write down who changed what.
    readonly_fields = ("created_at", "level", "contract", "agreement", "version")
    inlines = (ServiceInline,)


@admin.register(Team)
class TeamAdmin(_ByRole, admin.ModelAdmin):
    form = TeamForm
    search_fields = ("name",)
    formfield_overrides: ClassVar = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    inlines = (MembershipInline,)


@admin.register(Service)
class ServiceAdmin(_ByRole, admin.ModelAdmin):
    readonly_fields = ("agreement",)
    list_display = ("name", "customer", "is_critical", "is_active")
    list_filter = ("customer", "is_critical", "is_active")
    search_fields = ("name", "customer__name")


@admin.register(User)
class PersonAdmin(_ByRole, UserAdmin):
    form, add_form = PersonForm, NewPersonForm
    list_display = ("name", "email", "role", "customer", "is_active")
    list_filter = ("role", "customer", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Belongs to"), {"fields": ("role", "customer", "is_active")}),
        (_("Is reached"), {"fields": ("phone", "language", "time_zone")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "customer", "usable_password", "password1", "password2")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Ended or given back here, a log-in ends or begins as on the people pages: at once, and written down."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            if not obj.is_active:
                people.end_log_in(obj)
            by = cast(User, request.user)
            people.write_down(obj, "reactivated" if obj.is_active else "deactivated", by=by, at=moment.now())
