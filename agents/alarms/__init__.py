"""Alarms (告警): rules of the bureau on what goes on, acknowledged by a person, kept as history."""
