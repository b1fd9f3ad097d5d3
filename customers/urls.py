"""Where people look after themselves, and where is written what we know of a customer."""

from django.urls import path

from customers.views import account, profile

app_name = "customers"

profile_paths = [
    path("desk/customers/", profile.desk_customers, name="desk_customers"),
    path("desk/customers/<int:pk>/", profile.desk_customer, name="desk_customer"),
    path("desk/customers/<int:pk>/profile/<slug:part>/", profile.desk_part, name="desk_profile_part"),
    path("desk/customers/<int:pk>/profile/<slug:part>/<int:item>/", profile.desk_part, name="desk_profile_item"),
    path("organisation/", profile.portal_profile, name="portal_profile"),
    path("organisation/profile/<slug:part>/", profile.portal_part, name="portal_profile_part"),
    path("organisation/profile/<slug:part>/<int:item>/", profile.portal_part, name="portal_profile_item"),
]

urlpatterns = [
    *profile_paths,
    path("account/profile/", account.profile, name="account"),
    path("account/tokens/", account.create_token, name="token_create"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token_revoke"),
    path("account/theme/", account.theme, name="theme"),
]
