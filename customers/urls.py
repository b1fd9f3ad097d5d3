"""Where people look after themselves, where customers are looked after, and how we work together."""

from django.urls import path

from customers.views import (
    account,
    agreement,
    assessment,
    desk_people,
    goals,
    imports,
    levels,
    maturity,
    portal_maturity,
    portal_people,
    series,
    staff,
    welcome,
)

app_name = "customers"

agreement_paths = [
    path("desk/customers/<int:pk>/agreement/", agreement.agreement, name="desk_agreement"),
    path("desk/customers/<int:pk>/agreement/change/", agreement.change, name="agreement_change"),
    path("desk/customers/<int:pk>/agreement/contract/", agreement.contract, name="agreement_contract"),
    path(
        "desk/customers/<int:pk>/agreement/services/<int:service>/", agreement.change_service, name="agreement_service"
    ),
    path("desk/levels/", levels.levels, name="levels"),
    path("desk/levels/<int:level>/", levels.level, name="level"),
    path("desk/levels/<int:level>/change/", levels.change_level, name="level_change"),
    path("desk/contracts/new/", levels.create_contract, name="contract_create"),
    path("desk/contracts/<int:pk>/", levels.contract, name="contract"),
    path("desk/contracts/<int:pk>/change/", levels.change_contract, name="contract_change"),
    path("organisation/agreement/", agreement.portal, name="portal_agreement"),
]

urlpatterns = [
    *agreement_paths,
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
    path("desk/customers/<int:pk>/maturity/series/", series.desk_maturity_series, name="desk_maturity_series"),
    path("desk/customers/<int:pk>/goals/", goals.desk_goals, name="desk_goals"),
    path("desk/customers/<int:pk>/goals/agree/", goals.agree, name="goal_agree"),
    path("desk/customers/<int:pk>/goals/<int:goal>/end/", goals.end, name="goal_end"),
    path("organisation/goals/", goals.portal_goals, name="portal_goals"),
    path("desk/imports/", imports.import_list, name="imports"),
    path("desk/imports/<int:pk>/", imports.import_job, name="import"),
    path("desk/imports/<int:pk>/decide/", imports.decide_import, name="import_decide"),
    # How we work together: the assessment and what comes of it.
    path("desk/customers/<int:pk>/maturity/", maturity.maturity, name="desk_maturity"),
    path("desk/customers/<int:pk>/maturity/begin/", maturity.begin, name="desk_begin_assessment"),
    path("desk/customers/<int:pk>/maturity/<int:assessment_pk>/", assessment.run, name="desk_assessment"),
    path(
        "desk/customers/<int:pk>/maturity/<int:assessment_pk>/questions/<int:number>/",
        assessment.question,
        name="desk_answer",
    ),
    path(
        "desk/customers/<int:pk>/maturity/<int:assessment_pk>/context/<slug:topic>/",
        assessment.topic,
        name="desk_answer_context",
    ),
    path("desk/customers/<int:pk>/maturity/<int:assessment_pk>/accept/", maturity.accept, name="desk_accept_level"),
    path("desk/customers/<int:pk>/maturity/<int:assessment_pk>/drop/", maturity.drop, name="desk_drop_assessment"),
    path("organisation/maturity/", portal_maturity.maturity, name="portal_maturity"),
    path("organisation/maturity/accept/", portal_maturity.accept, name="portal_accept_level"),
    path("organisation/maturity/not-yet/", portal_maturity.not_yet, name="portal_not_yet"),
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
