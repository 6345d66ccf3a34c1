"""What the desks are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

TITLES = {
    "managing_partner": lazy_gettext("Managing partner"),
    "partner": lazy_gettext("Partner"),
    "lawyer": lazy_gettext("Lawyer"),
    "court_representative": lazy_gettext("Court representative"),
    "case_manager": lazy_gettext("Case manager"),
    "registrar": lazy_gettext("Secretary and registrar"),
    "reception": lazy_gettext("Reception"),
    "cashier": lazy_gettext("Cash desk"),
    "call_centre_head": lazy_gettext("Head of the call centre"),
    "call_centre_operator": lazy_gettext("Call centre"),
    "conflicts_officer": lazy_gettext("Conflicts officer"),
    "supervisor": lazy_gettext("Supervisor"),
    "administrator": lazy_gettext("Administration"),
    "auditor": lazy_gettext("Audit and archive"),
    "colleague": lazy_gettext("Your desk"),
}
