"""Vectors of sixteen integers in compiled loops: the operations of networks, mixers and counters on a CPU."""
