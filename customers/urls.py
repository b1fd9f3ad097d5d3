"""Where people look after themselves."""

from django.urls import path

from customers.views import account, goals, imports, series

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
]
