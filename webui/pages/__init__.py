"""The pages people use. Views translate, call a service or a query, and render; they hold no rule."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_login import current_user

from practice.notices.queries import unseen_count
from practice.organisation.queries import is_outside
from tasks.reminders import queries as reminders
from webui.auth import current_actor, login_manager
from webui.db import db
from webui.languages import entry_words, model_texts
from webui.pages import assets, form_values, texts, vocabulary
from webui.pages.absences import words as absence_words
from webui.pages.absences.views import bp as absences
from webui.pages.accesses import words as access_words
from webui.pages.accesses.reading import access_of
from webui.pages.accesses.views import bp as accesses
from webui.pages.approvals.views import bp as approvals
from webui.pages.approvals.views import links as approval_links
from webui.pages.audit.views import bp as audit
from webui.pages.auth.views import bp as auth
from webui.pages.colleagues import choices as colleague_choices
from webui.pages.colleagues.views import bp as colleagues
from webui.pages.conflicts.views import bp as conflicts
from webui.pages.deadlines import words as deadline_words
from webui.pages.deadlines.calendars import bp as calendars
from webui.pages.deadlines.views import bp as deadlines
from webui.pages.deadlines.views import deadlines_of
from webui.pages.desks.actions import address, offered
from webui.pages.desks.views import bp as desks
from webui.pages.desks.views import home
from webui.pages.directories.views import bp as directories
from webui.pages.document_requests.views import bp as document_requests
from webui.pages.documents import views as documents
from webui.pages.enquiries.views import bp as enquiries
from webui.pages.exchange.views import bp as exchange
from webui.pages.hours.views import bp as hours
from webui.pages.inbox import verbs as inbox_verbs
from webui.pages.inbox.views import bp as inbox
from webui.pages.incidents.views import bp as incidents
from webui.pages.letters import words as letter_words
from webui.pages.letters.reading import papers_of
from webui.pages.letters.views import bp as letters
from webui.pages.live.looks import bp as looks
from webui.pages.live.offline import bp as offline
from webui.pages.live.session import bp as session_again
from webui.pages.matters.changes import bp as matter_changes
from webui.pages.matters.searches import bp as searches
from webui.pages.matters.views import bp as matters
from webui.pages.notices.settings import bp as notification_settings
from webui.pages.notices.views import bp as notices
from webui.pages.parties.clients import bp as clients
from webui.pages.parties.leads import bp as leads
from webui.pages.parties.unmaskings import bp as unmaskings
from webui.pages.parties.views import bp as parties
from webui.pages.people.changes import bp as people_changes
from webui.pages.people.rights import bp as rights
from webui.pages.people.units import bp as units
from webui.pages.people.views import bp as people
from webui.pages.preferences.views import bp as preferences
from webui.pages.preferences.views import open_bp as language
from webui.pages.proceedings.changes import bp as proceeding_changes
from webui.pages.proceedings.typed import local_input
from webui.pages.proceedings.views import bp as hearings
from webui.pages.processes.views import bp as processes
from webui.pages.search.views import bp as search
from webui.pages.starting import may_file_enquiry
from webui.pages.walls.views import bp as walls
from webui.pages.work.reading import work_on
from webui.pages.work.views import bp as work
from webui.pages.work.words import init_app as work_words

THEMES = ("light", "dark")


def register(app: Flask) -> None:
    """Add the pages to the application."""
    assets.init_app(app)
    texts.init_app(app)
    model_texts.init_app(app)
    entry_words.init_app(app)
    form_values.init_app(app)
    vocabulary.init_app(app)
    access_words.init_app(app)
    deadline_words.init_app(app)
    absence_words.init_app(app)
    app.add_template_global(access_of)
    letter_words.init_app(app)
    app.add_template_global(deadlines_of)
    app.add_template_global(papers_of)
    app.add_template_global(colleague_choices.offered, "colleagues_offered")
    app.add_template_global(colleague_choices.label, "colleague_label")
    inbox_verbs.init_app(app)
    app.add_template_global(work_on)
    app.add_template_global(documents.documents_of)
    app.add_template_global(documents.documents_of_read_matter)
    app.add_template_global(documents.upload_limit)
    app.add_template_filter(documents.file_size, "file_size")
    app.add_template_filter(local_input, "local_input")
    work_words(app)
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    for blueprint in (
        auth,
        approval_links,
        language,
        looks,
        session_again,
        offline,
    ):  # each says itself whom it lets in
        app.register_blueprint(blueprint)
    ours = (
        approvals,
        absences,
        inbox,
        inbox_verbs.bp,
        work,
        documents.bp,
        matters,
        enquiries,
        processes,
        incidents,
        audit,
        parties,
        clients,
        leads,
        unmaskings,
        accesses,
        walls,
        notices,
        notification_settings,
        conflicts,
        colleagues,
        deadlines,
        calendars,
        matter_changes,
        searches,
        directories,
        exchange,
        letters,
        hours,
        document_requests,
        preferences,
        people,
        people_changes,
        proceeding_changes,
        hearings,
        units,
        rights,
        desks,
        search,
    )
    for blueprint in ours:
        if not blueprint._got_registered_once:  # noqa: SLF001 - a second application in one process: tests
            blueprint.before_request(_somebody)
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "home", home)
    app.context_processor(_frame)


def _somebody() -> Any:
    return None if current_user.is_authenticated else login_manager.unauthorized()


def _frame() -> dict[str, Any]:
    """Give every template what its frame needs; costs no query where there is no frame."""
    theme = request.cookies.get("theme")
    return {
        "theme": theme if theme in THEMES else None,
        "may_file_enquiry": may_file_enquiry,
        "places": _places,
        "actor": _actor,
        "is_from_outside": _is_from_outside,
        "new_notices": _new_notices,
        "blocking_reminders": _blocking_reminders,
    }


def _new_notices() -> int:
    if not current_user.is_authenticated:
        return 0
    session, actor = db.session(), current_actor()
    return unseen_count(session, actor=actor) + (reminders.count(session, actor) if _is_reminded() else 0)


def _blocking_reminders() -> list[reminders.Shown]:
    if not current_user.is_authenticated or not _is_reminded():
        return []
    return reminders.blocking(db.session(), current_actor())


def _is_reminded() -> bool:
    """Say whether any reminder could be shown; a page asks once."""
    if "is_reminded" not in g:
        g.is_reminded = reminders.is_anything_told(db.session(), current_actor())
    return g.is_reminded


def _places() -> list[dict[str, Any]]:
    """Return where ``g`` and a letter go."""
    known = offered(current_actor(), may_file_enquiry=may_file_enquiry) if current_user.is_authenticated else ()
    return [{"key": one.keys[1:], "address": address(one), "label": one.label} for one in known if one.keys]


def _is_from_outside() -> bool:
    return is_outside(current_actor())


def _actor() -> Any:
    return current_actor() if current_user.is_authenticated else None
