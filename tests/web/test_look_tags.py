"""Template library `ds` and the partials it stands on."""

import pytest
from django import forms
from django.template import Context, Template, loader

from archives.states import Delivery, JobState, Status
from credit_platform.web.templatetags.ds import STATUS_TAGS, grouped, live_role, message_icon


def render(source, **context):
    return Template("{% load ds lucide %}" + source).render(Context(context))


@pytest.mark.parametrize("status", [*Status.values, *Delivery.values, *JobState.values])
def test_every_state_has_a_tag_with_the_word_of_the_state(status):
    words = dict([*Status.choices, *Delivery.choices, *JobState.choices])
    assert STATUS_TAGS[status].word == words[status]


def test_a_tag_has_word_and_shape():
    assert render("{% status_tag 'returned' %}").strip() == '<span class="tag tag--back">退回</span>'


def test_overdue_says_the_days():
    assert "逾期 12 天" in render("{% status_tag 'overdue' days=12 %}")
    assert "逾期未报" in render("{% status_tag 'overdue' %}")


@pytest.mark.parametrize("status", ["", None])
def test_no_status_no_tag(status):
    assert render("{% status_tag status %}", status=status).strip() == ""


def test_an_unknown_status_is_visible_and_escaped():
    html = render("{% status_tag status %}", status="lost<b>")
    assert 'tag--draft">lost&lt;b&gt;<' in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1284, "1,284"), (1234567, "1,234,567"), (None, ""), ("—", "—"), (True, "True")],
)
def test_numbers_are_grouped(value, text):
    assert grouped(value) == text


def test_errors_interrupt_and_news_wait():
    assert [live_role(level) for level in ("error", "warning", "success", "info")] == [
        "alert",
        "alert",
        "status",
        "status",
    ]
    assert message_icon("error") == "circle-alert"
    assert message_icon("debug") == "info"


class Person(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致", error_messages={"required": "请填写姓名。"})
    title = forms.CharField(label="专业技术职称", required=False)
    outcome = forms.ChoiceField(label="信用状况", widget=forms.RadioSelect, choices=[("1", "守信人员")])
    agreed = forms.BooleanField(label="已核对", required=False)


def test_a_cell_names_its_control_and_its_message():
    form = Person({"name": ""})
    html = form["name"].as_field_group()
    assert '<label class="f__l" for="id_name"><span>姓名</span></label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="msg-name"' in html
    assert html.count('id="id_name_error"') == 1
    assert "请填写姓名。" in html


def test_long_labels_wrap_and_optional_ones_say_so():
    html = Person()["title"].as_field_group()
    assert '<span class="wide">专业技术职称</span>' in html
    assert "<i>选填</i>" in html


def test_radios_stand_in_a_fieldset_with_legend():
    html = Person()["outcome"].as_field_group()
    assert '<fieldset class="f__in"' in html
    assert '<legend class="f__l"><span>信用状况</span></legend>' in html


def test_an_answer_to_inline_validation_is_announced():
    form = Person({"name": ""})
    html = loader.render_to_string("ds/field_msg.html", {"field": form["name"], "live": True})
    assert 'role="status"' in html
    assert "is-err" in html


def test_ordinary_fields_have_the_label_above_and_a_checkbox_before_it():
    form = Person()
    plain = loader.render_to_string("ds/field_plain.html", {"field": form["title"]})
    assert plain.index("<label") < plain.index("<input")
    assert "选填" in plain
    assert "选填" not in loader.render_to_string(
        "ds/field_plain.html", {"field": form["title"], "filter": True}
    )
    check = loader.render_to_string("ds/field_plain.html", {"field": form["agreed"]})
    assert check.index("<input") < check.index("已核对")
