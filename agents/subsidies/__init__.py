"""Subsidies (补贴): a month's statement, confirmed by whom it pays, approved, locked, exported."""
