"""From measured numbers to outcomes: estimates with their intervals, the comparison with a region, a claim's
status.
"""
