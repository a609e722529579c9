"""Coders of attributes: the columns that points have beside their coordinates."""
