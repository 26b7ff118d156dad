from django.urls import include, path

from accounts.views import authority, identities, own, people, roles

app_name = "accounts"

one_person = [
    path("", people.person, name="person"),
    path("edit/", people.edit_person, name="edit-person"),
    path("deactivate/", people.deactivate_person, name="deactivate-person"),
    path("reactivate/", people.reactivate_person, name="reactivate-person"),
    path("reset-password/", people.reset_password, name="reset-password"),
    path("clear-second-factors/", people.clear_second_factors, name="clear-second-factors"),
    path("unlock/", people.unlock_person, name="unlock-person"),
    path("set-identity/", identities.set_identity, name="set-identity"),
    path("identities/<slug:platform>/confirm/", identities.confirm_identity, name="confirm-identity"),
    path("identities/<slug:platform>/remove/", identities.remove_identity, name="remove-identity"),
    path("grant-role/", roles.request_role_change, {"grants": True}, name="grant-role"),
    path("take-role/", roles.request_role_change, {"grants": False}, name="take-role"),
]

urlpatterns = [
    path("", people.people, name="people"),
    path("add/", people.add_person, name="add-person"),
    path("<uuid:uuid>/", include(one_person)),
    path("departments/", people.departments, name="departments"),
    path("departments/<slug:code>/", people.rename_department, name="rename-department"),
    path("role-changes/", roles.role_changes, name="role-changes"),
    path("role-changes/<uuid:uuid>/decide/", roles.decide_role_change, name="decide-role-change"),
    path("role-changes/<uuid:uuid>/withdraw/", roles.withdraw_role_change, name="withdraw-role-change"),
    path("letters/", authority.letters, name="letters"),
    path("letters/<uuid:uuid>/revoke/", authority.revoke_letter, name="revoke-letter"),
    path("break-glass/", authority.break_glass, name="break-glass"),
    path("break-glass/<uuid:uuid>/end/", authority.end_break_glass, name="end-break-glass"),
    path("delegation/", authority.delegation, name="delegation"),
    path("delegation/<uuid:uuid>/revoke/", authority.revoke_delegation, name="revoke-delegation"),
    path("settings/", own.settings, name="settings"),
]
