"""Those who operate: their accounts, their sessions, their tokens, what each may do."""
