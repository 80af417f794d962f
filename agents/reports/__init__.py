"""Reports (报表): the day, week, month and year on one page, with what each figure means."""
