"""The one way to log: loguru to standard error or a file, for people or as JSON lines.

Every line goes through redaction, with its extra values and its traceback. Sinks are synchronous
(loguru drops asynchronous ones under trio). What libraries log with the standard module arrives
here too, from WARNING on: httpx tells addresses below that.
"""

from __future__ import annotations

import json as json_module
import logging
import sys
import traceback
from datetime import UTC
from typing import TYPE_CHECKING, Any

from loguru import logger

from vaguemestre.errors import ConfigurationError
from vaguemestre.locale import _
from vaguemestre.redaction import (
    MASK,
    SECRET_NAME,
    redact,
    register_credential,
    register_secret,
)

if TYPE_CHECKING:
    from loguru import FormatFunction, Record

    from vaguemestre.config.schema import LogConfig

__all__ = ["configure", "redact", "register_credential", "register_secret"]

#: A log file is begun anew at this size, and so many old ones are kept: some weeks of a busy site.
_ROTATION, _RETENTION = "20 MB", 10
_TEXT = "_text"

_ours: list[int] = []


def configure(config: LogConfig, *, json: bool = False) -> None:
    """Log as `config` says, as JSON lines if `json`. May be called again.

    Raises ConfigurationError if the log file cannot be written.
    """
    as_json = json or config.format == "json"
    line = _json_line if as_json else _human_line
    _remove_ours()
    if config.file is None:
        _ours.append(_add_standard_error(config.level, line, colour=not as_json))
    else:
        _ours.append(_add_file(config, line))
    logger.configure(patcher=_redact_record)
    logging.basicConfig(handlers=[_FromStandardLogging()], level=logging.WARNING, force=True)


def _remove_ours() -> None:
    """Take away the sinks of an earlier call, and loguru's own first one."""
    for sink in _ours or [0]:
        try:
            logger.remove(sink)
        except ValueError:  # somebody else took it away
            continue
    _ours.clear()


def _add_standard_error(level: str, line: FormatFunction, *, colour: bool) -> int:
    return logger.add(
        sys.stderr,
        level=level,
        format=line,
        colorize=None if colour else False,
        enqueue=False,
        backtrace=False,
        diagnose=False,
    )


def _add_file(config: LogConfig, line: FormatFunction) -> int:
    assert config.file is not None  # noqa: S101 - the caller looked
    try:
        return logger.add(
            config.file,
            level=config.level,
            format=line,
            colorize=False,
            encoding="utf-8",
            rotation=_ROTATION,
            retention=_RETENTION,
            enqueue=False,
            backtrace=False,
            diagnose=False,
        )
    except OSError as error:
        raise ConfigurationError(
            _("the log file {file} cannot be written: {error}").format(
                file=config.file, error=error.strerror or type(error).__name__
            )
        ) from error


# -- lines


def _human_line(record: Record) -> str:
    """A template without the message's own text: braces and < in it mean nothing to loguru."""
    text = "\n".join(filter(None, [redact(record["message"]), _exception(record)]))
    record["extra"][_TEXT] = text.replace("\n", "\n    ")  # a forged line would be indented
    return (
        "<dim>{time:YYYY-MM-DD HH:mm:ss.SSS}</dim> <level>{level: <7}</level> {extra["
        + _TEXT
        + "]}\n"
    )


def _json_line(record: Record) -> str:
    line = {
        "time": record["time"].astimezone(UTC).isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "message": redact(record["message"]),
        "module": record["name"],
    }
    extra = {k: v for k, v in record["extra"].items() if k != _TEXT}
    if extra:
        line["extra"] = _clean(extra)
    if record["exception"] is not None:
        line["exception"] = _exception(record)
    record["extra"][_TEXT] = json_module.dumps(line, ensure_ascii=False, default=_as_text)
    return "{extra[" + _TEXT + "]}\n"


def _exception(record: Record) -> str:
    """The redacted traceback, or ""."""
    found = record["exception"]
    if found is None or found.value is None:
        return ""
    return redact("".join(traceback.format_exception(found.value))).rstrip()


# -- redaction


def _redact_record(record: Record) -> None:
    """For sinks that are not ours: message and extra values hold no secret from here on."""
    record["message"] = redact(record["message"])
    record["extra"] = _clean(record["extra"])


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {k: MASK if SECRET_NAME.fullmatch(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


def _as_text(value: object) -> str:
    return redact(str(value))


class _FromStandardLogging(logging.Handler):
    """Hands what libraries log to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        text = f"{record.name}: {record.getMessage()}"
        logger.opt(exception=record.exc_info).log(level, "{}", text)
