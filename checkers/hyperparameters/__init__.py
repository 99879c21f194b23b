"""Experiments on hyperparameter theory."""
