"""Params laid over one another: a control's over its tier's, one field of a setting at a time.

Only a setting is given as a mapping (lint refuses checkers that take a plain one), so no signature is needed to know
what merges by fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_params(*layers: Mapping[str, Any] | None) -> dict[str, Any]:
    """The params of all layers, later ones first; where two give a mapping, its fields merge one by one."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in (layer or {}).items():
            before = merged.get(name)
            if isinstance(before, dict) and isinstance(value, dict):
                value = {**before, **value}
            merged[name] = value
    return merged


def dotted(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params with the fields of a setting as `setting.width`; an empty mapping stays as it is."""
    flat: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, dict) and value:
            flat |= {f"{name}.{field}": item for field, item in value.items()}
        else:
            flat[name] = value
    return flat


def undotted(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The params of dotted names: `setting.width` is the field `width` of the mapping `setting`."""
    layers = []
    for name, value in flat.items():
        parameter, dot, field = name.partition(".")
        layers.append({parameter: {field: value}} if dot else {name: value})
    return merge_params(*layers)
