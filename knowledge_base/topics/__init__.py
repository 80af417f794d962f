"""Topics of legal questions: ``taxonomy`` names them, ``classifier`` guesses them."""
