"""The same record for ours and for the peer: nineteen fields of a teacher."""

from typing import Any

from django import forms

from archives.schema import codes
from archives.schema.identifiers import citizen_check_digit

_HEAD = "41059919850314002"


def teacher_row() -> dict[str, dict[str, Any]]:
    """Return a complete record as typed."""
    return {
        "identity": {
            "name": "王晓梅",
            "sex": "2",
            "political_status": "13",
            "education": "21",
            "document_type": "111",
            "document_number": _HEAD + citizen_check_digit(_HEAD),
            "phone": "15400000000",
        },
        "employment": {
            "title": "一级教师",
            "post": "年级主任",
            "employer": "安阳县第一初级中学",
            "practice_since": "2008-09",
            "duties": "承担七年级语文教学及年级管理工作，兼任校本教研组长。",
        },
        "standing": {"determination": "trustworthy", "remarks": ""},
    }


class PlainTeacherForm(forms.Form):
    """What one would write without a record engine: the same fields with Django's own validation."""

    name = forms.CharField(max_length=50)
    sex = forms.ChoiceField(choices=list(codes.SEX.labels.items()))
    political_status = forms.ChoiceField(choices=list(codes.POLITICAL_STATUS.labels.items()))
    education = forms.ChoiceField(choices=list(codes.EDUCATION.labels.items()))
    document_type = forms.ChoiceField(choices=list(codes.DOCUMENT_TYPES.labels.items()))
    document_number = forms.RegexField(r"^\d{17}[\dX]$")
    phone = forms.RegexField(r"^1\d{10}$")
    title = forms.CharField(max_length=50, required=False)
    post = forms.CharField(max_length=50, required=False)
    employer = forms.CharField(max_length=100)
    practice_since = forms.RegexField(r"^\d{4}-\d{2}$")
    duties = forms.CharField(max_length=500)
    determination = forms.ChoiceField(choices=list(codes.DETERMINATIONS.labels.items()))
    remarks = forms.CharField(max_length=500, required=False)
