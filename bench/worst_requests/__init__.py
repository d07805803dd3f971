"""What the worst request to each parser costs."""
