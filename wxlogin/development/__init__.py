"""What `make run` adds to the app: a store, a stand-in for WeChat, a server and a watch."""
