"""What goes out to people: put together here from the settings, worded in their languages."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask

from config.settings import Settings
from tasks.approvals import mailing
from tasks.notifications import channels
from tasks.notifications.channels import Channels
from tasks.reminders import working_time
from webui.notifying.approvals import ApprovalWriter
from webui.notifying.writer import PageWriter


def init_app(app: Flask, settings: Settings) -> None:
    """Say by which channels this installation reaches people, and when the firm works."""
    working_time.use_hours(*settings.office_hours)
    email = None
    if settings.smtp_host:
        from tasks.notifications.smtp import SmtpServer  # noqa: PLC0415 - only where mail is sent

        email = SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.mail_sender,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )
    push = None
    if settings.web_push:
        from tasks.notifications import web_push  # noqa: PLC0415 - it loads cryptography: only where it is sent

        key = _push_key(settings)
        push = web_push.WebPush(key, settings.public_url, (*web_push.SERVICES, *settings.push_services))
    mailing.use(ApprovalWriter(app, settings.public_url))
    channels.install(Channels(PageWriter(app, settings.public_url), email, push))


def _push_key(settings: Settings) -> str:
    """Return the key by which push services know this firm; made once, beside the other keys."""
    from tasks.notifications.web_push import new_key  # noqa: PLC0415 - as above

    path: Path = settings.keys_dir / "web_push.pem"
    if not path.exists():
        settings.make_data_dir()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(new_key())
        try:
            os.link(fresh, path)  # two processes starting at once agree on the first one's key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii")
