"""An Asterisk of our own: install, render, start, stop."""
