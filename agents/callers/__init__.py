"""Whom we call and whom we don't: call-backs, follow-up calls, blocked numbers."""
