"""What a plugin's command may know of the deployment that it is called for."""

from __future__ import annotations

from vaguemestre.model import Credential, Profile


def configured_profiles(platform: str) -> list[Profile]:
    """The profiles of `platform`, as adapters receive them, but without their credential.

    Only inside a command: the configuration is the one named by `-c`. Raises ConfigurationError.
    """
    import click

    from vaguemestre.cli.site import Site
    from vaguemestre.config import build_profile

    site = click.get_current_context().ensure_object(Site)
    config = site.configuration()
    nobody = Credential(name="", fields={})
    return [
        build_profile(config, profile, nobody, site.registry)
        for profile in config.profile
        if profile.platform == platform
    ]
