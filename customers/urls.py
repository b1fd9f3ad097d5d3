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
    profile,
    series,
    staff,
    welcome,
)

app_name = "customers"
DESK, PORTAL = "desk/customers/<int:pk>/", "organisation/"

account_paths = [
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("welcome/<str:token>/again/", welcome.again, name="welcome_again"),
]

profile_paths = [
    path("desk/customers/", profile.desk_customers, name="desk_customers"),
    path(DESK, profile.desk_customer, name="desk_customer"),
    path(f"{DESK}profile/<slug:part>/", profile.desk_part, name="desk_profile_part"),
    path(f"{DESK}profile/<slug:part>/<int:item>/", profile.desk_part, name="desk_profile_item"),
    path(PORTAL, profile.portal_profile, name="portal_profile"),
    path(f"{PORTAL}profile/<slug:part>/", profile.portal_part, name="portal_profile_part"),
    path(f"{PORTAL}profile/<slug:part>/<int:item>/", profile.portal_part, name="portal_profile_item"),
]

agreement_paths = [
    path(f"{DESK}agreement/", agreement.agreement, name="desk_agreement"),
    path(f"{DESK}agreement/change/", agreement.change, name="agreement_change"),
    path(f"{DESK}agreement/contract/", agreement.contract, name="agreement_contract"),
    path(f"{DESK}agreement/services/<int:service>/", agreement.change_service, name="agreement_service"),
    path("desk/levels/", levels.levels, name="levels"),
    path("desk/levels/<int:level>/", levels.level, name="level"),
    path("desk/levels/<int:level>/change/", levels.change_level, name="level_change"),
    path("desk/contracts/new/", levels.create_contract, name="contract_create"),
    path("desk/contracts/<int:pk>/", levels.contract, name="contract"),
    path("desk/contracts/<int:pk>/change/", levels.change_contract, name="contract_change"),
    path(f"{PORTAL}agreement/", agreement.portal, name="portal_agreement"),
]

ASSESSMENT = f"{DESK}maturity/<int:assessment_pk>/"
maturity_paths = [
    path(f"{DESK}maturity/", maturity.maturity, name="desk_maturity"),
    path(f"{DESK}maturity/begin/", maturity.begin, name="desk_begin_assessment"),
    path(f"{DESK}maturity/series/", series.desk_maturity_series, name="desk_maturity_series"),
    path(ASSESSMENT, assessment.run, name="desk_assessment"),
    path(f"{ASSESSMENT}questions/<int:number>/", assessment.question, name="desk_answer"),
    path(f"{ASSESSMENT}context/<slug:topic>/", assessment.topic, name="desk_answer_context"),
    path(f"{ASSESSMENT}accept/", maturity.accept, name="desk_accept_level"),
    path(f"{ASSESSMENT}drop/", maturity.drop, name="desk_drop_assessment"),
    path(f"{PORTAL}maturity/", portal_maturity.maturity, name="portal_maturity"),
    path(f"{PORTAL}maturity/accept/", portal_maturity.accept, name="portal_accept_level"),
    path(f"{PORTAL}maturity/not-yet/", portal_maturity.not_yet, name="portal_not_yet"),
]

goal_paths = [
    path(f"{DESK}goals/", goals.desk_goals, name="desk_goals"),
    path(f"{DESK}goals/agree/", goals.agree, name="goal_agree"),
    path(f"{DESK}goals/<int:goal>/end/", goals.end, name="goal_end"),
    path(f"{PORTAL}goals/", goals.portal_goals, name="portal_goals"),
]

people_paths = [
    path(f"{DESK}people/", desk_people.people_list, name="desk_people"),
    path(f"{DESK}people/invite/", desk_people.invite, name="desk_people_invite"),
    path(f"{DESK}people/<int:person>/", desk_people.person, name="desk_person"),
    path(f"{DESK}people/<int:person>/<slug:verb>/", desk_people.act, name="desk_person_act"),
    path(f"{PORTAL}people/", portal_people.people_list, name="portal_people"),
    path(f"{PORTAL}people/invite/", portal_people.invite, name="portal_people_invite"),
    path(f"{PORTAL}people/<int:person>/", portal_people.person, name="portal_person"),
    path(f"{PORTAL}people/<int:person>/<slug:verb>/", portal_people.act, name="portal_person_act"),
]

# Those who help, the teams they are in, and whom these serve.
staff_paths = [
    path("desk/people/", staff.people_list, name="desk_staff"),
    path("desk/people/invite/", staff.invite, name="desk_staff_invite"),
    path("desk/people/<int:person>/", staff.colleague, name="desk_colleague"),
    path("desk/people/<int:person>/<slug:verb>/", staff.act, name="desk_colleague_act"),
    path("desk/teams/<int:team>/", staff.team, name="desk_team"),
    path("desk/teams/<int:team>/serve/", staff.serve, name="desk_team_serve"),
    path("desk/teams/<int:team>/customers/<int:customer>/end/", staff.end_serving, name="desk_team_end"),
]

import_paths = [
    path("desk/imports/", imports.import_list, name="imports"),
    path("desk/imports/<int:pk>/", imports.import_job, name="import"),
    path("desk/imports/<int:pk>/decide/", imports.decide_import, name="import_decide"),
]

urlpatterns = [
    *account_paths,
    *profile_paths,
    *agreement_paths,
    *maturity_paths,
    *goal_paths,
    *people_paths,
    *staff_paths,
    *import_paths,
]
