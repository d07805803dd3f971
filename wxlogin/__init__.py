"""wxlogin: the login backend of WeChat mini-programs."""
