"""Topics of legal questions: the taxonomy and the classifier."""
