"""Live help: both legs of a running talk as words, and what of law fits what was just said."""
