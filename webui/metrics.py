"""Health and numbers: ``/healthz`` (alive), ``/readyz`` (database and schema), ``/metrics`` (Prometheus)."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, current_app, g, json, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from engine import clock, job_table
from engine.models import HistoryEvent, Incident, Job, ProcessInstance, UserTask
from webui import upgrades
from webui.db import db

bp = Blueprint("health", __name__)
disable_created_metrics()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server."""

    def __init__(self, app: Flask) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "matterflow_request_duration_seconds",
            "How long answers took, by endpoint.",
            ["method", "endpoint", "status"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.jobs = Counter(
            "matterflow_jobs_run", "Timers and jobs that this process carried out.", registry=self.registry
        )
        self.registry.register(_FromDatabase(app))  # type: ignore[arg-type]


class _FromDatabase:
    """Numbers that are counted when they are asked for."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> list[Metric]:
        """Name nothing in advance: describing must not count."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Count."""
        session, now = db.session(), clock.utc_now()
        # History is append-only: its highest id is the number of steps ever recorded.
        steps = session.scalar(sa.select(sa.func.max(HistoryEvent.id))) or 0
        yield GaugeMetricFamily("matterflow_history_events", "Steps on record.", value=steps)
        instances = GaugeMetricFamily("matterflow_process_instances", "Process instances by state.", labels=["state"])
        for state, count in session.execute(
            sa.select(ProcessInstance.state, sa.func.count()).group_by(ProcessInstance.state)
        ):
            instances.add_metric([state], count)
        yield instances
        jobs = GaugeMetricFamily(
            "matterflow_jobs",
            "Timers and other jobs by kind and state: waiting for their time, due, taken by a worker, or failed.",
            labels=["kind", "state"],
        )
        for (kind, state), count in sorted(job_table.counts(session, now=now).items()):
            jobs.add_metric([kind, state], count)
        yield jobs
        for name, says, where in (
            ("matterflow_jobs_due", "Jobs that are due and not yet done.", (Job.due_at <= now,)),
            (
                "matterflow_open_incidents",
                "Steps that failed and wait to be mended.",
                (Incident.resolved_at.is_(None),),
            ),
            ("matterflow_open_user_tasks", "User tasks that wait for a person.", (UserTask.state == "created",)),
        ):
            yield GaugeMetricFamily(name, says, value=session.scalar(sa.select(sa.func.count()).where(*where)) or 0)


def init_app(app: Flask, *, token: str) -> None:
    """Measure every request and serve the three addresses."""
    app.extensions["matterflow_metrics"] = Metrics(app)
    app.config["MATTERFLOW_METRICS_TOKEN"] = token
    app.before_request(_start)
    app.after_request(_measure)
    app.register_blueprint(bp)


def _start() -> None:
    g.started_at_s = time.perf_counter()


def _measure(response: Response) -> Response:
    started: float | None = g.get("started_at_s")
    if started is not None:
        metrics: Metrics = current_app.extensions["matterflow_metrics"]
        method = request.method if request.method in _METHODS else "other"
        labels = (method, request.endpoint or "none", str(response.status_code))
        metrics.requests.labels(*labels).observe(time.perf_counter() - started)
    return response


@bp.get("/healthz")
def alive() -> Any:
    """Say that the process answers; looks at nothing else."""
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> Any:
    """Say whether the database answers and has this release's schema."""
    wanted = upgrades.head_revision()
    try:
        found = upgrades.current_revision(db.session.connection())
    except SQLAlchemyError:
        return _not_ready("The database does not answer.", database="down", schema=None, schema_wanted=wanted)
    # While a firm upgrades node by node, the old ones go on: a migration leaves the schema fit for the release before.
    if found != wanted and not upgrades.is_newer(found):
        return _not_ready("The schema is not this release's.", database="ok", schema=found, schema_wanted=wanted)
    return {"status": "ok", "database": "ok", "schema": found}


@bp.get("/metrics")
def metrics() -> Any:
    """Tell Prometheus."""
    token: str = current_app.config["MATTERFLOW_METRICS_TOKEN"]
    if token and not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        abort(401)
    registry = current_app.extensions["matterflow_metrics"].registry
    return Response(generate_latest(registry), content_type=_TEXT)


def _not_ready(says: str, **facts: Any) -> Response:
    return Response(json.dumps({"status": "not ready", "detail": says, **facts}), 503, mimetype="application/json")
