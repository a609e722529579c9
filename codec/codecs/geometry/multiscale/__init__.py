"""Codec "multiscale" (id 3): a network and adaptive contexts, mixed for each child of an octree."""
