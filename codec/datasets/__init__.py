"""Datasets for training: from meshes and clouds to occupied blocks of 64^3 (paper section 4.1)."""
