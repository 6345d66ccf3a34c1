"""Mail by SMTP, one connection a message: the worker sends few, and a server that is gone is noticed at once."""

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from tasks.notifications.channels import Mail, Person
from tasks.notifications.errors import AddressRefused, ChannelFailed

SECURITY = ("starttls", "tls", "none")
#: Seconds that a server may take to answer.
TIMEOUT_S = 20
_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server that takes our mail."""

    host: str
    port: int
    #: ``Matterflow <matterflow@firm.example>``.
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = TIMEOUT_S
    #: Of what vouches for the server; None: the machine's.
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, to: Person, mail: Mail, *, message_id: str, now: datetime) -> None:
        """Hand a mail over.

        Raises:
            AddressRefused: never again to this address.
            ChannelFailed: try again later.
        """
        message = self.compose(to, mail, message_id=message_id, now=now)
        try:
            with self._connection() as server:
                server.send_message(message, to_addrs=[to.email or ""])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()), (0, b""))
            told = said.decode(errors="replace")[:300]
            raise (AddressRefused if code in _PERMANENT else ChannelFailed)(f"{code} {told}") from None
        except smtplib.SMTPNotSupportedError as refused:  # an address beyond ASCII and a server without SMTPUTF8
            raise AddressRefused(str(refused)) from None
        except (smtplib.SMTPException, OSError) as failure:
            told = f"{type(failure).__name__}: {failure}"[:500]
            raise ChannelFailed(f"The mail server {self.host}:{self.port} did not take a mail: {told}") from None

    def compose(self, to: Person, mail: Mail, *, message_id: str, now: datetime) -> EmailMessage:
        """Return a mail as it is sent.

        Raises:
            AddressRefused: no header can hold the address.
        """
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = self.sender
            # One address: what looks like two is refused.
            message["To"] = Address(_line(to.full_name), addr_spec=to.email or "")
            message["Subject"] = _line(mail.subject)
        except (ValueError, MessageError, LookupError) as broken:
            raise AddressRefused(f"{to.email!r}: {broken}") from None
        message["Date"] = format_datetime(now)
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{message_id}@{domain}>"
        # Nobody's absence note answers it, and no rule forwards it in a circle.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    def _connection(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _line(text: str) -> str:
    """Keep what is one header on one line."""
    return " ".join("".join(" " if ord(letter) < ord(" ") else letter for letter in text).split())
