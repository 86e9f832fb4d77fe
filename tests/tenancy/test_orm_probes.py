"""What Django, its forms and the libraries around it do with tenant models (a Django upgrade must not break it).

Every test acts in one county while another one holds rows of the same kind; the guard in `tests/conftest.py` fails
a test whose SQL does not name the county on both sides of a join, so the results are what is asserted here, and the
SQL itself only where it is the point.
"""

import pickle
import uuid
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.db import DatabaseError, IntegrityError, ProgrammingError, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Window, functions
from django.http import Http404
from django.shortcuts import get_object_or_404

from credit_platform.tenancy.context import acting
from tests.probes.models import Archive, Entry, Person
from tests.tenancy.conftest import Rows
from tests.tenancy.query_guard import not_guarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("foreign")]

DELETES_BY_ID = "Django's collector deletes by id alone; the product deletes no tenant rows"


def new_hash() -> str:
    return uuid.uuid4().hex


def both_sides(statement: str, *aliases: str) -> bool:
    """Whether a join compares the jurisdictions of two aliases."""
    left, right = (f'{alias}."jurisdiction_id"' for alias in aliases)
    return f"{left} = {right}" in statement or f"{right} = {left}" in statement


# --- one row ---------------------------------------------------------------------------------------------------------


def test_create_takes_one_query(own: Rows, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        made = Person.objects.create(name="x", id_hash=new_hash())
    with django_assert_num_queries(1):
        Person(name="x", id_hash=new_hash()).save()
    assert made.jurisdiction_id == own.person.jurisdiction_id


def test_get_by_id_and_pk(own: Rows, foreign: Rows) -> None:
    assert Person.objects.get(id=own.person.id) == Person.objects.get(pk=own.person.pk) == own.person
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=foreign.person.pk)


def test_save_updates_one_row_and_never_the_county(own: Rows, queries: Any) -> None:
    own.person.name = "y"
    with queries() as captured:
        own.person.save()
    (statement,) = (query["sql"] for query in captured)
    assignments, condition = statement.split(" WHERE ")
    assert statement.startswith("UPDATE")
    assert "jurisdiction_id" not in assignments
    assert f'"probes_person"."jurisdiction_id" = {own.person.jurisdiction_id}' in condition
    own.person.refresh_from_db()
    assert own.person.name == "y"


def test_row_of_another_county_cannot_be_saved_or_refreshed(foreign: Rows, own: Rows) -> None:
    foreign.person.name = "stolen"
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        foreign.person.save()
    with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
        foreign.person.save(update_fields=["name"])
    with pytest.raises(Person.DoesNotExist):
        foreign.person.refresh_from_db()


def test_county_of_a_row_cannot_be_changed(foreign: Rows, own: Rows) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Person.objects.filter(id=own.person.id).update(jurisdiction_id=foreign.person.jurisdiction_id)
    own.person.refresh_from_db()
    assert own.person.jurisdiction_id != foreign.person.jurisdiction_id


def test_insert_into_another_county_is_refused(foreign: Rows, own: Rows) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Person.objects.create(jurisdiction_id=foreign.person.jurisdiction_id, name="x", id_hash=new_hash())
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Person.objects.bulk_create(
            [Person(jurisdiction_id=foreign.person.jurisdiction_id, name="x", id_hash=new_hash())]
        )


def test_update_or_create(own: Rows) -> None:
    updated, made = Person.objects.update_or_create(id=own.person.id, defaults={"name": "u"})
    assert (updated, made, updated.name) == (own.person, False, "u")


def test_get_or_create_does_not_find_another_countys_row(foreign: Rows, own: Rows) -> None:
    twin, made = Person.objects.get_or_create(id_hash=foreign.person.id_hash, defaults={"name": "t"})
    assert made
    assert twin.jurisdiction_id == own.person.jurisdiction_id


