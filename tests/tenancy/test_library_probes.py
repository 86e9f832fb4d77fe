"""What forms, serialisers, guardian and factories do with tenant models, and which keys stand in the database."""

import json
import uuid
from typing import Any

import factory
import pytest
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.forms import inlineformset_factory, modelform_factory, modelformset_factory
from guardian.shortcuts import assign_perm, get_objects_for_user
from rest_framework import pagination, viewsets
from rest_framework import serializers as drf
from rest_framework.test import APIRequestFactory

from credit_platform.tenancy.context import acting
from tests.factories import UserFactory
from tests.probes.models import Archive, Entry, Person
from tests.tenancy.conftest import Rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("foreign")]

DELETES_BY_ID = "Django's collector deletes by id alone; the product deletes no tenant rows"


def new_hash() -> str:
    return uuid.uuid4().hex


def both_sides(statement: str, *aliases: str) -> bool:
    """Whether a join compares the jurisdictions of two aliases."""
    left, right = (f'{alias}."jurisdiction_id"' for alias in aliases)
    return f"{left} = {right}" in statement or f"{right} = {left}" in statement


# --- forms -----------------------------------------------------------------------------------------------------------

ArchiveForm = modelform_factory(Archive, fields=["person", "status"])


def test_model_form(own: Rows, foreign: Rows) -> None:
    form = ArchiveForm()
    assert list(form.fields) == ["person", "status"]
    assert str(own.person.pk) in str(form)
    assert str(foreign.person.pk) not in str(form)
    saved = ArchiveForm({"person": str(own.person.pk), "status": "q"}).save()
    assert (saved.person_id, saved.jurisdiction_id) == (own.person.pk, own.person.jurisdiction_id)


def test_model_form_refuses_a_foreign_choice(own: Rows, foreign: Rows) -> None:
    assert list(ArchiveForm({"person": str(foreign.person.pk), "status": "q"}).errors) == ["person"]


def test_model_multiple_choice(own: Rows, foreign: Rows) -> None:
    field = forms.ModelMultipleChoiceField(Person.objects.all())
    assert list(field.clean([str(own.person.id)])) == [own.person]
    with pytest.raises(ValidationError):
        field.clean([str(foreign.person.id)])


def test_full_clean_finds_duplicates_and_foreign_references(own: Rows, foreign: Rows) -> None:
    with pytest.raises(ValidationError, match="已经存在"):
        Person(name="n", id_hash=own.person.id_hash).full_clean()
    Person(name="n", id_hash=foreign.person.id_hash).full_clean()
    for person_id in (uuid.uuid4(), foreign.person.id):
        with pytest.raises(ValidationError) as caught:
            Archive(person_id=person_id).full_clean()
        assert list(caught.value.message_dict) == ["person"]


def test_inline_formset(own: Rows) -> None:
    Entries = inlineformset_factory(Archive, Entry, fk_name="archive", fields=["n"], extra=1)
    assert str(own.entry.pk) in str(Entries(instance=own.archive))
    posted = {
        "entries-TOTAL_FORMS": "2",
        "entries-INITIAL_FORMS": "1",
        "entries-0-id": str(own.entry.pk),
        "entries-0-n": "5",
        "entries-1-n": "6",
    }
    formset = Entries(posted, instance=own.archive)
    assert formset.is_valid(), formset.errors
    formset.save()
    assert sorted(Entry.objects.values_list("n", flat=True)) == [5, 6]


def test_model_formset(own: Rows, foreign: Rows) -> None:
    People = modelformset_factory(Person, fields=["name"], extra=0)
    posted = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": "ff"}
    formset = People({**posted, "form-0-id": str(own.person.pk)})
    assert formset.is_valid(), formset.errors
    assert formset.save()[0].name == "ff"
    assert not People({**posted, "form-0-id": str(foreign.person.pk)}).is_valid()


# --- libraries -------------------------------------------------------------------------------------------------------


class ArchiveSerializer(drf.ModelSerializer):
    class Meta:
        model = Archive
        fields = ["id", "person", "status"]


class ByCursor(pagination.CursorPagination):
    ordering = "id"
    page_size = 1


class ArchiveViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Archive.objects.all()
    serializer_class = ArchiveSerializer
    pagination_class = ByCursor
    permission_classes = []


