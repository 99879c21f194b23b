"""A record as the text of its file."""

from __future__ import annotations

import json
from typing import Any

from lawbook.evidence.record import Record


def record_text(record: Record) -> bytes:
    """JSON with one line a key, and one a control: small, and readable in a diff. Panels are left to their own file."""
    lines = []
    plain = record.model_dump(mode="json", exclude={"panels": True, "controls": {"__all__": {"panels"}}})
    for key, value in plain.items():
        if key in ("controls", "rivals") and value:
            items = ",\n".join(f"  {_compact(item)}" for item in value)
            lines.append(f"{json.dumps(key)}: [\n{items}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {_compact(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
