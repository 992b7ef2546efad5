"""Which profile is valid where, and whether its platform lets us in."""

from __future__ import annotations

from support.office import Office


def suspend(office: Office) -> None:
    with office.store() as store:
        store.write_now(
            lambda s: s.sql.suspension_set(
                s.connection,
                account="mail:acme",
                reason="401",
                secret_updated_at=s.sql.secret_get(s.connection, name="acme")["updated_at"],
                now=s.now,
            )
        )


def test_the_list_shows_the_most_specific_first_and_what_it_hides(office: Office) -> None:
    works, acme = office.json("profiles", "list")
    assert works["name"] == "works"
    assert works["scope"] == {"level": "company", "value": "732829320"}
    assert works["hides"] == ["acme"]
    assert acme["scope"] == {"level": "application", "value": ""}
    assert acme["modules"] == ["letter"]
    assert acme["credential_set_at"] is None
    assert "732829320" in office.run("profiles", "list").stdout


def test_a_test_that_succeeds_gives_0_and_lifts_the_suspension(office: Office) -> None:
    office.set_secret()
    suspend(office)
    assert office.json("profiles", "list")[0]["suspended_reason"] == "401"
    report = office.json("profiles", "test", "acme")
    assert report["ok"] is True
    assert office.json("profiles", "list")[0]["suspended_since"] is None


def test_a_test_that_fails_gives_1_and_leaves_the_suspension(office: Office) -> None:
    office.set_secret(motdepasse="wrong")
    suspend(office)
    assert office.json("profiles", "test", "acme", code=1)["ok"] is False
    assert "acme" in office.run("profiles", "test", "acme", code=1).stdout
    assert office.json("profiles", "list")[0]["suspended_since"]


def test_a_new_secret_ends_the_suspension(office: Office) -> None:
    office.set_secret(motdepasse="wrong")
    suspend(office)
    office.set_secret()
    assert office.json("profiles", "list")[0]["suspended_since"] is None


def test_an_adapter_that_fails_is_a_report_and_shows_no_secret(office: Office) -> None:
    office.set_secret(motdepasse="crash")
    report = office.json("profiles", "test", "acme", code=1)
    assert report["ok"] is False
    assert "crash" not in report["message"]


def test_without_its_secret_a_profile_cannot_be_tested_and_the_way_out_is_named(
    office: Office,
) -> None:
    told = office.run("profiles", "test", "acme", code=2).stderr
    assert "vaguemestre secrets set acme" in told


def test_an_unknown_profile_is_a_usage_error_that_names_those_that_exist(office: Office) -> None:
    assert "works" in office.run("profiles", "test", "nobody", code=2).stderr
