"""Packs 地方规则: the county's own notice as data, loaded once and compared ever after."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agencies import packfile, packloader
from agencies.departments import DEPARTMENTS
from agencies.models import Agency, Jurisdiction, Responsibility
from agencies.packloader import PackError
from archives.occupations import occupation_of, occupations_of
from delivery.models import Target
from oversight.packs import load_pack

pytestmark = pytest.mark.django_db
ANYANG = 410522
OWNERS = [
    ("公务员", "县委组织部"),
    ("企业法定代表人及相关责任人", "县市场监管局"),
    ("驾驶员", "县交通运输局"),
    ("律师", "县司法局"),
    ("教师", "县教育局"),
    ("医师", "县卫健委"),
    ("执业药师", "县市场监管局"),
    ("家政服务从业人员", "县人社局"),
    ("评估师", "县财政局"),
    ("税务师", "县（示范区）税务局"),
    ("食药安全员", "县市场监管局"),
    ("招投标代理机构从业人员", "县发改委"),
    ("注册消防工程师", "县消防救援大队"),
    ("会计人员", "县财政局"),
    ("审计人员", "县审计局"),
    ("房地产中介从业人员", "县住建局"),
    ("认证人员", "县市场监管局"),
    ("金融从业人员", "县金融办"),
    ("导游", "县文广体旅局"),
    ("护工", "县民政局"),
    ("劳动用工", "县人社局"),
    ("社会保障", "县人社局"),
]
"""责任分工 of the notice: each group with the unit that answers for it, in its order."""
GROUPS_OF_THE_NOTICE = 22
"""A place may name further groups after these, with a clause of their own (docs/adding-an-occupation.md)."""


def entries_of_anyang() -> int:
    """The place, its agencies, groups and targets: each is new at the first loading."""
    data = packloader.read("anyang").data
    return 1 + sum(len(data[section]) for section in ("agencies", "responsibilities", "targets"))


@pytest.mark.req("AY-02", "AY-09", *(f"AY-G{number:02}" for number in range(1, 23)))
def test_anyang_has_16_agencies_and_22_responsibilities() -> None:
    load_pack("anyang", apply=True)
    place = Jurisdiction.objects.get(code=str(ANYANG))
    assert (place.pk, place.name, place.office_name) == (ANYANG, "安阳县", "县信用办")
    assert Agency.objects.filter(jurisdiction=place).count() == 16
    every = Responsibility.objects.filter(jurisdiction=place).order_by("position")
    rows = every.filter(position__lte=GROUPS_OF_THE_NOTICE)
    assert not [row.clause for row in every.difference(rows) if row.clause.startswith("AY-G")]
    assert [row.position for row in rows] == list(range(1, 23))
    assert [row.clause for row in rows] == [f"AY-G{number:02}" for number in range(1, 23)]
    assert [row.label for row in rows.filter(undecided=True)] == ["劳动用工", "社会保障"]
    assert list(rows.values_list("label", "agency__name")) == OWNERS
    assert len({unit for _, unit in OWNERS}) == 16
    assert set(Agency.objects.values_list("department", flat=True)) == set(list(DEPARTMENTS)[:16])
    assert [target.code for target in Target.objects.filter(jurisdiction=place)] == ["county"]
    assert place.parameters == {
        "first_year": 2022,
        "year_closes": "03-31",
        "statement_days": 5,
        "cadence": {"record": "annual", "due_day": 5},
        "filing_prefix": "安县信用备",
        "targets": ["county"],
    }


@pytest.mark.req("AY-03", "AY-04", "AY-05")
def test_every_group_has_a_record_under_its_printed_name() -> None:
    load_pack("anyang", apply=True)
    occupations = occupations_of(ANYANG)
    assert len(occupations) == Responsibility.objects.count() >= GROUPS_OF_THE_NOTICE
    for row in Responsibility.objects.select_related("agency"):
        occupation = occupation_of(row)
        assert occupation.label == row.label
        assert {"identity", "employment", "standing"} <= occupation.sections.keys()
    teacher = next(one for (_, code), one in occupations.items() if code == "teacher")
    assert "qualification" in teacher.sections


def test_loading_again_changes_nothing() -> None:
    first = load_pack("anyang", apply=True)
    assert len(first) == entries_of_anyang()
    before = list(Responsibility.objects.order_by("pk").values())
    assert load_pack("anyang", apply=True) == []
    assert list(Responsibility.objects.order_by("pk").values()) == before


def test_the_difference_is_shown_and_nothing_is_written() -> None:
    shown = load_pack("anyang", apply=False)
    assert len(shown) == entries_of_anyang()
    assert not Jurisdiction.objects.exists()
    assert not Target.objects.exists()


def test_a_change_by_hand_is_shown_and_put_right() -> None:
    load_pack("anyang", apply=True)
    Agency.objects.filter(code="education").update(name="县教体局")
    (change,) = load_pack("anyang", apply=False)
    assert str(change) == "changed agency 县教育局 (name: '县教体局' → '县教育局') — concerns 教师"
    load_pack("anyang", apply=True)
    assert Agency.objects.get(code="education").name == "县教育局"


def test_what_the_pack_no_longer_names_is_left() -> None:
    load_pack("anyang", apply=True)
    agency = Agency.objects.get(code="education")
    Responsibility.objects.create(
        jurisdiction_id=ANYANG, agency=agency, position=23, occupation="tutor", label="家教", clause="AY-09"
    )
    (change,) = load_pack("anyang", apply=True)
    assert "no longer in the pack" in str(change)
    assert Responsibility.objects.filter(occupation="tutor").exists()


def test_an_agency_that_the_pack_no_longer_names_is_left() -> None:
    load_pack("anyang", apply=True)
    Agency.objects.create(jurisdiction_id=ANYANG, code="extra", department="education", name="县体育局")
    (change,) = load_pack("anyang", apply=True)
    assert str(change) == "no longer in the pack, left as it is: agency 县体育局"
    assert Agency.objects.filter(code="extra").exists()


# --- the command ------------------------------------------------------------------------------------------------


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("pack", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_compares_and_loads() -> None:
    assert told("diff", "anyang").endswith(f"{entries_of_anyang()} differences\n")
    assert told("status") == ""
    assert told("load", "anyang").endswith(f"{entries_of_anyang()} differences loaded\n")
    assert told("diff", "anyang") == "0 differences\n"
    assert told("status").startswith("安阳县: anyang 2022-5 ")


@pytest.mark.parametrize("name", ["nowhere", "../anyang", "", "anyang.toml"])
def test_an_unknown_pack(name: str) -> None:
    with pytest.raises(CommandError, match="there is no pack named"):
        told("load", name)


# --- faults in a pack -------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pack of Anyang in a folder of its own, to be spoiled."""
    text = (packfile.FOLDER / "anyang.toml").read_text("utf-8")
    monkeypatch.setattr(packfile, "FOLDER", tmp_path)
    copy = tmp_path / "spoiled.toml"
    copy.write_text(text, "utf-8")
    return copy


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('clause = "AY-G05"', 'clause = "because"', ["[agencies]", "县教育局", "names no clause"]),
        ('clause = "AY-G22"', 'clause = ""', ["[responsibilities]", "社会保障", "names no clause"]),
        ('code = "education"', 'code = "magic"', ["[agencies]", "magic", "unknown department"]),
        ('clause = "AY-14"', 'clause = "AY-99"', ["[parameters]", "cadence", "names no clause"]),
        ('clause = "AY-15"', 'clause = "GZ-17"', ["[targets]", "GZ-17", "names no clause"]),
        ('occupation = "teacher"', 'occupation = "teachers"', ["教师", "unknown group 'teachers'"]),
        ('record = "annual"', 'items = { awards = "monthly" }', ["cadence", "unknown kind 'awards'"]),
        ('record = "annual"', 'groups = { monk = "monthly" }', ["cadence", "unknown group 'monk'"]),
        (
            'occupation = "teacher"',
            'occupation = "tutor"\nbase = true\ncontents = ["E1", "E77"]',
            ["教师", "unknown contents E77"],
        ),
        ('occupation = "teacher"', 'occupation = "teacher"\ncontents = ["E1"]', ["says base = true"]),
        ("wave = 1", "wave = 7", ["[responsibilities]", "教师", "unknown wave 7"]),
        ("wave = 1", 'opens = "soon"', ["[responsibilities]", "教师", "not a day such as"]),
        ("wave = 1", "wave = 1\nended = 2999-01-01", ["教师", "ended lies in the future"]),
        (
            'label = "教师"\nagency = "education"',
            'label = "教师"\nagency = "wizards"',
            ["[responsibilities]", "教师", "wizards"],
        ),
        ("[place]", "[somewhere]", ["[somewhere]", "is no section of a pack"]),
        ('code = "health"', 'code = "education"', ["[agencies]", "education", "named twice"]),
        ('name = "县卫健委"', 'name = "县教育局"', ["[agencies]", "县教育局", "named twice"]),
        (
            'occupation = "labour_employment"',
            'occupation = "social_security"',
            ["[responsibilities]", "social_security of human_resources", "named twice"],
        ),
        ('code = "410522"', 'code = "安阳"', ["[place]", "安阳", "not a number such as 410522"]),
        ('code = "410522"', 'code = "0"', ["[place]", "'0'", "not a number"]),
        ('code = "410522"', "code = 410522", ["[place]", "code is not a text in quotes"]),
        ('value = "03-31"', 'value = "02-29"', ["[parameters]", "year_closes", "03-31"]),
        ('value = "03-31"', "value = 331", ["[parameters]", "year_closes", "03-31"]),
        ('value = "03-31"', 'value = "3-31"', ["[parameters]", "year_closes", "03-31"]),
        ('record = "annual"', 'record = "weekly"', ["[parameters]", "cadence", "weekly"]),
        ("{ value = 2022, clause", "{ clause", ["[parameters]", "first_year", "lacks value"]),
        ('{ value = 2022, clause = "AY-01" }', "2022", ["[parameters]", "first_year", "lacks value"]),
        (
            "position = 22",
            'position = "last"',
            ["[responsibilities]", "社会保障", "position is not a number"],
        ),
        ('name = "县卫健委"', f'name = "{"长" * 61}"', ["[agencies]", "health", "name is too long"]),
        ("[[targets]]", "[targets]", ["[targets]", "not a list of tables"]),
        ("undecided = true", 'undecided = "yes"', ["[responsibilities]", "劳动用工", "true or false"]),
        ("[place]", "[[place]]", ["[place]", "not one table"]),
        ("[[agencies]]", "[[agencies]", ["spoiled.toml"]),
    ],
)
def test_a_fault_is_told_with_file_and_entry(broken: Path, old: str, new: str, told: list[str]) -> None:
    text = broken.read_text("utf-8")
    assert old in text
    broken.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(PackError) as refusal:
        load_pack("spoiled", apply=True)
    for word in ("spoiled.toml", *told):
        assert word in str(refusal.value)
    assert not Jurisdiction.objects.exists()


