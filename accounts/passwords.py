"""What a password must be (GB/T 22239-2019 level 3, identity: complexity)."""

import re
import secrets

from django.core.exceptions import ValidationError

CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


class CharacterClassValidator:
    """At least three of: lower case, upper case, digits, others."""

    needed = 3

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` when too few classes of characters occur."""
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < self.needed:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        """Return the rule in Chinese."""
        return "密码须包含大写字母、小写字母、数字、其他符号中的至少 3 种。"


def generate_password() -> str:
    """Return a random password of three classes that can be read aloud (about 62 bits)."""
    blocks = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)]
    number = "".join(secrets.choice(_DIGITS) for _ in range(3))
    return f"{blocks[0].capitalize()}-{blocks[1]}-{blocks[2]}-{number}"
