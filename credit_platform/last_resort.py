"""A worker that has begun to stop is gone within a while, whatever holds it up.

When the broker dies, the worker gives up and stops, to be started anew by whoever watches over it. It has been seen to
stand still on the way: alive for the watcher, deaf for the work. All its tasks may be killed at any moment and begun
again, so it is ended with its children.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any, NoReturn

from celery import bootsteps
from django.conf import settings

logger = logging.getLogger(__name__)


class LastResort(bootsteps.StartStopStep):
    """Begins to count when the worker begins to stop; a worker that stops in time takes the count with it."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        """Nothing is to be done while it works."""

    def close(self, parent: Any) -> None:
        """The worker stops: from now on it has `settings.WORKER_STOP_SECONDS`."""
        timer = threading.Timer(settings.WORKER_STOP_SECONDS, end)
        timer.daemon = True
        timer.start()

    def stop(self, parent: Any) -> None:
        """It is on its way."""

    terminate = stop


def end() -> NoReturn:
    """Kill this process and, where it leads them, its children."""
    logger.critical("the worker has not stopped within %s s and is killed", settings.WORKER_STOP_SECONDS)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(os.EX_SOFTWARE)
