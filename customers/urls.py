"""Where people look after themselves."""

from django.urls import path

from customers.views import account, agreement, levels

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
]
