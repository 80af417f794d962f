"""The demonstration: scripted callers and lawyers on a real Asterisk."""
