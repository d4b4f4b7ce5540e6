"""Signing in, the four roles, and what an administrator may change."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from annotations.accounts.demo import DEMO_ACCOUNTS, ensure_demo_accounts
from annotations.accounts.models import Role, User
from annotations.accounts.services import create_user
from annotations.models import AuditRecord
from petreview.startup import refuse_unsafe_start

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase"


def make(name: str, *roles: str) -> User:
    return create_user(by=None, username=name, password=PASSWORD, roles=roles)


def signed_in(name: str, *roles: str) -> Client:
    client = Client()
    client.force_login(make(name, *roles))
    return client


def post(client: Client, path: str, body: object, **extra: str):
    return client.post(path, json.dumps(body), content_type="application/json", **extra)


def test_a_stranger_gets_a_session_without_a_user_and_401_elsewhere() -> None:
    client = Client()
    assert client.get("/api/session/").json()["user"] is None
    answer = client.get("/api/users/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_sign_in_needs_the_right_password() -> None:
    make("ada", Role.READER)
    answer = post(Client(), "/api/session/", {"username": "ada", "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    client = Client()
    assert post(client, "/api/session/", {"username": "ada", "password": PASSWORD}).status_code == 200
    assert client.get("/api/session/").json()["user"]["roles"] == ["reader"]
    assert client.delete("/api/session/").status_code == 204
    assert client.get("/api/session/").json()["user"] is None


def test_sign_in_without_the_csrf_token_is_refused() -> None:
    make("ada", Role.READER)
    client = Client(enforce_csrf_checks=True)
    body = {"username": "ada", "password": PASSWORD}
    assert post(client, "/api/session/", body).status_code == 403
    token = client.get("/api/session/").json()["csrf_token"]
    assert post(client, "/api/session/", body, HTTP_X_CSRFTOKEN=token).status_code == 200


def test_a_switched_off_account_cannot_sign_in() -> None:
    user = make("ada", Role.READER)
    user.is_active = False
    user.save()
    assert post(Client(), "/api/session/", {"username": "ada", "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize("role", [Role.READER, Role.COORDINATOR, Role.DATA_MANAGER])
def test_only_administrators_see_the_accounts(role: Role) -> None:
    answer = signed_in("x", role).get("/api/users/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_an_administrator_makes_and_changes_an_account_and_it_is_audited() -> None:
    client = signed_in("root", Role.ADMINISTRATOR)
    made = post(client, "/api/users/", {"username": "ada", "password": PASSWORD, "roles": ["reader"]})
    assert made.status_code == 201
    path = f"/api/users/{made.json()['id']}/"
    changed = client.patch(path, json.dumps({"roles": ["coordinator"]}), content_type="application/json")
    assert changed.json()["roles"] == ["coordinator"]
    record = AuditRecord.objects.get(action="user_changed")
    assert (record.actor_name, record.old["roles"], record.new["roles"]) == (
        "root",
        ["reader"],
        ["coordinator"],
    )


def test_a_taken_name_and_a_weak_password_are_refused_by_name() -> None:
    client = signed_in("root", Role.ADMINISTRATOR)
    taken = post(client, "/api/users/", {"username": "ROOT", "password": PASSWORD, "roles": []})
    assert (taken.status_code, taken.json()["code"]) == (409, "user_name_taken")
    weak = post(client, "/api/users/", {"username": "ada", "password": "short", "roles": []})
    assert (weak.status_code, weak.json()["code"]) == (400, "weak_password")


def test_the_last_administrator_stays() -> None:
    client = signed_in("root", Role.ADMINISTRATOR)
    root = User.objects.get(username="root")
    answer = client.patch(
        f"/api/users/{root.pk}/", json.dumps({"is_active": False}), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    root.refresh_from_db()
    assert root.is_active


def test_coordinators_list_readers_and_nobody_else() -> None:
    make("ada", Role.READER)
    make("bob", Role.DATA_MANAGER)
    names = [reader["username"] for reader in signed_in("carl", Role.COORDINATOR).get("/api/readers/").json()]
    assert names == ["ada"]


def test_demo_accounts_stop_a_production_start_and_are_fine_in_the_demo(settings) -> None:
    ensure_demo_accounts()
    ensure_demo_accounts()
    assert User.objects.filter(is_demo=True).count() == len(DEMO_ACCOUNTS)
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="demo accounts"):
        refuse_unsafe_start()
    settings.DEMO = True
    refuse_unsafe_start()


def test_debug_and_open_hosts_stop_a_production_start(settings) -> None:
    settings.DEMO, settings.DEBUG, settings.ALLOWED_HOSTS = False, True, ["*"]
    with pytest.raises(ImproperlyConfigured, match=r"PETREVIEW_DEBUG.*ALLOWED_HOSTS"):
        refuse_unsafe_start()


def test_a_demo_never_listens_to_other_computers(settings) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["petreview.example.org"]
    with pytest.raises(ImproperlyConfigured, match="this computer only"):
        refuse_unsafe_start()


def test_demo_passwords_are_never_told_outside_the_demo(settings) -> None:
    settings.DEMO = False
    assert Client().get("/api/session/").json()["accounts"] == []
