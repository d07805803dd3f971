"""What the admin decides, a module a subject; the API and the console call the same."""
