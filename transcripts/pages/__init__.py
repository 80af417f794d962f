"""Panels of a ticket's page: the recording with its transcript, and the score with its evidence."""
