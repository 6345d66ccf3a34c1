"""The peer's Django application."""

from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    """The approval process, in Viewflow's words."""

    name = "benchmarks.viewflow_peer"
    label = "approval"
