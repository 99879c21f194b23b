"""Experiments on tractable limits: width, depth, step size, batch size."""
