"""How Django's forms are written: as cells of the paper form."""

from django.forms.renderers import TemplatesSetting


class DSRenderer(TemplatesSetting):
    """`bound.as_field_group` gives label, control, help and message as `ds/field.html`; ordinary forms
    include `ds/field_plain.html` instead."""

    field_template_name = "ds/field.html"
