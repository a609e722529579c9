"""Clouds from and to objects of other packages. One module for each package; it loads on first use.

`octavox.codec.cloud.conversions` has the public methods and their descriptions.
"""
