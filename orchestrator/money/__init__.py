"""What calls may cost and did: holds, counters, forecasts, savings."""
