"""Scopes: which there are, and which of them are a tenant's."""

from orchestrator.tenancy.scopes import SCOPES, TENANT_SCOPES, in_order


def test_a_tenant_has_all_scopes_but_the_houses() -> None:
    assert set(SCOPES) - set(TENANT_SCOPES) == {"ops"}


def test_scopes_stand_once_each_in_one_order_and_other_words_not_at_all() -> None:
    assert in_order(["ops", "read", "submit", "read", "root"]) == ("submit", "read", "ops")
