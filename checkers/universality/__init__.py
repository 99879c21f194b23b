"""Experiments on universal behaviour, and the probes of open problems that belong there."""
