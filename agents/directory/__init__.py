"""Who answers, entered from a file (人员名册): lawyers, stations, other districts' centres."""
