"""Looking around before anything is claimed: one check in this process, with other parameters, nothing recorded."""
