"""The three roles are what row-level security, migrations and backup rely on."""

import subprocess
from collections.abc import Iterator

import psycopg2
import pytest

from credit_platform.embedded import check_server
from credit_platform.embedded.binaries import installed
from credit_platform.embedded.place import DATABASE, Place, read_connection

from .conftest import Checkout, User, new_checkout, seeded_checkout
from .test_life import query


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, prepared: Place) -> Iterator[tuple[Checkout, User]]:
    made = seeded_checkout(tmp_path_factory.mktemp("roles") / "checkout", prepared)
    yield made, made.use()
    made.end()


@pytest.fixture
def user(served: tuple[Checkout, User]) -> User:
    return served[1]


def admin_of(checkout: Checkout) -> str:
    connection = read_connection(checkout.place())
    assert connection
    return connection.database_url("postgres", connection.admin_password, "postgres")


@pytest.mark.parametrize(
    ("role", "superuser", "bypass", "createdb", "createrole"),
    [
        ("credit_owner", False, False, True, False),
        ("credit_site", False, False, False, False),
        ("credit_backup", False, True, False, False),
    ],
)
def test_attributes(
    user: User, role: str, superuser: bool, bypass: bool, createdb: bool, createrole: bool
) -> None:
    found = query(
        user.site,
        f"SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = '{role}'",
    )
    assert found == [(superuser, bypass, createdb, createrole)]


def test_owner_owns_the_database_and_site_owns_nothing(user: User) -> None:
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert query(user.site, owner) == [("credit_owner",)]
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'credit_site'::regrole"
    assert query(user.owner, owned) == [(0,)]


def test_site_creates_only_temporary_tables(user: User) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(user.site, "CREATE TABLE forbidden (n int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(user.site, "CREATE SCHEMA forbidden")
    query(user.site, "CREATE TEMPORARY TABLE allowed (n int)")


def test_row_level_security_binds_owner_and_site_but_not_the_backup(user: User) -> None:
    query(user.owner, "CREATE TABLE guarded (n int)")
    query(user.owner, "INSERT INTO guarded VALUES (1)")
    query(user.owner, "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
    query(user.owner, "ALTER TABLE guarded FORCE ROW LEVEL SECURITY")
    query(user.owner, "GRANT SELECT ON guarded TO credit_site")
    assert query(user.owner, "SELECT n FROM guarded") == []
    assert query(user.site, "SELECT n FROM guarded") == []
    assert query(user.backup, "SELECT n FROM guarded") == [(1,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(user.backup, "INSERT INTO guarded VALUES (2)")
    argv = [installed().postgres / "pg_dump", "--data-only", user.backup]
    dumped = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "COPY public.guarded (n) FROM stdin;\n1\n" in dumped.stdout


def test_owner_may_set_default_privileges_and_make_a_test_database(user: User) -> None:
    query(user.owner, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO credit_site")
    query(user.owner, "CREATE TABLE later (n int)")
    assert query(user.site, "SELECT count(*) FROM later") == [(0,)]
    query(user.owner, "CREATE DATABASE test_credit")
    query(user.owner, "DROP DATABASE test_credit")


def test_setting_of_a_distributed_database_is_accepted(user: User) -> None:
    connection = psycopg2.connect(user.site, options="-c citus.propagate_set_commands=local")
    assert connection.server_version >= 170000
    connection.close()


def test_locale_encoding_and_clock(served: tuple[Checkout, User]) -> None:
    checkout, user = served
    found = query(
        user.site,
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
        "WHERE datname = current_database()",
    )
    assert found == [("b", "C.UTF-8", "UTF8")]
    assert query(user.site, "SHOW timezone") == [("UTC",)]
    assert query(user.site, "SHOW jit") == [("off",)]
    assert query(user.site, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert query(admin_of(checkout), "SHOW unix_socket_directories") == [("",)]


def test_valkey_wants_its_password(user: User) -> None:
    account, _, where = user.redis.removeprefix("redis://").partition("@")
    assert len(account) > 20
    port = int(where.partition("/")[0].partition(":")[2])
    program = (
        f"import socket\ns = socket.create_connection(('127.0.0.1', {port}))\n"
        "s.sendall(b'PING\\r\\n')\nprint(s.recv(99).decode())"
    )
    answer = subprocess.run(["python3", "-c", program], capture_output=True, text=True, check=True)
    assert "NOAUTH" in answer.stdout


def test_roles_on_another_server(served: tuple[Checkout, User]) -> None:
    """The command for a real server: here the server knows the roles already, the database is new."""
    checkout, user = served
    admin = admin_of(checkout)
    done = checkout.run(
        "-m", "credit_platform.embedded.roles", "--admin-url", admin, "--database", "credit_two"
    )
    assert done.returncode == 0, done.stderr
    urls = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert set(urls) == {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL"}
    for url in urls.values():
        check_server(url)
        assert url.endswith("/credit_two")
    query(urls["DATABASE_OWNER_URL"], "CREATE TABLE mine (n int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(urls["DATABASE_URL"], "CREATE TABLE forbidden (n int)")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(user.site, "SELECT 1")


def test_an_administrator_who_is_no_superuser(checkout: Checkout) -> None:
    checkout.use()
    admin = admin_of(checkout)
    query(admin, f"DROP DATABASE {DATABASE}")
    for role in ("credit_owner", "credit_site", "credit_backup"):
        query(admin, f"DROP ROLE {role}")
    query(admin, "CREATE ROLE manager LOGIN CREATEDB CREATEROLE BYPASSRLS PASSWORD 'manager'")
    query(admin, "GRANT pg_read_all_data TO manager WITH ADMIN OPTION")
    managed = f"postgresql://manager:manager@{admin.rpartition('@')[2]}"
    done = checkout.run("-m", "credit_platform.embedded.roles", "--admin-url", managed)
    assert done.returncode == 0, done.stderr
    url = done.stdout.splitlines()[1].partition("=")[2]
    query(url, "CREATE TABLE mine (n int)")
    refused = checkout.run("-m", "credit_platform.embedded.roles", "--admin-url", url)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1


def test_status_starts_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = new_checkout(tmp_path_factory.mktemp("status") / "checkout")
    idle = made.command("status")
    assert (idle.returncode, idle.stdout) == (3, "test: not running\n")
    made.end()
