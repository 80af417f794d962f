"""From a recording to a checked answer: speech, redaction, scoring, review."""
