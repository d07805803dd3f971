"""The scan for leaked secrets: what it finds, what it leaves alone, and how it reports."""
