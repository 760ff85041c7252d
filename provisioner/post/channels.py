"""The two channels: e-mail by SMTP, and a signed HTTPS POST (a pager service, a chat, an operations centre). Each says what went wrong, or nothing."""

import hmac
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal, Protocol

import requests

from provisioner.case.calling import Call
from provisioner.secret import Secret

TIMEOUT_S = 15.0
"""For each step of a channel. A sender that hangs would keep the calls behind it."""


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What it is called in a trouble."""

    def send(self, call: Call, audiences: Sequence[str], now: datetime) -> str | None:
        """Send it once. None: somebody's server has taken it. Else what went wrong, in a few words without addresses or secrets. `""` where this channel
        has nobody to tell: that is neither."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`to`: audience -> addresses. `security` `none` is for a server on this machine alone."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    to: Mapping[str, tuple[str, ...]]
    username: str = ""
    password: Secret | None = field(default=None, repr=False)
    language: str = "sv"
    ca_file: str | None = None
    name: str = "mail"

    def send(self, call: Call, audiences: Sequence[str], now: datetime) -> str | None:
        """See `Channel`. One message to all of them; a server that refuses some recipients has taken it for the others."""
        recipients = tuple(dict.fromkeys(address for who in audiences for address in self.to.get(who, ())))
        if not recipients:
            return ""
        try:
            with self._connected() as server:
                refused = server.send_message(self.message(call, recipients, now), self.sender, list(recipients))
        except smtplib.SMTPResponseException as error:  # its text may hold an address
            return f"the mail server answered {error.smtp_code}"
        except smtplib.SMTPRecipientsRefused:
            return "the mail server refused every recipient"
        except (smtplib.SMTPException, OSError) as error:
            return f"the mail server cannot be spoken to ({type(error).__name__})"
        return f"the mail server refused {len(refused)} of {len(recipients)} recipients" if len(refused) == len(recipients) else None

    def message(self, call: Call, recipients: Sequence[str], now: datetime) -> EmailMessage:
        """The mail: a subject that says what to do first, the sentence, how to take it on. Its id is the call's, so that a thread is one call."""
        made = EmailMessage()
        urgent = call.repeats
        head = {"sv": "LARM" if urgent else "Meddelande", "en": "CALL" if urgent else "Message"}["sv" if self.language == "sv" else "en"]
        again = f" ({call.calls + 1})" if urgent and call.calls else ""
        made["Subject"] = f"{head}{again}: {call.text.in_language(self.language)[:120]}"
        made["From"], made["To"], made["Date"] = self.sender, ", ".join(recipients), format_datetime(now)
        made["Message-ID"] = f"<{sha256(f'{call.key}/{call.calls}'.encode()).hexdigest()[:32]}@provisioner.invalid>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        if urgent:
            made["X-Priority"], made["Importance"] = "1", "high"
        lines = [call.text.sv, "", call.text.en]
        if urgent:
            lines += ["", "Ta hand om larmet (annars upprepas det):", "Take it on (else it is repeated):", f"  provisioner call take '{call.key}' --by NAMN"]
        made.set_content("\n".join(lines) + "\n")
        return made

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.username and self.password is not None:
                server.login(self.username, self.password.reveal())
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of one JSON object. With a secret it is signed: `X-Provisioner-Signature: sha256=<HMAC of the body>`."""

    url: str = field(repr=False)          # often holds a token
    secret: Secret | None = field(default=None, repr=False)
    post: Callable[..., requests.Response] = requests.post
    name: str = "webhook"

    def send(self, call: Call, audiences: Sequence[str], now: datetime) -> str | None:
        """See `Channel`. Redirections are not followed: what is told must not be carried elsewhere."""
        body = json.dumps({"key": call.key, "about": call.about, "audiences": list(audiences), "urgent": call.repeats, "calls": call.calls + 1,
                           "raised_at": call.raised_at.isoformat(), "at": now.isoformat(), "text": {"sv": call.text.sv, "en": call.text.en}},
                          ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "idempotency-key": f"{call.key}/{call.calls}"}
        if self.secret is not None:
            headers["x-provisioner-signature"] = "sha256=" + hmac.new(self.secret.reveal().encode(), body, sha256).hexdigest()
        try:
            answer = self.post(self.url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:  # its text holds the address
            return f"the webhook cannot be reached ({type(error).__name__})"
        return None if 200 <= answer.status_code < 300 else f"the webhook answered {answer.status_code}"
