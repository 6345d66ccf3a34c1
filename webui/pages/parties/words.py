"""What kinds and states of parties, contact points and leads are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

PARTY_KINDS = {
    "person": lazy_gettext("Person"),
    "organisation": lazy_gettext("Organisation"),
    "unknown": lazy_gettext("Person or organisation"),
}
NAME_KINDS = {
    "main": lazy_gettext("Main name"),
    "alias": lazy_gettext("Also called"),
    "former": lazy_gettext("Formerly"),
    "birth": lazy_gettext("Name at birth"),
    "trade": lazy_gettext("Trades as"),
    "transliteration": lazy_gettext("In another script"),
}
IDENTIFIER_KINDS = {
    "registration_number": lazy_gettext("Registration number"),
    "tax_number": lazy_gettext("Tax number"),
    "lei": lazy_gettext("LEI"),
    "passport": lazy_gettext("Passport"),
    "national_id": lazy_gettext("Identity card"),
    "other": lazy_gettext("Other number"),
}
CONTACT_KINDS = {
    "phone": lazy_gettext("Telephone"),
    "email": lazy_gettext("E-mail"),
    "address": lazy_gettext("Address"),
    "messenger": lazy_gettext("Messenger"),
    "fax": lazy_gettext("Fax"),
}
#: Read "X is <this> Y".
RELATION_KINDS = {
    "owner": lazy_gettext("Owner of"),
    "relative": lazy_gettext("Relative of"),
    "affiliate": lazy_gettext("Affiliate of"),
    "counsel": lazy_gettext("Counsel of"),
    "insurer": lazy_gettext("Insurer of"),
    "director": lazy_gettext("Director of"),
    "employer": lazy_gettext("Employer of"),
    "contact_person": lazy_gettext("Contact person of"),
}
#: The same, seen from the other end.
RELATIONS_FROM = {
    "owner": lazy_gettext("Owned by"),
    "relative": lazy_gettext("Relative of"),
    "affiliate": lazy_gettext("Affiliate of"),
    "counsel": lazy_gettext("Advised by"),
    "insurer": lazy_gettext("Insured by"),
    "director": lazy_gettext("Directed by"),
    "employer": lazy_gettext("Employed by"),
    "contact_person": lazy_gettext("Reached through"),
}
LEAD_SOURCES = {
    "call": lazy_gettext("Telephone"),
    "visit": lazy_gettext("Visit"),
    "web": lazy_gettext("Web site"),
    "mail": lazy_gettext("Letter or e-mail"),
    "referral": lazy_gettext("Recommendation"),
    "former_client": lazy_gettext("Former client"),
    "event": lazy_gettext("Event"),
    "advertising": lazy_gettext("Advertising"),
    "other": lazy_gettext("Other"),
}
LEAD_STATES = {
    "new": lazy_gettext("New"),
    "contacted": lazy_gettext("Spoken to"),
    "enquired": lazy_gettext("Enquired"),
    "won": lazy_gettext("Became a client"),
    "lost": lazy_gettext("Lost"),
}
UNMASKING_STATES = {
    "requested": lazy_gettext("Waits for consent"),
    "approved": lazy_gettext("May be read"),
    "refused": lazy_gettext("Refused"),
    "used": lazy_gettext("Was read"),
    "lapsed": lazy_gettext("Lapsed"),
}
REASONS = {
    "same_name": lazy_gettext("the same name"),
    "like_name": lazy_gettext("names that are alike"),
    "same_identifier": lazy_gettext("the same identifier"),
    "same_contact": lazy_gettext("the same telephone or address"),
}
ROLES = {
    "client": lazy_gettext("Client"),
    "opponent": lazy_gettext("Opponent"),
    "other": lazy_gettext("Named"),
}
ALL = {
    "party_kinds": PARTY_KINDS,
    "name_kinds": NAME_KINDS,
    "identifier_kinds": IDENTIFIER_KINDS,
    "contact_kinds": CONTACT_KINDS,
    "relation_kinds": RELATION_KINDS,
    "relations_from": RELATIONS_FROM,
    "lead_sources": LEAD_SOURCES,
    "lead_states": LEAD_STATES,
    "unmasking_states": UNMASKING_STATES,
    "reasons": REASONS,
    "roles": ROLES,
}