def test_get_object_or_404_of_a_foreign_row(own: Rows, foreign: Rows) -> None:
    assert get_object_or_404(Archive, id=own.archive.id) == own.archive
    with pytest.raises(Http404):
        get_object_or_404(Archive, id=foreign.archive.id)


def test_defer_and_only(own: Rows) -> None:
    lazy = Archive.objects.only("status").get(id=own.archive.id)
    assert lazy.person_id == own.person.id
    assert Archive.objects.defer("status").get(id=own.archive.id).status == "draft"


def test_contains(own: Rows, foreign: Rows) -> None:
    assert Person.objects.all().contains(own.person)
    assert not Person.objects.all().contains(foreign.person)


def test_pickle(own: Rows) -> None:
    assert pickle.loads(pickle.dumps(own.archive)).person_id == own.person.id
    again = pickle.loads(pickle.dumps(Archive.objects.all()))
    assert list(again) == [own.archive]


# --- following references ----------------------------------------------------------------------------------------


def test_select_related_joins_within_the_county(own: Rows, queries: Any) -> None:
    with queries() as captured:
        (entry,) = Entry.objects.select_related("archive__person")
        assert entry.archive.person == own.person
    (statement,) = (query["sql"] for query in captured)
    assert both_sides(statement, '"probes_entry"', '"probes_archive"')
    assert both_sides(statement, '"probes_archive"', '"probes_person"')


def test_outer_join_of_a_nullable_reference(own: Rows, queries: Any) -> None:
    with queries() as captured:
        (entry,) = Entry.objects.select_related("second")
    assert entry.second is None
    assert "LEFT OUTER JOIN" in captured[0]["sql"]
    assert both_sides(captured[0]["sql"], '"probes_entry"', '"probes_archive"')


def test_reference_from_an_instance(own: Rows, queries: Any) -> None:
    entry = Entry.objects.get(id=own.entry.id)
    with queries() as captured:
        assert entry.archive.person == own.person
    assert [query["sql"].count('jurisdiction_id" = ') for query in captured] == [2, 2]


def test_reference_to_another_countys_row_leads_nowhere(own: Rows, foreign: Rows) -> None:
    own.entry.archive_id = foreign.archive.id
    with pytest.raises(Archive.DoesNotExist):
        _ = own.entry.archive


def test_prefetch(own: Rows, queries: Any) -> None:
    with queries() as captured:
        (person,) = Person.objects.prefetch_related("archives__entries")
        found = [(archive, list(archive.entries.all())) for archive in person.archives.all()]
    assert found == [(own.archive, [own.entry])]
    assert len(captured) == 3
    (entry,) = Entry.objects.prefetch_related("archive__person")
    assert entry.archive.person == own.person


def test_prefetch_with_a_queryset(own: Rows) -> None:
    sealed = Prefetch("archives", Archive.objects.filter(status="sealed"), to_attr="sealed")
    (person,) = Person.objects.prefetch_related(sealed)
    assert person.sealed == []


def test_reverse_manager(own: Rows) -> None:
    assert own.person.archives.count() == 1
    assert own.person.archives.filter(status="draft").exists()
    made = own.person.archives.create(status="z")
    assert made.jurisdiction_id == own.person.jurisdiction_id
    assert own.person.archives.count() == 2


def test_reverse_manager_of_another_countys_instance_is_empty(own: Rows, foreign: Rows) -> None:
    assert list(foreign.person.archives.all()) == []


def test_assigning_none_keeps_the_county(own: Rows) -> None:
    archive = Archive.objects.create(person=own.person, previous=own.archive)
    archive.previous = None
    archive.save()
    archive.refresh_from_db()
    assert (archive.jurisdiction_id, archive.previous_id) == (own.person.jurisdiction_id, None)


def test_saving_with_a_plain_id_and_with_a_new_parent(own: Rows) -> None:
    plain = Archive(person_id=own.person.id)
    plain.save()
    assert plain.person.name == "张三"
    parent = Person(name="u", id_hash=new_hash())
    child = Archive(person=parent)
    parent.save()
    child.save()
    assert Archive.objects.get(id=child.id).person == parent


