"""What is known or guessed about a problem: noted in a moment, judged later."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models import ParkedNote
from problems.models.problem import Problem


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))


class Finding(models.Model):
    """A hypothesis, a piece of evidence or an idea; noted here, or taken over from an incident's parking lot."""

    class Kind(models.TextChoices):
        HYPOTHESIS = "hypothesis", _("Hypothesis")
        EVIDENCE = "evidence", _("Evidence")
        FOLLOW_UP = "follow_up", _("Idea")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUPPORTED = "supported", _("supported")
        RULED_OUT = "ruled_out", _("ruled out")

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="findings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    source = models.CharField(max_length=60, blank=True)  # what it was taken over from, as "parkednote:17"
    # The card itself: how sure it was, its link, and its file with the hash.
    note = models.ForeignKey(ParkedNote, on_delete=models.SET_NULL, null=True, blank=True, related_name="findings")
    file_token = models.UUIDField(null=True, blank=True)  # of the incident's attachment that shows it

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "source"], condition=~Q(source=""), name="finding_taken_over_once"
            ),
        ]
        indexes = [models.Index(fields=["problem", "at"], name="finding_of_problem")]

    def __str__(self) -> str:
        return self.text[:60]
