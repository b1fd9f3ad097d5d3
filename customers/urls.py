"""Where people look after themselves, and where we look after how we work together."""

from django.urls import path

from customers.views import account, assessment, goals, imports, maturity, portal_maturity, series

app_name = "customers"

urlpatterns = [
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
