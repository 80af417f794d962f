"""The public pages (群众端): what anybody may read, ask and follow without an account."""
