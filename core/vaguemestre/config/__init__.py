"""The configuration of a deployment: one TOML file, all of whose mistakes are found at once.

`load` gives the frozen `Configuration` or raises with every mistake; `check` gives the mistakes
themselves. What plugins own (an adapter's settings, a notifier's) is decoded into their Structs,
so whether a file is right depends on the plugins that are installed.
"""

from vaguemestre.config.loading import build_profile, check, load
from vaguemestre.config.problems import Problem
from vaguemestre.config.schema import (
    Activation,
    Configuration,
    InboxConfig,
    LogConfig,
    NotifierConfig,
    Outbox,
    ProfileConfig,
    Scope,
    StoreConfig,
    VaultConfig,
)
from vaguemestre.config.show import show, to_toml

__all__ = [
    "Activation",
    "Configuration",
    "InboxConfig",
    "LogConfig",
    "NotifierConfig",
    "Outbox",
    "Problem",
    "ProfileConfig",
    "Scope",
    "StoreConfig",
    "VaultConfig",
    "build_profile",
    "check",
    "load",
    "show",
    "to_toml",
]
