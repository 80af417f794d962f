"""Pages of the people who answer and lead: wallboard (大屏), tickets (工单), seat (坐席)."""
