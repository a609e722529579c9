"""Coders of attributes: colours, intensities and other properties of points."""
