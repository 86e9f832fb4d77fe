"""Celery: messages carry the acting context, so that a task works for the tenant it was sent for."""

import os
from contextvars import Token
from typing import Any

from celery import Celery, signals

from credit_platform.last_resort import LastResort
from credit_platform.tenancy import context

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

HEADER = "tenant"

app = Celery("credit_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(LastResort)


@signals.before_task_publish.connect
def send_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Put the sender's context into the message."""
    acting = context.current.get()
    if acting is not None and headers is not None:
        headers[HEADER] = acting.to_header()


@signals.task_prerun.connect
def receive_context(task: Any = None, **_: Any) -> None:
    """Restore the sender's context; transactions of the task then begin with it."""
    header = getattr(task.request, HEADER, None) or (task.request.headers or {}).get(HEADER)
    acting = None if header is None else context.Context.from_header(header)
    task.request.acting_token = context.current.set(acting)


@signals.task_postrun.connect
def forget_context(task: Any = None, **_: Any) -> None:
    """Leave nothing behind for the next task of this process."""
    token: Token[context.Context | None] | None = getattr(task.request, "acting_token", None)
    if token is not None:
        context.current.reset(token)
