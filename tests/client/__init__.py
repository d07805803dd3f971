"""The mini-program client on this server: its tests run in Node, and what they need stands here."""
