"""What the approval process remembers, in Viewflow's own JSON column: a proxy costs no further table."""

from viewflow import jsonstore
from viewflow.workflow.models import Process


class ApprovalProcess(Process):
    """One purchase."""

    amount = jsonstore.IntegerField(null=True)
    approved = jsonstore.BooleanField(default=False)
    reserve = jsonstore.IntegerField(null=True)

    class Meta:
        proxy = True