@pytest.mark.parametrize("by", ["instance", "id"])
def test_reference_into_another_county_is_refused(own: Rows, foreign: Rows, by: str) -> None:
    """The constraint is not deferrable, so the statement itself fails."""
    parent = {"person": foreign.person} if by == "instance" else {"person_id": foreign.person.id}
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        Archive.objects.create(**parent)
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        Archive.objects.filter(id=own.archive.id).update(person_id=foreign.person.id)


# --- many rows -------------------------------------------------------------------------------------------------------


def test_filter_across_references(own: Rows) -> None:
    assert list(Person.objects.filter(archives__entries__n=0)) == [own.person]
    assert list(Archive.objects.filter(person__name__startswith="张")) == [own.archive]
    assert not Archive.objects.filter(person__name="李四").exists()
    assert list(Archive.objects.filter(person=own.person)) == [own.archive]
    assert list(Archive.objects.filter(person_id=own.person.id)) == [own.archive]


def test_filter_by_another_countys_instance_finds_nothing(own: Rows, foreign: Rows) -> None:
    assert not Archive.objects.filter(person=foreign.person).exists()
    assert not Archive.objects.filter(jurisdiction_id=foreign.person.jurisdiction_id).exists()


def test_exclude_over_a_multi_valued_reference(own: Rows, queries: Any) -> None:
    with queries() as captured:
        assert list(Person.objects.exclude(archives__status="sealed")) == [own.person]
        assert list(Person.objects.exclude(archives__status="draft")) == []
        assert list(Person.objects.exclude(archives__entries__n=0)) == []
    for query in captured:
        _, inner = query["sql"].split("EXISTS(")
        assert '"jurisdiction_id" = (' in inner


def test_distinct_join_and_condition_with_or(own: Rows) -> None:
    drafts = Person.objects.filter(archives__status="draft").distinct()
    assert drafts.count() == 1
    either = Person.objects.filter(Q(archives__status="draft") | Q(name="nobody"))
    assert list(either) == [own.person]
    assert list(Person.objects.filter(name="张三") | Person.objects.filter(name="李四")) == [own.person]


def test_counting(own: Rows) -> None:
    assert Person.objects.count() == 1
    assert Person.objects.aggregate(n=Count("pk")) == {"n": 1}
    assert list(Person.objects.annotate(n=Count("archives")).values_list("n", flat=True)) == [1]
    (counted,) = Person.objects.annotate(n=Count("archives"))
    assert (counted.name, counted.n) == ("张三", 1)


def test_group_by_reference(own: Rows) -> None:
    rows = Archive.objects.values("person").annotate(n=Count("id"))
    assert list(rows) == [{"person": own.person.id, "n": 1}]


def test_window(own: Rows) -> None:
    Archive.objects.create(person=own.person)
    row = Window(functions.RowNumber(), partition_by=[F("person")], order_by="id")
    assert [archive.row for archive in Archive.objects.annotate(row=row)] == [1, 2]


def test_exists_outer_ref_and_subqueries(own: Rows, queries: Any) -> None:
    of_person = Archive.objects.filter(person=OuterRef("pk"))
    with queries() as captured:
        assert list(Person.objects.filter(Exists(of_person))) == [own.person]
    _, inner = captured[0]["sql"].split("EXISTS(")
    assert 'U0."jurisdiction_id" = ' in inner
    assert list(Archive.objects.filter(person__in=Person.objects.filter(name="张三"))) == [own.archive]
    assert list(Archive.objects.filter(person__in=Person.objects.filter(name="李四"))) == []
    (annotated,) = Person.objects.annotate(status=Subquery(of_person.values("status")[:1]))
    assert annotated.status == "draft"


