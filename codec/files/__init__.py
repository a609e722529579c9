"""Files: bytes read, and files replaced only when complete."""
