"""The number somebody is called at: asked once, and never overwritten by what was typed in a hurry."""

from customers.models import User


def keep(person: User, number: str) -> None:
    """Keeps the number on the profile where none was known yet; what staff write down is a customer's, not theirs."""
    if number and person.is_customer_side and not person.phone:
        User.objects.filter(pk=person.pk, phone="").update(phone=number)
        person.phone = number