def test_values_ordering_keyset_and_slices(own: Rows) -> None:
    assert list(Archive.objects.values("person", "person__name")) == [
        {"person": own.person.id, "person__name": "张三"}
    ]
    assert list(Person.objects.order_by("-pk")[:2]) == [own.person]
    assert list(Person.objects.filter(id__gt=uuid.UUID(int=0)).order_by("id")[:2]) == [own.person]
    assert Paginator(Person.objects.order_by("id"), 1).page(1).object_list[0] == own.person


def test_in_bulk(own: Rows, foreign: Rows) -> None:
    assert Person.objects.in_bulk([own.person.pk, foreign.person.pk]) == {own.person.pk: own.person}


def test_union_and_iterator(own: Rows) -> None:
    both = Person.objects.filter(name="张三").union(Person.objects.filter(name="李四"))
    assert list(both) == [own.person]
    assert list(Archive.objects.select_related("person").iterator(chunk_size=2)) == [own.archive]


def test_select_for_update_of_one_side(own: Rows, queries: Any) -> None:
    locked = Archive.objects.select_for_update(of=("self",), skip_locked=True).select_related("person")
    with queries() as captured:
        assert list(locked) == [own.archive]
    assert captured[0]["sql"].endswith('FOR UPDATE OF "probes_archive" SKIP LOCKED')


def test_raw_sees_only_the_county(own: Rows) -> None:
    with not_guarded("raw SQL that forgets the county is stopped by the second wall"):
        assert list(Person.objects.raw("SELECT * FROM probes_person")) == [own.person]


def test_bulk_create_and_bulk_update(own: Rows, queries: Any) -> None:
    made = Person.objects.bulk_create([Person(name="b", id_hash=new_hash()) for _ in range(5)], batch_size=2)
    assert {person.jurisdiction_id for person in made} == {own.person.jurisdiction_id}
    for person in made:
        person.name = "c"
    assert Person.objects.bulk_update(made, ["name"]) == 5
    assert Person.objects.filter(name="c").count() == 5


@pytest.mark.parametrize("key", ["id", "id_hash"])
def test_upsert(own: Rows, key: str) -> None:
    again = Person(name="upserted", id_hash=own.person.id_hash)
    again.id = own.person.id
    Person.objects.bulk_create(
        [again], update_conflicts=True, unique_fields=["jurisdiction", key], update_fields=["name"]
    )
    own.person.refresh_from_db()
    assert (own.person.name, Person.objects.count()) == ("upserted", 1)


def test_update_through_a_join(own: Rows, foreign: Rows, there: Any) -> None:
    assert Person.objects.filter(archives__status="draft").update(name="w") == 1
    with acting(there.pk, "office"):
        assert Person.objects.get().name == "李四"


# --- deleting (the probes' tables alone allow it) --------------------------------------------------------------------


def test_cascade(own: Rows, there: Any) -> None:
    with not_guarded(DELETES_BY_ID):
        assert own.archive.delete() == (2, {"probes.Entry": 1, "probes.Archive": 1})
    assert not Entry.objects.exists()
    with acting(there.pk, "office"):
        assert Entry.objects.count() == 1


def test_foreign_instance_cannot_be_deleted(own: Rows, foreign: Rows, there: Any) -> None:
    with not_guarded(DELETES_BY_ID):
        assert foreign.entry.delete() == (0, {"probes.Entry": 0})
    with acting(there.pk, "office"):
        assert Entry.objects.count() == 1


def test_protect(own: Rows) -> None:
    with pytest.raises(models.ProtectedError):
        own.person.delete()


def test_set_null(own: Rows) -> None:
    following = Archive.objects.create(person=own.person, previous=own.archive)
    with not_guarded(DELETES_BY_ID):
        own.archive.delete()
    following.refresh_from_db()
    assert (following.jurisdiction_id, following.previous_id) == (own.person.jurisdiction_id, None)


def test_delete_through_a_join(own: Rows) -> None:
    with not_guarded(DELETES_BY_ID):
        assert Entry.objects.filter(archive__person__name="李四").delete() == (0, {})
        assert Entry.objects.filter(archive__person__name="张三").delete() == (1, {"probes.Entry": 1})
