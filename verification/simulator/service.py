"""The service without its wires: a genuine question in, one word out."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from delivery.contract import NONCE_USED, UNAVAILABLE, UNSUPPORTED_MEDIA
from delivery.simulator.answers import Answer, Refusal, json_bytes
from delivery.simulator.citizen import DOCUMENT_TYPES
from delivery.simulator.faults import Faults
from delivery.simulator.reading import parse
from delivery.simulator.service import ReplyDropped, Request, SignedService
from delivery.simulator.shape import is_uuid
from delivery.simulator.signatures import Caller, Key
from verification.contract import (
    ANSWER_CONTRACT,
    CHECK_CONTRACT,
    CHECKS_PATH,
    INVALID_CHECK,
    MAX_NAME,
    MAX_NUMBER,
    AnswerBody,
    CheckBody,
)
from verification.simulator.register import Register
from verification.simulator.store import Store

_BEIJING = timezone(timedelta(hours=8))
_LONGEST = {"name": MAX_NAME, "document_number": MAX_NUMBER}


class PopulationService(SignedService):
    """Answers identity-check/1 from a register."""

    def __init__(
        self,
        *,
        keys: Mapping[str, Key],
        register: Callable[[], Register],
        store: Store,
        faults: Faults,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(keys, clock)
        self._register, self._store, self._faults = register, store, faults

    def route(self, method: str, target: str) -> bool:
        """Whether this is an address of the contract."""
        return method == "POST" and target == CHECKS_PATH

    def answer(self, request: Request, caller: Caller, now: int) -> Answer:
        """Tell whether somebody of this name has this document."""
        if not self._store.take_nonce(caller.key.key_id, caller.nonce, now):
            raise Refusal(409, NONCE_USED, "随机数已经用过，请换新的随机数重新签名后发送。")
        time.sleep(self._faults.delay_before)
        if self._faults.fails_now():
            raise Refusal(503, UNAVAILABLE, "核验服务暂时不可用，请稍后再试。")
        content_type = (request.headers.get("Content-Type") or [""])[-1]
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, UNSUPPORTED_MEDIA, "Content-Type 应为 application/json，请改正后重新发送。")
        asked = _read(parse(request.body))
        document = (asked["document_type"], asked["document_number"])
        result = self._register().judge(document, asked["name"])
        at = datetime.fromtimestamp(self._clock(), tz=_BEIJING).isoformat(timespec="seconds")
        self._store.note(check_id=asked["check_id"], key_id=caller.key.key_id, result=result, checked_at=at)
        time.sleep(self._faults.delay_after_commit)
        if self._faults.drops_now():
            raise ReplyDropped
        body: AnswerBody = {
            "contract": ANSWER_CONTRACT,
            "check_id": asked["check_id"],
            "result": result,
            "checked_at": at,
        }
        return Answer(200, json_bytes(body))


def _read(content: object) -> CheckBody:
    """Return the question; whatever else it holds is refused, so that nobody sends more than is needed."""
    names = CheckBody.__annotations__.keys()
    if not isinstance(content, dict) or content.keys() != names:
        raise _invalid("应当只有约定的各项")
    texts = {name: content[name] for name in names}
    if not all(isinstance(text, str) and text for text in texts.values()):
        raise _invalid("各项都应是文本，不能为空")
    if texts["contract"] != CHECK_CONTRACT or not is_uuid(texts["check_id"]):
        raise _invalid("约定名称或查询编号不正确")
    if texts["document_type"] not in DOCUMENT_TYPES:
        raise _invalid("没有这种证件类型")
    if any(len(texts[name]) > limit for name, limit in _LONGEST.items()):
        raise _invalid("姓名或证件号码过长")
    return CheckBody(
        contract=texts["contract"],
        check_id=texts["check_id"],
        name=texts["name"],
        document_type=texts["document_type"],
        document_number=texts["document_number"],
    )


def _invalid(problem: str) -> Refusal:
    return Refusal(422, INVALID_CHECK, f"查询不符合核验约定：{problem}。")
