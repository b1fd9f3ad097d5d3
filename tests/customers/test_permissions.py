"""Who may enter which side: everybody else learns nothing, not even that there is something."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse

from customers.models import User
from customers.permissions import agent_required, customer_required, lead_required

MAY = {
    agent_required: {"agent", "lead", "manager"},
    lead_required: {"lead", "manager"},
    customer_required: {"reporter", "contact"},
}


@pytest.mark.parametrize("door", MAY)
@pytest.mark.parametrize("role", User.Role)
def test_door_opens_for_its_roles_only(door, role, rf):
    request = rf.get("/")
    request.user = User(role=role)
    view = door(lambda request: HttpResponse("in"))

    if role in MAY[door]:
        assert view(request).content == b"in"
    else:
        with pytest.raises(Http404):
            view(request)


@pytest.mark.parametrize("door", MAY)
def test_door_is_shut_for_strangers(door, rf):
    request = rf.get("/")
    request.user = AnonymousUser()

    with pytest.raises(Http404):
        door(lambda request: HttpResponse("in"))(request)


def test_door_keeps_the_name_of_the_room():
    @agent_required
    def desk(request):
        """The desk."""

    assert (desk.__name__, desk.__doc__) == ("desk", "The desk.")
