"""Jobs: work in threads and processes, and what it tells of its way."""
