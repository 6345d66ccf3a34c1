"""Importing this module makes every table of the practice known to the metadata."""

from practice.accesses.models import AccessAttempt, BreachCase, EmergencyAccess, MatterAccessPolicy
from practice.audit.models import AuditEvent, AuditSeal
from practice.authority.models import AuthorityLimit
from practice.clients.models import Client
from practice.conflicts.models import ConflictCheck, ConflictDecision, StaffInterest
from practice.contacts.models import ContactPoint, Unmasking
from practice.correspondence.models import Letter, LetterHop
from practice.deadlines.models import CalendarDay, Deadline, DeadlineChange, DeadlineStay, DeadlineWarning
from practice.deliveries.models import Delivery
from practice.directories.models import DirectoryEntry, MatterTag
from practice.document_requests.models import DocumentRequest, DocumentRequestItem
from practice.documents.models import Document, DocumentVersion
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.events.models import DurationFact, Event, EventResponsible
from practice.exchange.models import ImportedRecord
from practice.leads.models import Lead
from practice.matters import restricted as restricted_work
from practice.matters.access import MatterAccess
from practice.matters.models import Matter, MatterMember, MatterParty, MatterRelation
from practice.name_index.models import NameBlock, NameEntry, NameIndexState, NameTail
from practice.notices.models import Notice
from practice.organisation.models import OrgUnit, OrgUnitReach, StaffRecord
from practice.parties.models import DuplicateProposal, Party, PartyIdentifier, PartyMerge, PartyName, PartyRelation
from practice.people.models import ApiToken, Group, Membership, User
from practice.proceedings.models import (
    ClaimLine,
    Decision,
    DecisionLine,
    Hearing,
    Proceeding,
    Recovery,
    RecoveryReceipt,
)
from practice.rights.models import RightRule, RightsChange
from practice.selections.models import Selection
from practice.sequences.models import NumberSequence
from practice.skills.models import StaffSkill
from practice.text_index import schema as text_index_schema
from practice.time.models import TimeEntry, Timesheet
from practice.walls.models import Wall, WallMember, WallScope

__all__ = [
    "AccessAttempt",
    "ApiToken",
    "AuditEvent",
    "AuditSeal",
    "AuthorityLimit",
    "BreachCase",
    "CalendarDay",
    "ClaimLine",
    "Client",
    "ConflictCheck",
    "ConflictDecision",
    "ContactPoint",
    "Deadline",
    "DeadlineChange",
    "DeadlineStay",
    "DeadlineWarning",
    "Decision",
    "DecisionLine",
    "Delivery",
    "DirectoryEntry",
    "Document",
    "DocumentRequest",
    "DocumentRequestItem",
    "DocumentVersion",
    "DuplicateProposal",
    "DurationFact",
    "EmergencyAccess",
    "Enquiry",
    "EnquiryParty",
    "Event",
    "EventResponsible",
    "Group",
    "Hearing",
    "ImportedRecord",
    "Lead",
    "Letter",
    "LetterHop",
    "Matter",
    "MatterAccess",
    "MatterAccessPolicy",
    "MatterMember",
    "MatterParty",
    "MatterRelation",
    "MatterTag",
    "Membership",
    "NameBlock",
    "NameEntry",
    "NameIndexState",
    "NameTail",
    "Notice",
    "NumberSequence",
    "OrgUnit",
    "OrgUnitReach",
    "Party",
    "PartyIdentifier",
    "PartyMerge",
    "PartyName",
    "PartyRelation",
    "Proceeding",
    "Recovery",
    "RecoveryReceipt",
    "RightRule",
    "RightsChange",
    "Selection",
    "StaffInterest",
    "StaffRecord",
    "StaffSkill",
    "TimeEntry",
    "Timesheet",
    "Unmasking",
    "User",
    "Wall",
    "WallMember",
    "WallScope",
    "restricted_work",
    "text_index_schema",
]
