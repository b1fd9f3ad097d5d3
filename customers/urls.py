"""Where people look after themselves."""

from django.urls import path

from customers.views import account, imports

app_name = "customers"

urlpatterns = [
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
    path("desk/imports/", imports.import_list, name="imports"),
    path("desk/imports/<int:pk>/", imports.import_job, name="import"),
    path("desk/imports/<int:pk>/decide/", imports.decide_import, name="import_decide"),
]
