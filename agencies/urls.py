"""URLs of agencies."""

from django.urls import path

from agencies import group_views, rule_views, settling_views, views

urlpatterns = [
    path("switch/", views.switch, name="switch"),
    path("responsibilities/", views.responsibilities, name="responsibilities"),
    path("rules/", rule_views.rules, name="rules"),
    path("rules/groups/new/", rule_views.group_new, name="group-new"),
    path("rules/associations/new/", rule_views.association_new, name="association-new"),
    path("rules/groups/<int:responsibility_id>/change/", group_views.group_change, name="group-change"),
    path("rules/groups/<int:responsibility_id>/open/", rule_views.group_open, name="group-open"),
    path("members/", views.members, name="members"),
    path("members/<int:membership_id>/end/", views.member_end, name="member-end"),
    path("members/<int:membership_id>/reset/", views.member_reset, name="member-reset"),
    path("members/<int:membership_id>/groups/", views.member_groups, name="member-groups"),
    path("members/predecessors/", settling_views.settlers, name="settlers"),
    path("members/predecessors/<int:membership_id>/end/", settling_views.settler_end, name="settler-end"),
    path("employers/", views.employers, name="employers"),
]
