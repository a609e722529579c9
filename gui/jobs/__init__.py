"""Jobs: work in threads and processes, and the progress that it reports."""
