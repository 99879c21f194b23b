"""The experiments: each module holds checkers that claims name, measured by instruments on testbeds against theory."""
