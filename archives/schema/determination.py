"""信用状况认定: the field that carries the determination, and its sentence (AY-N1, AY-N2)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from archives.schema.codes import DETERMINATIONS
from archives.schema.fields import Choice


class Determination(Choice):
    """信用状况: the competent department's determination within the year (AY-N1), trustworthy by default
    (AY-N2).

    What an adverse one rests on stands in the section's other boxes (`archives.schema.standing`); that it was
    proven, told and decided is for the service that seals it (AY-N2, AY-N3).
    """

    kind = "determination"
    TRUSTWORTHY, WARNING, SERIOUS = tuple(DETERMINATIONS.labels)
    STATEMENTS: ClassVar[Mapping[str, str]] = {
        TRUSTWORTHY: "根据{ground}，依法认定{name}为守信人员",
        WARNING: "经查实，{name}存在{behaviour}行为，根据{ground}，依法认定{name}存在警示行为",
        SERIOUS: "经查实，{name}存在{behaviour}行为，根据{ground}，依法认定{name}存在严重失信行为",
    }
    GROUND: ClassVar[str] = "法律法规"
    BLANK: ClassVar[str] = "××"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, codes=DETERMINATIONS, default=self.TRUSTWORTHY, **options)

    @classmethod
    def outcome(cls, value: str | None) -> str:
        """The printed word of an outcome; a blank is the trustworthy one."""
        return DETERMINATIONS.labels[value or cls.TRUSTWORTHY]

    @classmethod
    def statement(
        cls, value: str | None, *, name: str, behaviour: str | None = None, ground: str | None = None
    ) -> str:
        """The sentence of the form's filling-in notes (AY-N1) for this determination.

        Behaviour and ground are put into it without the words that the sentence already has.
        """
        return cls.STATEMENTS[value or cls.TRUSTWORTHY].format(
            name=name,
            behaviour=(behaviour or "").removeprefix("存在").removesuffix("行为") or cls.BLANK,
            ground=(ground or "").removeprefix("根据").rstrip("，,") or cls.GROUND,
        )
