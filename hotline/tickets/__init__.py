"""The ticket (工单): what a call was about and what became of it."""
