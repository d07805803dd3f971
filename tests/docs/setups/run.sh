# `make run` in another terminal.
make run
