import copy
import datetime as dt
from typing import Any

import pytest

TODAY = dt.date(2026, 11, 22)
RECORD: dict[str, Any] = {
    "identity": {
        "name": "张敏",
        "sex": "男",
        "political_status": "群众",
        "education": "大学本科毕业",
        "document_number": "410522198501010011",
        "phone": "13800001234",
    },
    "employment": {
        "title": "一级教师",
        "post": "",
        "employer": "安阳县第一小学（北校区）",
        "practice_since": "2008年9月",
        "duties": "负责三年级语文教学，兼任班主任。",
    },
    "standing": {"determination": "", "remarks": ""},
}


@pytest.fixture
def today() -> dt.date:
    return TODAY


@pytest.fixture
def record() -> dict[str, Any]:
    """A base record that seals without a problem; nobody real."""
    return copy.deepcopy(RECORD)
