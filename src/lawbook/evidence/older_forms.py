"""Records of earlier forms, brought to the present one as they are read; their files stay as they are."""

from __future__ import annotations

from typing import Any


def upgrade(content: Any) -> Any:
    """The plain data of a record in the present form; whatever is no record is given back as it is.

    Form 1 had no device token, and its curves inside: they are not drawn any more, for their form is gone.
    """
    if not isinstance(content, dict) or content.get("schema_version") != 1:
        return content
    kept = {key: value for key, value in content.items() if key != "curves"}
    kept |= {"schema_version": 2, "device": content.get("device_kind", "cpu")}
    if isinstance(kept.get("controls"), list):
        kept["controls"] = [_without_curves(control) for control in kept["controls"]]
    return kept


def _without_curves(control: Any) -> Any:
    if not isinstance(control, dict):
        return control
    return {key: value for key, value in control.items() if key != "curves"}
