"""Made-up people with valid numbers that no real person can have: county code 410599 was never assigned."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

from archives.schema.identifiers import citizen_check_digit

AREA = "410599"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_FEMALE = (
    "芳娜敏静秀娟英华慧巧美淑惠珠翠雅芝玉萍红娥玲芬燕彩春菊兰凤洁梅琳素云莲真环雪荣爱妹霞香月莺媛艳瑞凡佳"
    "嘉琼勤珍贞莉桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓"
)
_MALE = (
    "伟刚勇毅俊峰强军平保东文辉力明永健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子"
    "杰涛昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆磊民友裕河哲江超浩亮"
    "政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾楠榕风航"
    "弘"
)
_UNUSUAL = ("阿依古丽·买买提", "欧阳㛃", "司马相宜", "迪丽努尔·艾合买提", "上官云飞")


@dataclasses.dataclass(frozen=True)
class MadeUpPerson:
    """Name, number, sex code and birth date of a person who does not exist."""

    name: str
    number: str
    sex: str
    born: dt.date


def make_people(count: int, *, seed: int) -> list[MadeUpPerson]:
    """Return `count` different made-up people, always the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # not a secret
    people: dict[str, MadeUpPerson] = {}
    while len(people) < count:
        born = dt.date(1966, 1, 1) + dt.timedelta(days=chance.randrange(12_000))
        sequence = chance.randrange(1, 999)
        sex = "1" if sequence % 2 else "2"
        head = f"{AREA}{born:%Y%m%d}{sequence:03d}"
        given = "".join(chance.sample(_MALE if sex == "1" else _FEMALE, chance.choice((1, 2, 2))))
        name = chance.choice(_SURNAMES) + given
        if len(people) % 23 == 7:
            name = _UNUSUAL[len(people) // 23 % len(_UNUSUAL)]
        number = head + citizen_check_digit(head)
        people.setdefault(number, MadeUpPerson(name, number, sex, born))
    return list(people.values())


def posted_teacher(
    person: MadeUpPerson, *, chance: random.Random, employer: str
) -> dict[str, dict[str, Any]]:
    """Return a filled-in yearly form as a clerk would type it."""
    subject = chance.choice(("语文", "数学", "英语", "物理", "化学", "历史", "体育", "美术"))
    since = f"{person.born.year + 23}-{chance.choice(('07', '08', '09'))}"
    return {
        "identity": {
            "sex": person.sex,
            "political_status": chance.choice(("01", "03", "13", "13", "13")),
            "education": chance.choice(("21", "21", "31", "14")),
            "phone": f"154{chance.randrange(10**8):08d}",
        },
        "employment": {
            "title": chance.choice(("二级教师", "一级教师", "一级教师", "高级教师", None)),
            "post": chance.choice(("班主任", "教研组长", "年级主任", None, None)),
            "employer": employer,
            "practice_since": since,
            "duties": f"承担{subject}教学工作，参与教研活动。",
        },
        "standing": {"determination": "trustworthy", "remarks": None},
    }
