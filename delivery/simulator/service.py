"""A service that answers signed requests, without its wires: authentication first, then whatever it is for."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from delivery.contract import ADDRESS_UNKNOWN
from delivery.simulator.answers import Answer, Refusal
from delivery.simulator.signatures import Caller, Key, SignedRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` holds every value sent under a name, by the name as the contract writes it."""

    method: str
    target: str
    headers: Mapping[str, list[str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the platform's signature, where the caller is known."""

    answer: Answer
    signature: str | None = None
    content_type: str = "application/json"


class ReplyDropped(Exception):
    """The switched-on fault: the work is done, the sender hears nothing."""


class SignedService(ABC):
    """Lets nobody in whose signature is not right, and signs what it answers."""

    def __init__(self, keys: Mapping[str, Key], clock: Callable[[], float] = time.time) -> None:
        self._keys, self._clock = keys, clock

    @abstractmethod
    def route(self, method: str, target: str) -> bool:
        """Whether this is an address of the contract."""

    @abstractmethod
    def answer(self, request: Request, caller: Caller, now: int) -> Answer:
        """Answer a genuine request. Raises `Refusal`, or `ReplyDropped` for the fault of that name."""

    def handle(self, request: Request) -> Reply:
        """Answer a request; from the moment its signature is verified, every answer is signed."""
        now = int(self._clock())
        try:
            if not self.route(request.method, request.target):
                raise Refusal(404, ADDRESS_UNKNOWN, "没有此接口地址，请核对市级平台的地址和报送约定。")
            signed = SignedRequest.read(request.method, request.target, request.headers)
            caller = signed.verify(request.body, self._keys)
        except Refusal as refusal:
            logger.info("%s refused: %s %s", request.method, refusal.status, refusal.code)
            return Reply(refusal.answer(now))
        try:
            signed.check_time(now)
            answer = self.answer(request, caller, now)
        except Refusal as refusal:
            answer = refusal.answer(now)
            logger.info("%s by %s refused: %s %s", request.method, signed.key_id, answer.status, refusal.code)
        return Reply(answer, caller.sign_answer(answer.body))
