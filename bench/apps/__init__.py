"""The apps that are measured beside wxlogin, each as its own documentation would write it."""
