"""Seals and opens secrets: AES-256-GCM, a data key for each entry, wrapped by the master key.

A sealed entry is bound to its name, so that one cannot be put in the place of another. Sealed bytes
are kept by the store; where the master key comes from is `vault_keys.py`. Rotation wraps the data
keys again and leaves the sealed fields as they are.

    VMV1 | key id (8) | nonce (12) | wrapped data key (32 + 16) | nonce (12) | fields (n + 16)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from vaguemestre.errors import ConfigurationError
from vaguemestre.locale import _
from vaguemestre.model import Credential
from vaguemestre.vault_keys import read_keys

if TYPE_CHECKING:
    from vaguemestre.config import VaultConfig

_FORMAT = b"VMV1"
_ID, _NONCE, _KEY, _TAG = 8, 12, 32, 16
_WRAPPED = _NONCE + _KEY + _TAG
_HEAD = len(_FORMAT) + _ID


class Vault:
    """Seals with the first of `keys` (32 bytes each) and opens what any of them sealed."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = {_key_id(key): key for key in keys}
        self._id, self._key = _key_id(keys[0]), keys[0]

    @classmethod
    def from_config(cls, config: VaultConfig) -> Vault:
        """The vault with this deployment's key; a missing key file is made.

        Raises ConfigurationError if there is no usable key, with what to do.
        """
        return cls(*read_keys(config.key_file))

    def __repr__(self) -> str:
        return f"Vault({self._id.hex()})"

    def seal(self, name: str, fields: Mapping[str, str]) -> bytes:
        """`fields` sealed as the entry `name`. Sealing twice never gives the same bytes."""
        data_key = secrets.token_bytes(_KEY)
        plain = msgspec.json.encode(dict(fields))
        return self._wrap(name, data_key) + _encrypt(data_key, plain, _bound("fields", name))

    def open(self, name: str, sealed: bytes) -> Credential:
        """The entry `name`. Raises ConfigurationError if the key is another one, or if the bytes
        were changed or belong to another entry."""
        data_key = self._unwrap(name, sealed)
        body = sealed[_HEAD + _WRAPPED :]
        plain = _decrypt(data_key, body, _bound("fields", name), name)
        return Credential(name=name, fields=msgspec.json.decode(plain, type=dict[str, str]))

    def rewrap(self, name: str, sealed: bytes, new: Vault) -> bytes:
        """The entry for the key of `new`. Raises ConfigurationError as `open` does."""
        self.open(name, sealed)  # what is damaged must not be passed on as sound
        return new._wrap(name, self._unwrap(name, sealed)) + sealed[_HEAD + _WRAPPED :]

    def sealed_by_first_key(self, sealed: bytes) -> bool:
        """Whether the entry needs no `rewrap` for this vault's first key."""
        return sealed[:_HEAD] == _FORMAT + self._id

    def _wrap(self, name: str, data_key: bytes) -> bytes:
        return _FORMAT + self._id + _encrypt(self._key, data_key, _bound("key", name))

    def _unwrap(self, name: str, sealed: bytes) -> bytes:
        if sealed[: len(_FORMAT)] != _FORMAT or len(sealed) < _HEAD + _WRAPPED + _NONCE + _TAG:
            raise _damaged(name)
        key = self._keys.get(sealed[len(_FORMAT) : _HEAD])
        if key is None:
            raise ConfigurationError(
                _(
                    "the secret {name} was sealed with another vault key: put that key back, or "
                    "set the secret again with: vaguemestre secrets set {name}"
                ).format(name=name)
            )
        return _decrypt(key, sealed[_HEAD : _HEAD + _WRAPPED], _bound("key", name), name)


def _key_id(key: bytes) -> bytes:
    """Tells keys apart without giving one away."""
    return hashlib.sha256(b"vaguemestre vault key id\0" + key).digest()[:_ID]


def _bound(part: str, name: str) -> bytes:
    return b"\0".join((_FORMAT, part.encode(), name.encode()))


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes, name: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except InvalidTag:
        raise _damaged(name) from None


def _damaged(name: str) -> ConfigurationError:
    return ConfigurationError(
        _(
            "the secret {name} is damaged or was tampered with: set it again with: "
            "vaguemestre secrets set {name}"
        ).format(name=name)
    )
