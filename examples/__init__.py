"""Small apps that show one thing each; the tests run them."""
