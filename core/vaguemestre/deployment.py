"""An open deployment: configuration, plugins, store and vault, as daemon and commands use them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from vaguemestre.clock import Clock, utc_now
from vaguemestre.config import Configuration, Outbox, ProfileConfig, build_profile, load
from vaguemestre.contracts import Autocontrol
from vaguemestre.errors import ConfigurationError
from vaguemestre.examination import controls_of
from vaguemestre.locale import _, set_language
from vaguemestre.model import Credential, Profile
from vaguemestre.plugins import Registry
from vaguemestre.redaction import register_credential
from vaguemestre.store.engine import Store
from vaguemestre.vault import Vault


class Deployment:
    """What a deployment's parts share. Made by `Deployment.open`, closed by `close` or `with`."""

    def __init__(
        self, config: Configuration, registry: Registry, store: Store, clock: Clock
    ) -> None:
        self.config = config
        self.registry = registry
        self.store = store
        self.clock = clock
        self._vault: Vault | None = None

    @classmethod
    def open(cls, file: Path, registry: Registry, clock: Clock = utc_now) -> Deployment:
        """Load the configuration, set the language, open the store.

        Raises ConfigurationError or StoreError, both with what to do.
        """
        config = load(file, registry)
        set_language(config.locale)
        return cls(config, registry, Store.open(config.store.path, clock), clock)

    def __enter__(self) -> Deployment:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    @property
    def vault(self) -> Vault:
        if self._vault is None:
            self._vault = Vault.from_config(self.config.vault)
        return self._vault

    @cached_property
    def controls(self) -> list[Autocontrol]:
        """The controls that the configuration asks for."""
        return controls_of(self.registry, self.config)

    def outbox(self, name: str) -> Outbox | None:
        return next((o for o in self.config.outbox if o.name == name), None)

    def profile(self, name: str) -> ProfileConfig | None:
        return next((p for p in self.config.profile if p.name == name), None)

    def credential(self, name: str) -> tuple[Credential, str]:
        """The opened vault entry and when it was set. Blocking; raises ConfigurationError."""
        row = self.store.read_now(lambda s: s.sql.secret_get(s.connection, name=name))
        if row is None:
            raise ConfigurationError(
                _(
                    "there is no secret named {name}; set it with: vaguemestre secrets set {name}"
                ).format(name=name)
            )
        credential = self.vault.open(name, row["sealed"])
        register_credential(credential)
        return credential, row["updated_at"]

    def account_of(self, profile: ProfileConfig) -> str:
        """The account at the platform that the profile uses. Profiles share one when they have the
        same credential at the same endpoint; what is at another endpoint is another account. What
        is exclusive, or is not signed in to at all, is one account at the same place."""
        adapter = self.registry.adapters[profile.platform]
        endpoint = adapter.endpoint
        alone = adapter.exclusive or not profile.credential
        if alone and (place := endpoint(profile.settings)):
            return f"{profile.platform}@{place}"
        name = f"{profile.platform}:{profile.credential or profile.name}"
        for other in self.config.profile:
            same = (other.platform, other.credential) == (profile.platform, profile.credential)
            if same and (profile.credential or other.name == profile.name):
                # The first one has the plain name: a second profile changes nothing for it.
                here, first = endpoint(profile.settings), endpoint(other.settings)
                return name if here == first else f"{name}@{here}"
        return name

    def build_profile(self, profile: ProfileConfig) -> tuple[Profile, str]:
        """The profile as its adapter receives it, and when its secret was set. Blocking."""
        if profile.credential:
            credential, since = self.credential(profile.credential)
        else:
            credential, since = Credential(name="", fields={}), ""
        wanted = self.registry.adapters[profile.platform].needs(profile.settings)
        missing = [f for f in wanted if not credential.fields.get(f)]
        if missing:
            raise ConfigurationError(
                _(
                    "the secret {name} lacks {fields}; set it again with: vaguemestre secrets set "
                    "{name}"
                ).format(name=profile.credential, fields=", ".join(missing))
            )
        return build_profile(self.config, profile, credential, self.registry), since
