"""The gate that every request passes: who asks, from where, with what body."""
