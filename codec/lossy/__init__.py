"""Lossy geometry: octree levels that are not coded, and come back as guesses, exactly alike everywhere."""
