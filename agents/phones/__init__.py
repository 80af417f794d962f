"""The telephone in the browser: its credentials, which line a seat is rung on."""
