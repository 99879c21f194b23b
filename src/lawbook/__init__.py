"""Lawbook, the living registry of learning mechanics.

The three names below are the whole contract between the engine and a checker.
"""

from lawbook.contract import Measurement, Panel, Trials

__all__ = ["Measurement", "Panel", "Trials"]
__version__ = "0.1.0"
