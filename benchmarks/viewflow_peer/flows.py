"""The diagram in ``benchmarks/bundles/approval/``, in Viewflow's words.

Both user tasks are offered to whoever has their permission, as ours are to a candidate group.
"""

from typing import Any

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.flow.views import CreateProcessView, UpdateProcessView

from .models import ApprovalProcess

LIMIT = 1000


class ApprovalFlow(flow.Flow):
    """Request, approve above the limit, compute the reserve."""

    process_class = ApprovalProcess

    purchase_needed = flow.Start(CreateProcessView.as_view(fields=[])).Next(this.request_purchase)
    purchase_needed_by_program = flow.StartHandle().Next(this.request_purchase)
    request_purchase = (
        flow.View(UpdateProcessView.as_view(fields=["amount"])).Permission(auto_create=True).Next(this.approval_needed)
    )
    approval_needed = (
        flow.If(lambda activation: activation.process.amount > LIMIT)
        .Then(this.approve_purchase)
        .Else(this.purchase_noted)
    )
    approve_purchase = (
        flow.View(UpdateProcessView.as_view(fields=["approved"]))
        .Permission(auto_create=True)
        .Next(this.compute_reserve)
    )
    compute_reserve = flow.Function(this.compute).Next(this.purchase_booked)
    purchase_booked = flow.End()
    purchase_noted = flow.End()

    def compute(self, activation: Any) -> None:
        """Set aside a hundredth of the amount."""
        activation.process.reserve = activation.process.amount // 100
        activation.process.save()
