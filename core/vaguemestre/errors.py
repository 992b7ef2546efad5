"""Whose fault it is, as a type.

Every error that crosses a boundary of the core is one of these. What to do next follows from the
type alone: fix the configuration, correct the declaration, try again later, or look the deposit up
before anything else. Messages are for people: what, where and what to do; never a secret, never
personal data.
"""

from __future__ import annotations


class VaguemestreError(Exception):
    """Base of all errors that the product raises on purpose."""


class ConfigurationError(VaguemestreError):
    """The deployment is wrong: a setting, a secret, a folder. A person must change it."""


class StoreError(VaguemestreError):
    """The store cannot be used: held by another daemon, newer than this program, damaged."""


class DeclarationError(VaguemestreError):
    """The file cannot be what it claims to be. The payroll software must produce it again."""


class PlatformRefusal(VaguemestreError):
    """The platform understood a request other than a deposit, and refused it for good."""


class NoEffect(VaguemestreError):
    """An attempt ended, and the platform certainly recorded nothing.

    `retry_after`: seconds that the platform asked to wait, or None for the core's own backoff.
    `permanent`: trying again the same bytes cannot help; the deposit becomes `failed`.
    `resting`: nothing is wrong, it is only not the time (hours of rest, in use by somebody else):
    no failure that counts.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        permanent: bool = False,
        resting: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.permanent = permanent
        self.resting = resting


class CredentialRefused(NoEffect):
    """The platform refused the credential itself (password, enrolment, blocked account).

    The core suspends the credential at once and tells a person: one more try could block the
    account. The deposit stays ready.
    """


class OutcomeUnknown(VaguemestreError):
    """Bytes may have reached the platform and no answer proves what became of them.

    Also the right error for anything unexpected after the first byte left.
    """
