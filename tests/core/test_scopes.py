"""The most specific profile that is valid for a declaration carries it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.platform import Platform

from vaguemestre.config import ProfileConfig, Scope
from vaguemestre.model import Declaration
from vaguemestre.scopes import NoRoute, Tie, WrongMode, choose, overview

SIREN, SIRET, OTHER = "732829320", "73282932000074", "99999999800019"


class Second(Platform):
    platform = "second"
    modules = frozenset({"other"})


ADAPTERS: dict[str, type[Any]] = {"memory": Platform, "second": Second}


def profile(name: str, platform: str = "memory", mode: Any = "real", **scope: str) -> ProfileConfig:
    return ProfileConfig(name=name, platform=platform, mode=mode, scope=Scope(**scope))


def letter(issuer: str = SIRET, test: bool = False, module: str = "letter") -> Declaration:
    return Declaration(kind="letter", module=module, issuer=issuer, company=issuer[:9], test=test)


WIDE = profile("wide")
FOLDER = profile("folder", directory="paie")
COMPANY = profile("company", company="732 829 320")
DOSSIER = profile("dossier", dossier=SIRET)


def name_of(*profiles: ProfileConfig, directory: str = "", **more: Any) -> str:
    chosen = choose(profiles, ADAPTERS, letter(**more), directory)
    assert isinstance(chosen, ProfileConfig), chosen
    return chosen.name


def test_the_most_specific_profile_wins_and_its_removal_uncovers_the_wider_one() -> None:
    everything = [WIDE, FOLDER, COMPANY, DOSSIER]
    for expected in ("dossier", "company", "folder", "wide"):
        assert name_of(*everything, directory="paie") == expected
        everything.pop()


def test_a_profile_is_not_used_outside_its_scope() -> None:
    assert name_of(WIDE, FOLDER, COMPANY, DOSSIER, issuer=OTHER, directory="paie") == "folder"
    assert name_of(WIDE, FOLDER, COMPANY, DOSSIER, issuer=OTHER) == "wide"
    found = choose([COMPANY, DOSSIER], ADAPTERS, letter(OTHER), "")
    assert isinstance(found, NoRoute)
    assert OTHER in found.reason


def test_a_module_that_no_platform_carries_has_no_route() -> None:
    found = choose([WIDE], ADAPTERS, letter(module="fctu"), "")
    assert isinstance(found, NoRoute)
    assert "fctu" in found.reason
    assert isinstance(choose([], ADAPTERS, letter(), ""), NoRoute)
    assert isinstance(choose([profile("gone", "gone")], ADAPTERS, letter(), ""), NoRoute)


def test_a_platform_only_gets_its_own_modules() -> None:
    second = profile("second", "second", dossier=SIRET)
    assert name_of(WIDE, second) == "wide"
    assert name_of(WIDE, second, module="other") == "second"


def test_a_test_file_never_goes_by_a_real_profile_nor_the_reverse() -> None:
    trial = profile("trial", mode="test", dossier=SIRET)
    assert name_of(WIDE, trial) == "wide"
    assert name_of(WIDE, trial, test=True) == "trial"
    for profiles, test, named in (([WIDE], True, "wide"), ([trial], False, "trial")):
        found = choose(profiles, ADAPTERS, letter(test=test), "")
        assert isinstance(found, WrongMode)
        assert named in found.reason


def test_equally_specific_profiles_are_a_tie_and_not_a_guess() -> None:
    found = choose([WIDE, profile("wide too")], ADAPTERS, letter(), "")
    assert isinstance(found, Tie)
    assert "wide, wide too" in found.reason
    assert name_of(WIDE, profile("wide too"), COMPANY) == "company"


def test_the_overview_says_which_profile_hides_which() -> None:
    foreign = profile("foreign", company="111111111")
    trial = profile("trial", mode="test")
    places = overview([WIDE, FOLDER, COMPANY, foreign, DOSSIER, trial], ADAPTERS)
    hidden = {place.profile.name: place.hides for place in places}
    assert hidden["dossier"] == ("wide", "folder", "company")
    assert hidden["company"] == ("wide", "folder")
    assert hidden["folder"] == ("wide",)
    assert hidden["wide"] == hidden["trial"] == ()
    assert [p.value for p in places][:2] == [SIRET, "111111111"]


scopes = st.sampled_from(
    [Scope(), Scope(directory="paie"), Scope(company=SIREN), Scope(dossier=SIRET)]
)
profiles_ = st.lists(
    st.builds(
        ProfileConfig,
        name=st.sampled_from("abcdef"),
        platform=st.sampled_from(["memory", "second"]),
        mode=st.sampled_from(["real", "test"]),
        scope=scopes,
    ),
    max_size=6,
)


@given(profiles_, st.booleans(), st.sampled_from(["letter", "other"]), st.randoms())
def test_the_choice_does_not_depend_on_the_order_in_the_file(
    profiles: list[ProfileConfig], test: bool, module: str, random: Any
) -> None:
    declaration = letter(test=test, module=module)
    chosen = choose(profiles, ADAPTERS, declaration, "paie")
    if isinstance(chosen, ProfileConfig):
        assert chosen.mode == ("test" if test else "real")
        assert module in ADAPTERS[chosen.platform].modules
    mixed = list(profiles)
    random.shuffle(mixed)
    again = choose(mixed, ADAPTERS, declaration, "paie")
    assert type(again) is type(chosen)
    if isinstance(chosen, ProfileConfig):
        assert again == chosen
