"""The upsampling network: the children of occupied nodes, guessed at once, exactly alike everywhere."""
