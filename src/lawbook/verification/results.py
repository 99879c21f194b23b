"""A job's result on its way out of the worker: data in JSON, never anything that could run in the engine."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from lawbook.verification.jobs import Failure, Lost, Measured, Missing, Result

FORMS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in (Measured, Failure, Lost, Missing)}
# Bytes. A measurement is numbers and curves for a page.
LARGEST_RESULT = 256 * 2**20


class NoResultError(ValueError):
    """The bytes hold no result of a job."""


def dump_result(result: Result) -> bytes:
    """The result as one JSON text; floats come back bit for bit, NaN and infinities too.

    Half a character, which no JSON can hold, becomes a question mark.
    """
    plain = {field.name: _whole(getattr(result, field.name)) for field in fields(result)}
    return to_json({"form": type(result).__name__, "result": plain}, inf_nan_mode="constants")


def load_result(content: bytes) -> Result:
    """The result that a worker wrote; raises NoResultError for anything else."""
    try:
        held = from_json(content)
        result: Result = FORMS[held["form"]].validate_python(held["result"])
    except (ValueError, KeyError, TypeError) as error:
        raise NoResultError(str(error)) from None
    return result


def _whole(value: Any) -> Any:
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
