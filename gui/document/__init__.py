"""State and rules of the window, free of Qt and VTK; all of it runs and is tested without a display."""
