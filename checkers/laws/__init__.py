"""Experiments on empirical laws."""
