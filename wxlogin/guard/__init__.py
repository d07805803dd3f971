"""The gate that every request passes: connection, limits, authentication, signatures, bodies."""
