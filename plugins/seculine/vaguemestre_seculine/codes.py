"""The reject codes of the CCSS, by type of answer, with what people are told.

Source: the CCSS' descriptions of the SECUline files. A code that is not here is told as unknown.
"""

from __future__ import annotations

from vaguemestre_seculine.texts import N_, _

_INSURED = N_("the insured number is wrong")
_EMPLOYER = N_("the employer number is wrong")
_COUNTRY = N_("the country of residence is wrong")
_POSTCODE = N_("the postcode is missing or wrong")
_TOWN = N_("the town is missing")
_OCCUPATION = N_("the occupation is missing or wrong")
_ISCO = N_("the ISCO-08 code of the occupation is wrong")
_SCHEME = N_("the insurance scheme is wrong")
_WEEK = N_("the hours per week are wrong")
_CONTRACT = N_("the type of contract is wrong")
_ENTRY = N_("the date of entry is wrong")
_EXIT = N_("the date of exit is wrong")
_EXIT_FIRST = N_("the exit lies before the entry")
_PLACE_COUNTRY = N_("the country of the place of work is wrong")
_PREVIOUS_ENTRY = N_("the previous date of entry is wrong")
_PREVIOUS_EXIT = N_("the previous date of exit is wrong")
_MISMATCH = N_("contract and insurance scheme do not go together")
_FORMAT = N_("the format of the record is wrong")

CODES: dict[str, dict[int, str]] = {
    "AFFRET": {
        1: _INSURED,
        2: _EMPLOYER,
        3: _COUNTRY,
        4: N_("the postcode is missing"),
        5: _TOWN,
        6: _OCCUPATION,
        7: _ISCO,
        8: _SCHEME,
        9: _WEEK,
        10: _CONTRACT,
        11: _ENTRY,
        12: _EXIT,
        13: _EXIT_FIRST,
        14: N_("the end of the trial period is wrong"),
        15: N_("the trial period is longer than a year"),
        16: N_("the trial period ends before the entry"),
        17: N_("the trial period ends after the exit"),
        18: N_("the date of exit is mandatory for the codes E, S, D and O"),
        19: _PLACE_COUNTRY,
        20: N_("the postcode of the place of work is wrong"),
        21: N_("the town of the place of work is wrong"),
        22: N_("the percentage of shares is wrong"),
        23: _PREVIOUS_ENTRY,
        24: _PREVIOUS_EXIT,
        25: N_("a permanent contract has a date of end"),
        26: N_("an end of trial period is given for the code E"),
        27: N_("the reason for the exit is wrong"),
        28: _MISMATCH,
        29: N_("the control field does not fit the record"),
        99: _FORMAT,
    },
    "SALRET": {
        1: N_("the same person, employer and month is declared more than once"),
        2: _EMPLOYER,
        3: _INSURED,
        4: N_("a field that must be a number is none"),
        5: N_("the month is wrong"),
        6: N_("this kind of declaration was abolished"),
        7: N_("unemployment hours are declared without an amount"),
        8: N_("overtime hours are declared without an amount"),
        9: N_("the month lies in the future"),
        10: N_("a non-pensionable supplement is declared for somebody who is no civil servant"),
        11: N_("more than 372 hours are declared"),
        12: N_("the month lies before 2019"),
        13: N_("seven minimum wages are marked as reached, but the wage is lower"),
        14: N_("the person was not affiliated after one month of waiting: declare the entry first"),
        99: _FORMAT,
    },
    "MALRET": {
        1: N_("the record type is wrong"),
        2: _INSURED,
        3: _EMPLOYER,
        4: N_("the month is wrong"),
        5: N_("the first day is wrong"),
        6: N_("the last day is wrong"),
        7: N_("the kind of incapacity is wrong"),
        8: N_("the last day lies before the first one"),
        9: N_("the period lies in the future"),
        10: N_("the hours are wrong"),
        11: N_("the person is not affiliated in this period: declare the entry first"),
        12: N_("the person is a civil servant or self-employed"),
        13: N_("the person is affiliated in another period"),
        14: N_("more than 12 hours a day are declared"),
        15: N_("the period is longer, or longer ago, than three years"),
        16: N_("the days do not lie in the declared month"),
    },
    "INTRET": {
        1: _INSURED,
        2: _EMPLOYER,
        3: N_("the number of the user company is wrong"),
        4: _ENTRY,
        5: _EXIT,
        6: _ISCO,
        7: _SCHEME,
        8: N_("the place of work is incomplete"),
        9: _WEEK,
        10: N_("the date of the change is wrong"),
        11: _EXIT_FIRST,
        12: _PLACE_COUNTRY,
        13: _PREVIOUS_ENTRY,
        14: _PREVIOUS_EXIT,
        15: _OCCUPATION,
        16: _COUNTRY,
        17: _POSTCODE,
        18: _TOWN,
        19: _MISMATCH,
        20: _CONTRACT,
        21: N_("the user company is the temporary work agency itself"),
        22: N_("the postcode holds the country"),
    },
    "UTIRET": {1: N_("the country is wrong"), 2: _POSTCODE},
}


def reason(kind: str, code: int) -> str:
    """What the code means, as half a sentence; that it is unknown, if nobody knows it."""
    text = CODES.get(kind, {}).get(code)
    return _(text) if text else _("the CCSS gives a reason that is not documented")
