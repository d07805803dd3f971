"""What goes in and out of the admin API, a module a subject."""
