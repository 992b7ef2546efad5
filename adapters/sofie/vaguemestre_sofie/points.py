"""The points around a run of SOFiE at which crash tests stop the daemon."""

from __future__ import annotations

from vaguemestre.api import declare_points, point

POINTS = {
    "sofie.recorded": "what is about to be given to SOFiE is durable, the file not yet there",
    "sofie.fed": "the file lies in the outgoing folder, SOFiE is not started",
    "sofie.waiting": "the process of a run is durable, SOFiE itself not yet started",
    "sofie.started": "SOFiE runs",
    "sofie.ended": "a run is over, nothing was looked at",
    "sofie.judged": "what became of the file is known, nothing was written",
    "sofie.taken_back": "the untouched file is out of the outgoing folder, not yet noted",
    "sofie.moved": "a decrypted file was moved away",
}

declare_points(POINTS)

__all__ = ["POINTS", "point"]
