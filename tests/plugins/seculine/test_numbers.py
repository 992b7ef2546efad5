"""Which insured numbers are taken for right."""

from __future__ import annotations

from datetime import date

import pytest

from vaguemestre_seculine.numbers import birth_is_plausible, insured, insured_is_valid, masked

#: Numbers that the CCSS itself publishes, or that are known to be valid.
VALID = (
    "1990093012358",
    "1993102814564",
    "2001120308757",
    "1979122003208",
    "1966051507682",
    "1893120105732",
)


@pytest.mark.parametrize("number", VALID)
def test_a_known_number_passes(number: str) -> None:
    assert insured_is_valid(number)
    assert birth_is_plausible(number, date(2026, 11, 23))


@pytest.mark.parametrize("number", VALID)
def test_each_change_of_one_digit_is_noticed(number: str) -> None:
    for place in range(13):
        for digit in "0123456789":
            changed = number[:place] + digit + number[place + 1 :]
            assert insured_is_valid(changed) == (changed == number)


@pytest.mark.parametrize(
    "number", ["", "199009301235", "19900930123580", "199009301235A", "١" * 13]
)
def test_what_has_not_thirteen_digits_fails(number: str) -> None:
    assert not insured_is_valid(number)


def test_made_numbers_pass() -> None:
    assert all(insured_is_valid(insured(date(1984, 2, 29), order)) for order in range(1000))


@pytest.mark.parametrize("number", ["1990133012358", "2199093012358", "1790093012358"])
def test_a_date_on_which_nobody_is_born_is_noticed(number: str) -> None:
    assert not birth_is_plausible(number, date(2026, 11, 23))


def test_a_number_is_shown_by_its_last_digits_only() -> None:
    assert masked("1990093012358") == "**********358"
    assert masked("19900930123") == "***********"
    assert masked("Dupont") == "******"
