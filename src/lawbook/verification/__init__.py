"""From the registry to records: what to run, where and how it runs, and the state of what is running."""
