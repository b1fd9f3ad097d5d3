"""Where people look after themselves."""

from django.urls import path

from customers.views import account

app_name = "customers"

urlpatterns = [
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
]
