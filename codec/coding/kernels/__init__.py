"""Compiled loops on integer matrices: what inference on a CPU is made of."""
