"""The rota (排班): who is on duty when, at which seat; leave, swaps, attendance, calendar, xlsx."""
