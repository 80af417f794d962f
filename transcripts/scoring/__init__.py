"""Scores an answer as it was spoken: claims against cards and statutes, each with its evidence."""
