"""Codec "multiscale" (id 3): octree levels coarse to fine, a network and adaptive contexts mixed for each child."""
