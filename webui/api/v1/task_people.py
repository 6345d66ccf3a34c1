"""Who else takes part in a user task: comments, helpers, questions, and the way back of what was delegated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from practice.paging import Page
from tasks.comments import operations as comments
from tasks.comments import queries as said_about
from tasks.comments.models import TaskComment
from tasks.drafts import sharing
from tasks.helpers import operations as helpers
from tasks.helpers import queries as helping
from tasks.questions import operations as questions
from tasks.questions import queries as asked
from tasks.questions.models import TaskQuestion
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import NothingSchema, UserTaskSchema
from webui.api.v1.work_schemas import (
    AnswerToQuestionSchema,
    CommentSchema,
    HandedBackSchema,
    HelpersSchema,
    NewCommentSchema,
    NewHelperSchema,
    NewQuestionSchema,
    QuestionSchema,
    QuestionsSchema,
)
from webui.auth import actor_of, current_actor
from webui.db import db

bp = ApiBlueprint("people at work", __name__, url_prefix="", description="Who else takes part in a user task.")
CommentsSchema = page_of(CommentSchema, "Comments")


@bp.post("/user-tasks/<uuid:user_task_id>/resolve")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, HandedBackSchema)
@operation("resolve_user_task", 403, 404)
def resolve(_nothing: dict[str, Any], user_task_id: UUID) -> dict[str, Any]:
    """Give a delegated user task back to its owner, with what its delegate has typed."""
    back = sharing.hand_back(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    return {name: getattr(back.task, name) for name in UserTaskSchema().fields} | {"with_draft": back.with_draft}


@bp.get("/user-tasks/<uuid:user_task_id>/comments")
@bp.arguments(PageArgs, location="query")
@bp.response(200, CommentsSchema)
@operation("list_comments", 404)
def list_comments(args: dict[str, Any], user_task_id: UUID) -> Page[TaskComment]:
    """List what was said about a user task, the latest first."""
    return said_about.of_task(db.session(), user_task_id, actor=current_actor(), **args)


@bp.post("/user-tasks/<uuid:user_task_id>/comments")
@bp.arguments(NewCommentSchema)
@bp.response(201, CommentSchema)
@operation("add_comment", 404)
def add_comment(args: dict[str, Any], user_task_id: UUID) -> TaskComment:
    """Say something about a user task; who is named with `@` and may see it is told."""
    session, by = db.session(), current_actor()
    return comments.add(session, user_task_id, args["body"], by=by, now=clock.utc_now(), actors=actor_of)


@bp.post("/comments/<uuid:comment_id>/withdraw")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, CommentSchema)
@operation("withdraw_comment", 404)
def withdraw_comment(_nothing: dict[str, Any], comment_id: UUID) -> TaskComment:
    """Take one's own comment back."""
    return comments.withdraw(db.session(), comment_id, by=current_actor(), now=clock.utc_now())


@bp.get("/user-tasks/<uuid:user_task_id>/helpers")
@bp.response(200, HelpersSchema)
@operation("list_helpers", 404)
def list_helpers(user_task_id: UUID) -> dict[str, Any]:
    """List who helps with a user task."""
    return {"items": helping.of_task(db.session(), user_task_id, actor=current_actor())}


@bp.post("/user-tasks/<uuid:user_task_id>/helpers")
@bp.arguments(NewHelperSchema)
@bp.response(201, HelpersSchema)
@operation("add_helper", 403, 404)
def add_helper(args: dict[str, Any], user_task_id: UUID) -> dict[str, Any]:
    """Let somebody help: they see the user task and draft, and do not complete it."""
    session, by = db.session(), current_actor()
    helpers.add(session, user_task_id, args["username"], by=by, now=clock.utc_now())
    return {"items": helping.of_task(session, user_task_id, actor=by)}


@bp.delete("/user-tasks/<uuid:user_task_id>/helpers/<string:username>")
@bp.arguments(NothingSchema)
@bp.response(204)
@operation("remove_helper", 403, 404)
def remove_helper(_nothing: dict[str, Any], user_task_id: UUID, username: str) -> None:
    """Let somebody help no longer; helpers may take their leave themselves."""
    helpers.remove(db.session(), user_task_id, username, by=current_actor(), now=clock.utc_now())


@bp.get("/questions")
@bp.response(200, QuestionsSchema)
@operation("list_questions")
def list_questions() -> dict[str, Any]:
    """List the open questions that one was asked or asked oneself."""
    session, actor = db.session(), current_actor()
    return {
        "items": [one for one, _ in [*asked.waiting_for(session, actor=actor), *asked.asked_by(session, actor=actor)]]
    }


@bp.get("/user-tasks/<uuid:user_task_id>/questions")
@bp.response(200, QuestionsSchema)
@operation("list_task_questions", 404)
def list_of_task(user_task_id: UUID) -> dict[str, Any]:
    """List the questions about a user task, answered ones included."""
    return {"items": asked.of_task(db.session(), user_task_id, actor=current_actor())}


@bp.post("/user-tasks/<uuid:user_task_id>/questions")
@bp.arguments(NewQuestionSchema)
@bp.response(201, QuestionSchema)
@operation("ask_question", 403, 404)
def ask(args: dict[str, Any], user_task_id: UUID) -> TaskQuestion:
    """Ask somebody about a user task, which stays where it is."""
    session, by, now = db.session(), current_actor(), clock.utc_now()
    return questions.ask(session, user_task_id, of=args["of"], question=args["question"], by=by, now=now)


@bp.post("/questions/<uuid:question_id>/answer")
@bp.arguments(AnswerToQuestionSchema)
@bp.response(200, QuestionSchema)
@operation("answer_question", 404)
def answer(args: dict[str, Any], question_id: UUID) -> TaskQuestion:
    """Answer a question one was asked."""
    return questions.answer(db.session(), question_id, args["answer"], by=current_actor(), now=clock.utc_now())


@bp.post("/questions/<uuid:question_id>/withdraw")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, QuestionSchema)
@operation("withdraw_question", 404)
def withdraw(_nothing: dict[str, Any], question_id: UUID) -> TaskQuestion:
    """Take back a question one asked."""
    return questions.withdraw(db.session(), question_id, by=current_actor(), now=clock.utc_now())
