"""Where people look after themselves, and where people are looked after."""

from django.urls import path

from customers.views import account, desk_people, portal_people, staff, welcome

app_name = "customers"

urlpatterns = [
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
]

# People: a customer's at the desk, the customer's own in the portal, those who help, and who is just invited.
OF_CUSTOMER, ONE_OF_CUSTOMER = "desk/customers/<int:pk>/people/", "desk/customers/<int:pk>/people/<int:person>/"
OWN, ONE_OF_OWN = "organisation/people/", "organisation/people/<int:person>/"
STAFF, ONE_OF_STAFF = "desk/people/", "desk/people/<int:person>/"
urlpatterns += [
    path(OF_CUSTOMER, desk_people.people_list, name="desk_people"),
    path(f"{OF_CUSTOMER}invite/", desk_people.invite, name="desk_people_invite"),
    path(ONE_OF_CUSTOMER, desk_people.person, name="desk_person"),
    path(f"{ONE_OF_CUSTOMER}<slug:verb>/", desk_people.act, name="desk_person_act"),
    path(OWN, portal_people.people_list, name="portal_people"),
    path(f"{OWN}invite/", portal_people.invite, name="portal_people_invite"),
    path(ONE_OF_OWN, portal_people.person, name="portal_person"),
    path(f"{ONE_OF_OWN}<slug:verb>/", portal_people.act, name="portal_person_act"),
    path(STAFF, staff.people_list, name="desk_staff"),
    path(f"{STAFF}invite/", staff.invite, name="desk_staff_invite"),
    path(ONE_OF_STAFF, staff.colleague, name="desk_colleague"),
    path(f"{ONE_OF_STAFF}<slug:verb>/", staff.act, name="desk_colleague_act"),
    path("desk/teams/<int:team>/", staff.team, name="desk_team"),
    path("desk/teams/<int:team>/serve/", staff.serve, name="desk_team_serve"),
    path("desk/teams/<int:team>/customers/<int:customer>/end/", staff.end_serving, name="desk_team_end"),
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("welcome/<str:token>/again/", welcome.again, name="welcome_again"),
]
