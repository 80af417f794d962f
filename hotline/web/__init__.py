"""The web server: sign-in, roles, audit and the design of all pages."""
