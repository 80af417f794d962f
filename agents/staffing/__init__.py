"""How many lawyers a half-hour needs: Erlang's formulas, and history turned into demand."""
