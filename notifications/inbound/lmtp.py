"""Takes mail from a mail server, by LMTP or SMTP: "250" means that it is on our disk and in our database."""

import asyncio
import logging
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.db import connection

from notifications import replies
from notifications.inbound import store

log = logging.getLogger(__name__)
EMPTY = "<>"  # nobody wants an answer
RECEIVERS_AT_MOST = 50


class Intake:
    """aiosmtpd's handler: for the desk's own addresses and nobody else's, so that nothing is ever passed on."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if not replies.is_ours(address):
            return "550 5.1.1 nobody of that name is here"
        if len(envelope.rcpt_tos) >= RECEIVERS_AT_MOST:
            return "452 4.5.3 too many receivers at once"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, self._keep, envelope)
        # LMTP wants one answer for each receiver.
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1))

    def _keep(self, envelope: Any) -> str:
        signed = sorted(envelope.rcpt_tos, key=lambda address: "+" not in address)
        try:
            store.keep(
                envelope.original_content or b"",
                mailbox=self.name,
                envelope_from=envelope.mail_from or EMPTY,
                envelope_to=signed[0],
            )
        except Exception:  # whatever it is: the other side keeps the mail and comes again
            log.exception("a mail could not be kept")
            return "451 4.3.0 not now, please come again"
        finally:
            connection.close()
        return "250 2.0.0 kept"


class _Lmtp(Controller):
    def factory(self) -> SMTP:
        return LMTP(self.handler, **self.SMTP_kwargs)


def listening(address: str, *, lmtp: bool) -> Controller:
    """A server on host:port, started; its end is `stop()`."""
    host, _colon, port = address.rpartition(":")
    kind = _Lmtp if lmtp else Controller
    controller = kind(
        Intake("lmtp" if lmtp else "smtp"),
        hostname=host or "127.0.0.1",
        port=int(port),
        data_size_limit=settings.INBOUND_MAX_BYTES,
        ident="Evenkeel",
    )
    controller.start()
    return controller
