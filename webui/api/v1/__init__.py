"""API version 1: every noun in its own module, described in full at ``/api/v1/openapi.json``."""

from __future__ import annotations

from flask import Flask

from webui.api.v1 import (
    absences,
    accesses,
    approvals,
    audit_events,
    authority_limits,
    clients,
    conflict_checks,
    deadlines,
    deployments,
    directories,
    document_requests,
    documents,
    drafts,
    events,
    exchange,
    hearings,
    inbox,
    incidents,
    jobs,
    leads,
    letters,
    matters,
    me,
    messages,
    notices,
    notification_settings,
    operations,
    organisation,
    parties,
    preferences,
    proceedings,
    process_definitions,
    process_instances,
    reminders,
    search,
    selections,
    signals,
    skills,
    staff_interests,
    task_filters,
    task_people,
    time_entries,
    unmaskings,
    user_tasks,
    walls,
)
from webui.api.v1.document import VERSION, ApiDocument

NOUNS = (
    approvals,
    authority_limits,
    absences,
    me,
    preferences,
    deployments,
    process_definitions,
    process_instances,
    operations,
    user_tasks,
    inbox,
    task_filters,
    drafts,
    task_people,
    documents,
    messages,
    signals,
    staff_interests,
    incidents,
    jobs,
    matters,
    audit_events,
    conflict_checks,
    parties,
    clients,
    leads,
    unmaskings,
    proceedings,
    events,
    directories,
    search,
    selections,
    walls,
    accesses,
    notices,
    reminders,
    notification_settings,
    deadlines,
    letters,
    time_entries,
    document_requests,
    exchange,
    skills,
    hearings,
)


def register(app: Flask) -> None:
    """Serve the API and its description."""
    app.config.update(
        API_TITLE="Matterflow",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ApiDocument(app)
    for noun in NOUNS:
        api.register_blueprint(noun.bp)
    for blueprint in (
        inbox.watches,
        organisation.people,
        organisation.units,
        organisation.rights_changes,
        skills.of_person,
    ):
        api.register_blueprint(blueprint)
