"""The engine's tables, one file a table."""

from engine.models.base import Base
from engine.models.buffered_message import BufferedMessage, BufferedMessageKey
from engine.models.deployment import Deployment, DeploymentResource
from engine.models.history_event import HistoryEvent
from engine.models.incident import Incident
from engine.models.job import Job
from engine.models.message_receipt import MessageReceipt
from engine.models.message_subscription import MessageSubscription
from engine.models.process_definition import ProcessDefinition
from engine.models.process_instance import ProcessInstance
from engine.models.signal import Signal
from engine.models.signal_subscription import SignalSubscription
from engine.models.undo_point import UndoPoint
from engine.models.user_task import UserTask
from engine.models.user_task_candidate import UserTaskCandidate

# After the tables that it speaks of: it sees to it that their triggers are made with them.
from engine.models import inbox_triggers  # isort: skip

__all__ = [
    "Base",
    "BufferedMessage",
    "BufferedMessageKey",
    "Deployment",
    "DeploymentResource",
    "HistoryEvent",
    "Incident",
    "Job",
    "MessageReceipt",
    "MessageSubscription",
    "ProcessDefinition",
    "ProcessInstance",
    "Signal",
    "SignalSubscription",
    "UndoPoint",
    "UserTask",
    "UserTaskCandidate",
    "inbox_triggers",
]