def test_drf_serializer(own: Rows, foreign: Rows) -> None:
    shown = json.loads(json.dumps(ArchiveSerializer(own.archive).data, default=str))
    assert shown == {"id": str(own.archive.pk), "person": str(own.person.pk), "status": "draft"}
    posted = ArchiveSerializer(data={"person": str(own.person.pk), "status": "k"})
    assert posted.is_valid(), posted.errors
    assert posted.save().jurisdiction_id == own.person.jurisdiction_id
    assert not ArchiveSerializer(data={"person": str(foreign.person.pk), "status": "k"}).is_valid()


def test_drf_serializer_with_all_fields(own: Rows) -> None:
    class Whole(drf.ModelSerializer):
        class Meta:
            model = Archive
            fields = "__all__"

    fields = Whole().fields
    assert set(fields) == {"id", "status", "jurisdiction", "person", "previous"}
    assert fields["jurisdiction"].read_only


def test_drf_viewset_with_cursor_pages(own: Rows, foreign: Rows) -> None:
    second = Archive.objects.create(person=own.person)
    listing, detail = ArchiveViewSet.as_view({"get": "list"}), ArchiveViewSet.as_view({"get": "retrieve"})
    first_page = listing(APIRequestFactory().get("/")).data
    assert [row["id"] for row in first_page["results"]] == [str(own.archive.pk)]
    next_page = listing(APIRequestFactory().get(first_page["next"])).data
    assert ([row["id"] for row in next_page["results"]], next_page["next"]) == ([str(second.pk)], None)
    assert detail(APIRequestFactory().get("/"), pk=str(own.archive.pk)).status_code == 200
    assert detail(APIRequestFactory().get("/"), pk=str(foreign.archive.pk)).status_code == 404


def test_queryset_built_at_import_follows_the_context(own: Rows, foreign: Rows, there: Any) -> None:
    assert list(ArchiveViewSet.queryset.all()) == [own.archive]
    with acting(there.pk, "office"):
        assert list(ArchiveViewSet.queryset.all()) == [foreign.archive]


def test_guardian(own: Rows, foreign: Rows) -> None:
    user = UserFactory(username="u", display_name="u")
    assign_perm("probes.view_archive", user, own.archive)
    assign_perm("probes.view_archive", user, foreign.archive)
    assert user.has_perm("probes.view_archive", own.archive)
    assert list(get_objects_for_user(user, "probes.view_archive")) == [own.archive]


def test_serialise_and_load(own: Rows, tmp_path: Any) -> None:
    text = serializers.serialize("json", Archive.objects.filter(id=own.archive.id))
    (deserialised,) = serializers.deserialize("json", text)
    deserialised.object.status = "restored"
    deserialised.save()
    own.archive.refresh_from_db()
    assert own.archive.status == "restored"
    fixture = tmp_path / "archives.json"
    fixture.write_text(text)
    call_command("loaddata", str(fixture), verbosity=0)
    own.archive.refresh_from_db()
    assert own.archive.status == "draft"


def test_generic_reference(own: Rows, foreign: Rows) -> None:
    kind = ContentType.objects.get_for_model(Archive)
    assert kind.get_object_for_this_type(pk=own.archive.pk) == own.archive
    with pytest.raises(Archive.DoesNotExist):
        kind.get_object_for_this_type(pk=foreign.archive.pk)


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    name, id_hash = "f", factory.LazyFunction(new_hash)


class ArchiveFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Archive

    person = factory.SubFactory(PersonFactory)


def test_factory_boy(own: Rows) -> None:
    made = ArchiveFactory()
    made.refresh_from_db()
    assert (made.person.name, made.jurisdiction_id) == ("f", own.person.jurisdiction_id)


# --- what stands in the database -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "definition"),
    [
        ("probes_person", "PRIMARY KEY (jurisdiction_id, id)"),
        ("probes_person", "UNIQUE (jurisdiction_id, id_hash)"),
        (
            "probes_archive",
            "FOREIGN KEY (jurisdiction_id, person_id) REFERENCES probes_person(jurisdiction_id, id)",
        ),
        (
            "probes_entry",
            "FOREIGN KEY (jurisdiction_id, second_id) REFERENCES probes_archive(jurisdiction_id, id)",
        ),
        (
            "archives_version",
            "FOREIGN KEY (jurisdiction_id, agency_id, part_id) REFERENCES"
            " archives_recordpart(jurisdiction_id, agency_id, id)",
        ),
    ],
)
def test_keys_begin_with_the_county_and_are_not_deferrable(table: str, definition: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s)", [table]
        )
        assert definition in {row[0] for row in cursor.fetchall()}


def test_probes_have_no_missing_migration() -> None:
    call_command("makemigrations", "probes", check=True, dry_run=True, verbosity=0)
