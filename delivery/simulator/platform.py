"""The platform without its wires: a request in, an answer out."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from delivery.contract import (
    BATCH_UNKNOWN,
    BATCHES_PATH,
    NONCE_USED,
    SENDER_NOT_ALLOWED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA,
)
from delivery.simulator.answers import Answer, Refusal
from delivery.simulator.faults import Faults
from delivery.simulator.intake import Intake
from delivery.simulator.reading import parse, unpack
from delivery.simulator.service import ReplyDropped, Request, SignedService
from delivery.simulator.shape import read_batch
from delivery.simulator.signatures import Caller, Key, sm3
from delivery.simulator.store import Store

logger = logging.getLogger(__name__)

_BEIJING = timezone(timedelta(hours=8))
_ONE_BATCH = re.compile(re.escape(BATCHES_PATH) + "/([0-9a-f-]{36})")


class Platform(SignedService):
    """The municipal platform: deliveries, and questions about them."""

    def __init__(
        self,
        *,
        keys: Mapping[str, Key],
        store: Store,
        faults: Faults,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(keys, clock)
        self._store, self._faults = store, faults
        self._intake = Intake(store, faults)

    def route(self, method: str, target: str) -> bool:
        """Whether this is an address of the contract."""
        if method == "POST":
            return target == BATCHES_PATH
        return method == "GET" and _ONE_BATCH.fullmatch(target) is not None

    def answer(self, request: Request, caller: Caller, now: int) -> Answer:
        """Take a delivery or answer a question."""
        if not self._store.take_nonce(caller.key.key_id, caller.nonce, now):
            raise Refusal(409, NONCE_USED, "随机数已经用过，请换新的随机数重新签名后发送。")
        time.sleep(self._faults.delay_before)
        if self._faults.fails_now():
            raise Refusal(503, UNAVAILABLE, "平台暂时不可用，请稍后查询该批次。")
        if request.method == "GET":
            return self._question(request.target.rpartition("/")[2], caller)
        return self._delivery(request, caller)

    def _question(self, batch_id: str, caller: Caller) -> Answer:
        taken = self._store.batch(batch_id)
        if taken is None or not _speaks_for(caller.key, taken.jurisdiction):
            raise Refusal(404, BATCH_UNKNOWN, "没有收到过该批次，可以用原内容重新报送。")
        return Answer(200, taken.receipt)

    def _delivery(self, request: Request, caller: Caller) -> Answer:
        content_type = (request.headers.get("Content-Type") or [""])[-1]
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, UNSUPPORTED_MEDIA, "Content-Type 应为 application/json，请改正后重新发送。")
        encoding = ", ".join(request.headers.get("Content-Encoding") or []).strip().lower()
        document = unpack(request.body, encoding)
        batch = read_batch(parse(document))
        if not _speaks_for(caller.key, batch.jurisdiction):
            raise Refusal(403, SENDER_NOT_ALLOWED, "此密钥不能代表所填辖区报送，请核对辖区代码和密钥。")
        receipt = self._intake.take(
            batch,
            document_sm3=sm3(document).hex(),
            key=caller.key,
            now=datetime.fromtimestamp(self._clock(), tz=_BEIJING),
        )
        logger.info("batch %s by %s taken: %d records", batch.batch_id, caller.key.key_id, len(batch.records))
        time.sleep(self._faults.delay_after_commit)
        if self._faults.drops_now():
            raise ReplyDropped
        return Answer(200, receipt)


def _speaks_for(key: Key, jurisdiction: str) -> bool:
    return key.jurisdiction in {None, jurisdiction}
