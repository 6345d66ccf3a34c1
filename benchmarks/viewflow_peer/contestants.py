"""Viewflow as two contestants: called in the process, and through Django's test client.

Its user tasks are offered to a group, as ours are, so the person takes (assigns) a task and then completes it. Our API
does both in one call; Viewflow has a request for each, and the second is reported on its own too. No socket, no server
and no CSRF token lie between the test client and the views, and no form is fetched before it is sent: as good as
Viewflow can look.
"""

import os
import tempfile
from copy import copy
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import django


class _Peer:
    """What both contestants share: a fresh database with one person in it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-viewflow-")
        os.environ["VIEWFLOW_PEER_DATABASE"] = str(Path(self._folder.name) / "peer.db")
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.viewflow_peer.settings"
        django.setup()
        from django.contrib.auth import get_user_model  # noqa: PLC0415  (only after setup)
        from django.contrib.auth.models import Group, Permission  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        lawyers = Group.objects.create(name="lawyers")
        lawyers.permissions.set(Permission.objects.filter(content_type__app_label="approval"))
        self._ana = get_user_model().objects.create_user("ana")
        self._ana.groups.add(lawyers)
        self._numbers: dict[int, int] = {}

    def user_task(self, instance: int) -> Any:
        """Find the one open user task of a process."""
        from viewflow.workflow.models import Task  # noqa: PLC0415

        return Task.objects.get(process_id=instance, flow_task_type="HUMAN", finished__isnull=True)

    def facts(self) -> dict[str, Any]:
        """Name the versions and how durable a commit is."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            journal_mode, synchronous = (
                cursor.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in ("journal_mode", "synchronous")
            )
        return {
            "name": f"Viewflow {version('django-viewflow')} on Django {django.__version__}, {self.way}",
            "journal_mode": journal_mode,
            "synchronous": synchronous,
        }

    def verify(self) -> dict[str, int]:
        """Count processes by what their rows say."""
        from benchmarks.contest import reserve  # noqa: PLC0415

        from .models import ApprovalProcess  # noqa: PLC0415

        processes = {process.pk: process for process in ApprovalProcess.objects.all()}
        return {
            "started": len(processes),
            "completed": sum(process.status == "DONE" for process in processes.values()),
            "wrong": sum(processes[pk].reserve != reserve(number) for pk, number in self._numbers.items()),
        }

    def close(self) -> None:
        """Throw the database away."""
        from django.db import connection  # noqa: PLC0415

        connection.close()
        self._folder.cleanup()


class ActivationPeer(_Peer):
    """Viewflow called from Python: its service layer."""

    way = "activation API"

    def colleague(self) -> None:
        """The crowd goes through the views."""

    def start(self, number: int) -> int:
        """Start a process from code."""
        from .flows import ApprovalFlow  # noqa: PLC0415

        process = ApprovalFlow.purchase_needed_by_program.run()
        self._numbers[process.pk] = number
        return process.pk

    def inbox(self) -> int:
        """Read a page of 25 of what is offered to the person."""
        from viewflow.workflow.models import Task  # noqa: PLC0415

        from .flows import ApprovalFlow  # noqa: PLC0415

        return len(list(Task.objects.queue([ApprovalFlow], self._ana)[:25]))

    def complete(self, user_task: Any, answers: dict[str, Any]) -> None:
        """Take and complete a task under the process's lock, in one transaction."""
        with user_task.activation() as activation:
            activation.assign(self._ana)
            activation.start(request=None)
            for name, value in answers.items():
                setattr(activation.process, name, value)
            activation.process.save()
            activation.execute()


class ClientPeer(_Peer):
    """Viewflow's own views, through Django's test client."""

    way = "Django test client"

    def __init__(self) -> None:
        super().__init__()
        from django.test import Client  # noqa: PLC0415

        self.client = Client()
        self.client.force_login(self._ana)

    def colleague(self) -> "ClientPeer":
        """Return another browser; Django gives its thread a connection of its own."""
        from django.test import Client  # noqa: PLC0415

        other = copy(self)
        other.client = Client()
        other.client.force_login(self._ana)
        return other

    def start(self, number: int) -> int:
        """Post the empty start form."""
        answer = self._post("/approval/purchase_needed/", {})
        process = answer.wsgi_request.activation.process.pk
        self._numbers[process] = number
        return process

    def inbox(self) -> int:
        """Get the page of what is offered to the person, 25 rows of HTML."""
        answer = self.client.get("/approval/queue/")
        if answer.status_code != 200:
            raise AssertionError(answer.status_code)
        return answer.content.count(b"/request_purchase/")

    def complete(self, user_task: Any, answers: dict[str, Any]) -> float:
        """Take the task, then post its form; return the seconds of the second request alone."""
        url = f"/approval/{user_task.process_id}/{user_task.flow_task.name}/{user_task.pk}"
        self._post(f"{url}/assign/", {})
        began = perf_counter()
        self._post(f"{url}/execute/", {name: "on" if value is True else value for name, value in answers.items()})
        return perf_counter() - began

    def _post(self, url: str, form: dict[str, Any]) -> Any:
        answer = self.client.post(url, form)
        if answer.status_code != 302:
            raise AssertionError((answer.status_code, answer.content.decode()[:2000]))
        return answer
