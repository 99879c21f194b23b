"""Set-ups that several experiments share: a task, its networks, how it is trained; one a module."""
