"""What was measured: its form, where it is kept, and whether it still speaks of the registry at hand."""
