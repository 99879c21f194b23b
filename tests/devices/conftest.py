"""The small arms, loaded once for all modules of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_NAME = "small_arms"
if _NAME not in sys.modules:
    _SPECIFICATION = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name(f"{_NAME}.py"))
    assert _SPECIFICATION is not None
    assert _SPECIFICATION.loader is not None
    sys.modules[_NAME] = importlib.util.module_from_spec(_SPECIFICATION)
    _SPECIFICATION.loader.exec_module(sys.modules[_NAME])