@pytest.mark.req("GZ-05")
def test_a_group_without_a_class_names_its_contents(broken: Path) -> None:
    text = broken.read_text("utf-8")
    own = 'occupation = "tutor"\nbase = true\ncontents = ["E1", "E2", "E6", "E12", "E14"]'
    broken.write_text(text.replace('occupation = "teacher"', own).replace('教师"', '家教"'), "utf-8")
    load_pack("spoiled", apply=True)
    assert load_pack("spoiled", apply=True) == []
    row = Responsibility.objects.select_related("agency").get(occupation="tutor")
    assert [one.code for one in occupation_of(row).contents] == ["E1", "E2", "E6", "E12", "E14"]
    assert occupation_of(row).label == row.label == "家教"


def test_a_pack_with_missing_keys_names_the_entry(broken: Path) -> None:
    text = broken.read_text("utf-8")
    broken.write_text(text.replace('label = "教师"\n', "", 1), "utf-8")
    with pytest.raises(PackError, match=r"spoiled\.toml.*teacher"):
        load_pack("spoiled", apply=True)


def test_a_target_without_clause_is_refused(broken: Path) -> None:
    text = broken.read_text("utf-8")
    broken.write_text(text.replace('clause = "AY-15"', 'clause = "x"', 1), "utf-8")
    with pytest.raises(PackError, match=r"spoiled\.toml:\d+: \[targets\]"):
        load_pack("spoiled", apply=True)


