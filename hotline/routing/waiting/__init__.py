"""What callers hear and may do while they wait: position, expected wait, comfort, call-back."""
