"""证明材料: attaching the files that a determination or an adverse item rests on, and taking them off again (AY-N3)."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from archives.lifecycle import Head, may_attach, may_fill
from archives.models import Evidence, Item, RecordPart
from archives.schema.identifiers import mask
from archives.states import ProceedingStatus, Status
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, lock
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.media_types import NotTaken, media_type_of

logger = logging.getLogger(__name__)

MOST_FILES = 20
"""That one part or item may have at a time."""
LARGEST = 20 * 1024 * 1024
_PIECE = 256 * 1024
_PERSONS_NUMBER = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9])")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_CLOSED = (ProceedingStatus.DROPPED, ProceedingStatus.SEALED)


def store_name(evidence: Evidence) -> str:
    """Return the name of the file in the private store."""
    return str(evidence.pk)


@transaction.atomic
def attach_evidence(*, head: Head, file: BinaryIO, name: str, actor: Actor) -> Evidence:
    """Attach one file, from the beginning of `file`, under the name it had; its type is told from its content.

    Raises `Refused` when the actor may not attach now, when the file is not one that is taken or too large, or when
    there are too many; `AlreadyDone` when the same file is attached already. Then nothing is kept.
    """
    row = lock(head)
    if not may_attach(row, actor):
        raise Refused("现在不能添加证明材料。请刷新页面查看最新状态。", code="not_writable")
    file.seek(0)
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_large()
    try:
        kind = media_type_of(content)
    except NotTaken as reason:
        raise Refused(str(reason), code=reason.code) from None
    sha256 = hashlib.sha256(content).hexdigest()
    _check_others(row, sha256)
    evidence = Evidence.objects.create(
        part=row if isinstance(row, RecordPart) else None,
        item=row if isinstance(row, Item) else None,
        person_id=row.person_id,
        agency_id=row.agency_id,
        employer_id=row.employer_id,
        occupation=row.occupation,
        name=shown_name(name, kind.extension),
        media_type=kind.media_type,
        size=len(content),
        sha256=sha256,
        uploader_id=actor.user_id,
        uploaded_by=actor.name,
    )
    _note_writer(row, actor)
    journal.write("evidence.attached", actor=actor, subject=row, data=_told(evidence))
    try:
        private_files.store(store_name(evidence), _pieces(content))
    except OSError as error:
        logger.error("evidence could not be stored: %s", type(error).__name__)
        raise Refused("材料没有保存成功。请稍后重试，仍不行的请联系管理员。", code="storage") from None
    return evidence


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: Actor) -> Evidence:
    """Take a file off a draft: the row remains and says who did it, the bytes go, as nothing rests on them any more.

    Raises `Refused` when the part or item can't be written now, when a sealed version cites the file, or when the
    person was told of it (in a running procedure, or of an adverse item); `AlreadyDone` when it was taken off before.
    """
    held = evidence.part or evidence.item
    assert held is not None  # the database keeps `evidence_of_one_head`
    head = lock(held)
    row = lock(evidence)
    if row.removed_at is not None:
        raise AlreadyDone("这份材料已经移除。", code="already_done")
    if not may_fill(head, actor):
        raise Refused("现在不能移除证明材料：只有草稿和退回的内容可以修改。", code="not_writable")
    if row.sealed_at is not None:
        raise Refused("这份材料已随审核确认的版本封存，不能移除。", code="evidence_sealed")
    if isinstance(head, RecordPart) and head.proceedings.exclude(status__in=_CLOSED).exists():
        raise Refused("认定程序正在进行，已告知本人的证明材料不能移除。", code="proceeding_running")
    if row.identity_checks.exists():
        raise Refused("审核人已凭这份材料核实身份，不能移除。", code="identity_settled")
    if told_of(row):
        raise Refused(
            "已就这份材料告知本人，不能移除。如材料有误，请先更正这条信息的内容并保存，再更换材料、重新告知本人。",
            code="person_told",
        )
    discard_evidence(row, by=actor.name)
    _note_writer(head, actor)
    journal.write("evidence.removed", actor=actor, subject=head, data=_told(row))
    return row


def remove_uncited(*, head: RecordPart, actor: Actor) -> None:
    """Take off every file that no sealed version cites and by which nobody's identity was settled, as the correction
    to which they were attached is given up. Within the transaction of the caller, who has locked the part."""
    for evidence in head.evidence.filter(removed_at=None, sealed_at=None):
        row = lock(evidence)
        if row.identity_checks.exists():
            continue
        discard_evidence(row, by=actor.name)
        journal.write("evidence.removed", actor=actor, subject=head, data=_told(row))


def discard_evidence(evidence: Evidence, *, by: str) -> None:
    """Note that a locked file is taken off, and by whom; its bytes go after the commit."""
    evidence.removed_at, evidence.removed_by = timezone.now(), by
    evidence.save(update_fields=["removed_at", "removed_by"])
    transaction.on_commit(lambda: private_files.discard(store_name(evidence)))


def told_of(evidence: Evidence) -> bool:
    """Tell whether the person was told of the adverse item that this file was attached to by then.

    A change of the item takes the telling back (`save_item`), and with it this bond.
    """
    told = None if evidence.item is None else evidence.item.notified_on
    return told is not None and timezone.localdate(evidence.uploaded_at) <= told


def seal_evidence(*, cites: Mapping[str, Any], now: dt.datetime) -> None:
    """Note that a sealed version cites these files; from now on they stay. In the sealing transaction."""
    ids = [one["id"] for one in cites.get("evidence", ())]
    if ids:
        Evidence.objects.filter(id__in=ids, sealed_at=None).update(sealed_at=now)


def too_large() -> Refused:
    """Return the refusal of a file that is too long."""
    return Refused("文件超过 20 MB。请压缩图片、降低扫描分辨率或分成几份后上传。", code="file_too_large")


def shown_name(name: str, extension: str) -> str:
    """Return a file's name as it may be shown: its stem without path, control characters and the numbers of a person,
    and the extension of what it is.
    """
    stem = _NOT_IN_NAMES.sub(" ", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if "." in stem:
        stem = stem.rpartition(".")[0].strip(" .")
    stem = _PERSONS_NUMBER.sub(lambda found: mask(found[0]).replace("*", "×"), stem)[:100].strip()
    return f"{stem or '证明材料'}.{extension}"


def _check_others(head: Head, sha256: str) -> None:
    others = list(_evidence_of(head))
    since = head.evidence_from if isinstance(head, Item) else None
    valid = [one for one in others if since is None or one.uploaded_at >= since]
    same = next((one for one in valid if one.sha256 == sha256), None)
    if same is not None:
        raise AlreadyDone(f"这份文件已经上传过（{same.name}），不需要再传。", code="already_done")
    if len(others) >= MOST_FILES:
        raise Refused(f"最多附 {MOST_FILES} 份材料。请移除不需要的，或合并后再上传。", code="too_many_files")


def _evidence_of(head: Head) -> Iterator[Evidence]:
    yield from head.evidence.filter(jurisdiction_id=head.jurisdiction_id, removed_at=None)


def _note_writer(head: Head, actor: Actor) -> None:
    """Who changes the evidence is one of the writers. A reviewer who saw other evidence has to look again."""
    changed = []
    if actor.user_id is not None and actor.user_id not in head.writers:
        head.writers = [*head.writers, actor.user_id]
        changed.append("writers")
    if head.status == Status.IN_REVIEW:
        head.revision += 1
        changed.append("revision")
    if changed:
        head.save(update_fields=changed)


def _told(evidence: Evidence) -> dict[str, object]:
    return {
        "evidence": str(evidence.pk),
        "sha256": evidence.sha256,
        "type": evidence.media_type,
        "size": evidence.size,
    }


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
