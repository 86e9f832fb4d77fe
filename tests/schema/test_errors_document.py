"""docs/errors.md lists exactly the codes that the engine and the occupations use."""

import re
from pathlib import Path

from archives import catalogue
from archives.schema import checks, registry
from archives.schema.kinds import registry as kind_registry
from archives.schema.problems import ProblemCode

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / "archives" / "schema",
    ROOT / "archives" / "schema" / "kinds",
    *sorted((ROOT / "agencies").glob("*/")),
]


def sources() -> str:
    return "\n".join(path.read_text() for package in PACKAGES for path in sorted(package.glob("*.py")))


def documented(heading: str) -> set[str]:
    text = (ROOT / "docs" / "errors.md").read_text()
    part = re.search(f"^## {heading}$(.*?)(?=^## |\\Z)", text, re.M | re.S)
    assert part, heading
    return set(re.findall(r"^\| `([\w.]+)` \|", part[1], re.M))


def test_every_code_is_documented_and_used() -> None:
    assert documented("Record engine") | documented("Items") == {code.value for code in ProblemCode}
    used = set(re.findall(r"ProblemCode\.([A-Z_0-9]+)", sources()))
    assert used == {code.name for code in ProblemCode}


def test_codes_of_professions_are_documented() -> None:
    own = set(re.findall(r'^[A-Z_]+: Final = "(\w+)"$', sources(), re.M))
    assert documented("Professions") == own
    assert not own & {code.value for code in ProblemCode}


def test_system_checks_are_documented() -> None:
    ids = {
        value
        for module in (registry, kind_registry, checks, catalogue)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    assert documented("System checks") == {value for value in ids if re.fullmatch(r"archives\.E\d{3}", value)}


def test_problems_are_made_with_codes_of_the_list_only() -> None:
    first_arguments = re.findall(r"(?:\bProblem|\brefuse|\bwarning)\(\s*([^\s,)]+)", sources())
    allowed = re.compile(r"ProblemCode\.[A-Z_0-9]+|CERTIFICATE_[A-Z_]+|code|code:")
    assert [argument for argument in first_arguments if not allowed.fullmatch(argument)] == []
