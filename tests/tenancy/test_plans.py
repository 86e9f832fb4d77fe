"""Plans that were made for an empty table, and what is done about them."""

import pytest
from django.db import connection, transaction

from credit_platform.tenancy.plans import plan_anew


@pytest.mark.django_db
def test_a_plan_for_an_empty_table_stays_until_it_is_made_anew() -> None:
    with transaction.atomic(), connection.cursor() as cursor:

        def plan() -> list[tuple[str]]:
            cursor.execute("EXPLAIN EXECUTE look(1)")
            found: list[tuple[str]] = cursor.fetchall()
            return found

        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("CREATE TEMPORARY TABLE filled (key int) ON COMMIT DROP")
        cursor.execute("PREPARE look AS SELECT 1 FROM filled WHERE key = $1")
        empty = plan()
        cursor.execute("INSERT INTO filled SELECT generate_series(1, 20000)")
        assert plan() == empty  # what the keys of an import are checked by, as long as nobody analyses
        plan_anew()
        assert plan() != empty
        cursor.execute("DEALLOCATE look")
