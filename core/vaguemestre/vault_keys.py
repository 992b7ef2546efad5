"""Where the vault's master key comes from: a systemd credential, the environment, or a key file
that only its owner can read. Also replaces a key file, so that a crash half-way loses nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from vaguemestre.errors import ConfigurationError
from vaguemestre.files import sync_folder, write_durably
from vaguemestre.locale import _

#: AES-256.
KEY_BYTES = 32
#: Name of the credential in systemd's LoadCredential=.
CREDENTIAL = "vaguemestre-vault-key"
VARIABLE = "VAGUEMESTRE_VAULT_KEY"


def read_keys(key_file: Path) -> list[bytes]:
    """The master key first; behind it the next one, if a rotation was interrupted.

    systemd's credential comes first, then the environment variable (base64), then `key_file`, which
    is made if it is missing. Raises ConfigurationError with what to do.
    """
    given = _given()
    if given is not None:
        return [given]
    if not _exists(key_file):
        _make(key_file)
    keys = [_read(key_file)]
    following = _next(key_file)
    if _exists(following):
        keys.append(_read(following))
    return keys


def begin_rotation(key_file: Path) -> bytes:
    """Make the next key beside `key_file`, or find the one of an interrupted rotation.

    From now on `read_keys` gives both. Wrap every secret again, then call `finish_rotation`.
    Raises ConfigurationError if the key does not come from the file.
    """
    if _given() is not None:
        raise ConfigurationError(
            _(
                "the vault key comes from systemd or from ${variable}, not from a file: it can "
                "only be rotated where it is kept"
            ).format(variable=VARIABLE)
        )
    following = _next(key_file)
    if not _exists(following):
        _make(following)
    return _read(following)


def finish_rotation(key_file: Path) -> None:
    """Put the next key in the place of the old one. Raises ConfigurationError."""
    try:
        _next(key_file).replace(key_file)
        sync_folder(key_file.parent)
    except OSError as error:
        raise _unusable(key_file, error) from error


def _next(key_file: Path) -> Path:
    return key_file.with_name(key_file.name + ".next")


def _given() -> bytes | None:
    """The key that systemd or the environment gives."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder:
        credential = Path(folder, CREDENTIAL)
        try:
            return _decode(credential.read_bytes(), str(credential))
        except FileNotFoundError:
            pass  # systemd gives this service other credentials
        except OSError as error:
            raise _unusable(credential, error) from error
    value = os.environ.get(VARIABLE)
    return _decode(value.encode(), f"${VARIABLE}") if value else None


def _decode(content: bytes, source: str) -> bytes:
    """32 bytes as they are, or in base64."""
    if len(content) == KEY_BYTES:
        return content
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            _("{source} does not hold a vault key: {count} bytes in base64 are expected").format(
                source=source, count=KEY_BYTES
            )
        )
    return key


def _exists(file: Path) -> bool:
    try:
        file.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unusable(file, error) from error
    return True


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(4 * KEY_BYTES)
    except OSError as error:
        raise _unusable(file, error) from error
    if os.name == "posix" and mode & 0o077:
        raise ConfigurationError(
            _(
                "other users can read the vault key {file}: consider whether it is known to "
                "somebody, then: chmod 600 {file}"
            ).format(file=file)
        )
    return _decode(content, str(file))


def _make(file: Path) -> None:
    """Make a key file that is whole or not there; one that appears meanwhile is kept."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    content = base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    try:
        write_durably(beside, content, mode=0o600)
        _place(beside, file, content)
        sync_folder(file.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise _unusable(file, error) from error


def _place(beside: Path, file: Path, content: bytes) -> None:
    """Give the new file its name unless it is taken. Raises FileExistsError, OSError."""
    try:
        file.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    finally:
        beside.unlink(missing_ok=True)


def _unusable(file: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        _("the vault key {file} cannot be used: {error}").format(
            file=file, error=error.strerror or type(error).__name__
        )
    )