def test_a_target_named_twice_is_refused(broken: Path) -> None:
    text = broken.read_text("utf-8")
    start = text.index("[[targets]]")
    target = text[start : text.index("# 率先")]
    broken.write_text(text[:start] + target + text[start:], "utf-8")
    with pytest.raises(PackError, match=r"spoiled\.toml:\d+: \[targets\] county: named twice"):
        load_pack("spoiled", apply=True)


def test_a_dropped_target_is_told_and_left(broken: Path) -> None:
    load_pack("spoiled", apply=True)
    text = broken.read_text("utf-8")
    start = text.index("[[targets]]")
    broken.write_text(text[:start] + text[text.index("# 率先") :], "utf-8")
    shown = [str(change) for change in load_pack("spoiled", apply=True)]
    assert "no longer in the pack, left as it is: target county" in shown
    assert Target.objects.filter(code="county").exists()
    assert Jurisdiction.objects.get(pk=ANYANG).parameters["targets"] == []


def test_a_name_taken_by_an_agency_that_is_left_is_told(broken: Path) -> None:
    load_pack("spoiled", apply=True)
    Agency.objects.filter(code="education").update(code="schools")
    with pytest.raises(PackError, match=r"spoiled\.toml:\d+: \[agencies\] education: .*县教育局"):
        load_pack("spoiled", apply=True)
