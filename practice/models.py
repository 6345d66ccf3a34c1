"""Importing this module makes every table of the practice known to the metadata."""

from practice.audit.models import AuditEvent
from practice.conflicts.models import ConflictCheck
from practice.deliveries.models import Delivery
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.parties.models import Party
from practice.people.models import ApiToken, Group, Membership, User
from practice.sequences.models import NumberSequence

__all__ = [
    "ApiToken",
    "AuditEvent",
    "ConflictCheck",
    "Delivery",
    "Enquiry",
    "EnquiryParty",
    "Group",
    "Matter",
    "MatterMember",
    "MatterParty",
    "Membership",
    "NumberSequence",
    "Party",
    "User",
]
