"""What the queue looked like at a moment of the past (某一时刻的排队情况)."""
