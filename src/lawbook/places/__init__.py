"""Where Lawbook may write and delete: which places are the registry's own, and which folders it made itself."""
