"""What the events of this app are called on the auditor's page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENT_WORDS: dict[str, str | Promise] = {
    "accounts.signed_in": _("signed in"),
    "accounts.signed_out": _("signed out"),
    "accounts.sign_in_failed": _("a sign-in failed"),
    "accounts.act_refused": _("was refused an act"),
    "accounts.password_changed": _("changed the password"),
    "accounts.second_factor_added": _("added a second factor"),
    "accounts.second_factor_removed": _("removed a second factor"),
    "accounts.second_factor_made_anew": _("made new recovery codes"),
    "accounts.person_added": _("added a person"),
    "accounts.person_edited": _("edited a person"),
    "accounts.person_deactivated": _("switched an account off"),
    "accounts.person_reactivated": _("switched an account on"),
    "accounts.person_unlocked": _("ended a lock"),
    "accounts.password_reset": _("reset a password"),
    "accounts.second_factors_cleared": _("cleared the second factors of a person"),
    "accounts.identity_set": _("wrote down a chat account"),
    "accounts.identity_confirmed": _("confirmed a chat account"),
    "accounts.identity_removed": _("removed a chat account"),
    "accounts.department_added": _("added a department"),
    "accounts.department_renamed": _("renamed a department"),
    "accounts.role_change_requested": _("asked for a role change"),
    "accounts.role_granted": _("granted a role"),
    "accounts.role_taken": _("took a role away"),
    "accounts.role_change_refused": _("refused a role change"),
    "accounts.role_change_withdrawn": _("withdrew a role change"),
    "accounts.letter_issued": _("issued a letter of authority"),
    "accounts.letter_revoked": _("revoked a letter of authority"),
    "accounts.break_glass_taken": _("took a break-glass"),
    "accounts.break_glass_ended": _("ended a break-glass"),
    "accounts.delegation_given": _("gave a delegation"),
    "accounts.delegation_revoked": _("ended a delegation"),
}
