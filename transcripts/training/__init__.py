"""Trains the demonstration model from synthetic voices alone; needs the training dependencies."""
