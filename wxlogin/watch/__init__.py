"""The watch: what is seen, counted, judged and told."""
