"""What wxlogin costs, measured beside what else one would use. `make bench` runs it."""
