"""Importing this module makes every table of the practice known to the metadata."""

from practice.accesses.models import AccessAttempt, BreachCase, EmergencyAccess, MatterAccessPolicy
from practice.audit.models import AuditEvent
from practice.conflicts.models import ConflictCheck
from practice.deliveries.models import Delivery
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.notices.models import Notice
from practice.parties.models import Party
from practice.people.models import ApiToken, Group, Membership, User
from practice.sequences.models import NumberSequence
from practice.walls.models import Wall, WallMember, WallScope

__all__ = [
    "AccessAttempt",
    "ApiToken",
    "AuditEvent",
    "BreachCase",
    "ConflictCheck",
    "Delivery",
    "EmergencyAccess",
    "Enquiry",
    "EnquiryParty",
    "Group",
    "Matter",
    "MatterAccessPolicy",
    "MatterMember",
    "MatterParty",
    "Membership",
    "Notice",
    "NumberSequence",
    "Party",
    "User",
    "Wall",
    "WallMember",
    "WallScope",
]
