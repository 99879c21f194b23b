"""Measuring devices: curvature, kernels, similarity, spectra, power-law fits, each for a whole batch of runs."""
