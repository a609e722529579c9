"""Many files on many processes and machines: encoding, decoding, verifying, measuring (docs/batch.md)."""
