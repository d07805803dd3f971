"""The doctor: every fault that it knows is caused here, or in tests/deploy on other databases."""
