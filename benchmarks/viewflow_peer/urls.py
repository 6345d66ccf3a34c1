"""The peer's pages: Viewflow's own site."""

from django.urls import path
from viewflow.contrib.auth import AuthViewset
from viewflow.urls import Site
from viewflow.workflow.flow import FlowAppViewset

from .flows import ApprovalFlow

flow_pages = FlowAppViewset(ApprovalFlow, icon="assignment")
site = Site(title="Peer", viewsets=[flow_pages])
urlpatterns = [path("accounts/", AuthViewset().urls), path("", site.urls)]
